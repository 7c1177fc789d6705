"""The registry of datasets of a block: everything that lists them asks here."""

from __future__ import annotations

from collections.abc import Iterable

from extractors.chain.blocks import BLOCKS
from extractors.chain.dataset import Dataset
from extractors.chain.errors import UnknownDataset
from extractors.chain.logs import LOGS
from extractors.chain.transactions import TRANSACTIONS
from extractors.chain.transfers import TRANSFERS

DATASETS: dict[str, Dataset] = {d.name: d for d in (BLOCKS, TRANSACTIONS, LOGS, TRANSFERS)}
"""Every dataset of a block, by name, in the order in which they are read and shown."""


def select(names: Iterable[str] = ()) -> tuple[Dataset, ...]:
    """The datasets of these names, or the default ones if none is named; raises UnknownDataset.

    >>> [d.name for d in select(["logs", "blocks"])]
    ['blocks', 'logs']
    """
    wanted = list(names)
    for name in wanted:
        if name not in DATASETS:
            raise UnknownDataset(f"there is no dataset {name[:60]!r}", remedy=f"choose from {', '.join(DATASETS)}")
    return tuple(d for d in DATASETS.values() if (d.name in wanted if wanted else d.default))


def help_text() -> str:
    """The datasets with a line each, as `--help` and the documentation show them."""
    width = max(len(name) for name in DATASETS)
    return "\n".join(f"{d.name:<{width}}  {d.help}" for d in DATASETS.values())
