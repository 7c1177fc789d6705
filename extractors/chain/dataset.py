"""What a dataset is: one kind of fact about a block, and how a block record becomes its statements.

Each dataset has a file of its own; `extractors.chain.datasets` lists them, and help and documentation come from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from extractors.chain.model import BlockRecord
from kg.claims.model import Statement

Transform: TypeAlias = Callable[[BlockRecord], tuple[list[Statement], list[str]]]
"""From a block to its statements, and the reasons for what was left aside. Does no I/O."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset. `needs` names what it reads of a block: "header", "transactions", "logs".

    `from_header` says that all its statements stand in the header, so that they are `hashed` where that is.
    `default` says whether it is read when none is named.
    """

    name: str
    help: str
    needs: str
    transform: Transform
    from_header: bool = False
    default: bool = True
