"""What was refused of the model's answers and what failed, by document, chunk and reason."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from kg.errors import NoSuchStatement
from kg.jobs.sources import ChunkRecord, Rejected
from kg.workspace.withdraw import sources_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.workspace.workspace import Workspace

_PARTICULAR = re.compile(r"'[^']*'|\"[^\"]*\"|\b\d[\d.,]*|\bhttps?://\S+")


@dataclass(frozen=True, slots=True)
class Rejections:
    """What was refused, what failed, and how often for each kind of reason."""

    refused: tuple[Rejected, ...]
    failed: tuple[ChunkRecord, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How often each kind of reason was given, the most frequent first."""
        kinds = [kind_of(each.reason) for each in self.refused] + [kind_of(each.reason) for each in self.failed]
        return dict(sorted(Counter(kinds).items(), key=lambda item: (-item[1], item[0])))

    def as_json(self) -> dict[str, object]:
        """A document for `--json`."""
        return {
            "rejected": [asdict(each) for each in self.refused],
            "failed": [
                {"source": c.source, "start": c.start, "end": c.end, "extractor": c.extractor, "reason": c.reason}
                for c in self.failed
            ],
            "counts": self.counts,
        }


def rejections(workspace: Workspace, documents: Sequence[str] = (), reason: str = "") -> Rejections:
    """What was refused of these documents (CIDs or paths; all without any) for a reason that has this text in it.

    Raises NoSuchStatement for a document that was never read.
    """
    wanted: set[str] = set()
    for name in documents:
        named = sources_named(workspace, name)
        if not named:
            raise NoSuchStatement(f"{name[:200]!r} was never read", remedy="give a document's CID or its path")
        wanted.update(named)
    return Rejections(
        tuple(
            r
            for r in workspace.sources.rejected()
            if (not wanted or r.source in wanted) and reason.casefold() in r.reason.casefold()
        ),
        tuple(
            c
            for c in workspace.sources.chunks("failed")
            if (not wanted or c.source in wanted) and reason.casefold() in c.reason.casefold()
        ),
    )


def kind_of(reason: str) -> str:
    """A reason without what is particular to the one case.

    >>> kind_of("denied: 'not'"), kind_of("confidence 0.31 is under 0.50")
    ('denied', 'confidence … is under …')
    """
    return " ".join(_PARTICULAR.sub("…", reason).split()).removesuffix(": …")
