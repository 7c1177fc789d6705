"""How anything gets into the graph: whether a source is to be read, claims added, and what the ingest reports.

Adding is idempotent; claims that were withdrawn stay out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pyoxigraph import Quad

from anchoring.errors import TriplockError
from kg.claims.model import Claim, Trust
from kg.claims.quads import claim_iri, claim_quads

if TYPE_CHECKING:
    from extractors.models.errors import AskingEnded
    from kg.workspace.merging import MergeReport
    from kg.workspace.revising import Revision
    from kg.workspace.workspace import Workspace


@dataclass(slots=True)
class IngestReport:
    """What an ingest did. `failed` are (path, error), `skipped` (path, reason).

    `claims_read` are those of fixed code, `claims_inferred` those of what reads the prose, `claims_weighed` those that
    learnt weights made of whole documents. `reasons` counts why chunks failed. `ended` says why reading ended before
    all was read, with `left` files not whole.
    """

    documents: int = 0
    unchanged: int = 0
    claims_read: int = 0
    claims_inferred: int = 0
    claims_weighed: int = 0
    chunks: dict[str, int] = field(default_factory=lambda: {"done": 0, "empty": 0, "failed": 0})
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    money: float = 0.0
    calls: int = 0
    kept: int = 0
    failed: list[tuple[str, TriplockError]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)
    revised: list[Revision] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    ended: AskingEnded | None = None
    left: int = 0
    merges: MergeReport | None = None

    @property
    def complete(self) -> bool:
        """Whether every document and chunk ended as done or empty."""
        return not self.failed and not self.chunks["failed"] and self.ended is None


class Progress(Protocol):
    """Called with what is being read, how many of its parts are through, how many there are, and how fast it goes."""

    def __call__(self, what: str, done: int, total: int, speed: str = "") -> None:
        """Show it."""


def silent(what: str, done: int, total: int, speed: str = "") -> None:
    """No progress."""


def begin(workspace: Workspace, path: Path, cid: str, report: IngestReport, *, again: bool) -> bool:
    """Whether this source is to be read: not if it was withdrawn, unless `again`."""
    withdrawn = workspace.sources.withdrawals()
    if cid in withdrawn:
        if not again:
            report.skipped.append((str(path), f"withdrawn before ({withdrawn[cid]}); read it with --again"))
            return False
        workspace.sources.restore(cid)
    return True


def add(workspace: Workspace, quads: Iterable[Quad]) -> None:
    """Put quads into the graph; nothing changes when all are there."""
    workspace.store.apply(list(quads), [], workspace.store.generation)


def add_claims(workspace: Workspace, claims: Iterable[Claim]) -> int:
    """Put claims into the graph, but for those that were withdrawn or rejected; how many are in it then.

    A person who rejected a claim has rejected the same statement from the same words, whatever document has them.
    """
    withdrawn, refused = workspace.sources.withdrawals(), workspace.verdicts.refused()
    kept = [
        claim
        for claim in claims
        if claim_iri(workspace.mint, claim).value not in withdrawn and _said(claim) not in refused
    ]
    add(workspace, claim_quads(workspace.mint, kept))
    return len(kept)


def _said(claim: Claim) -> tuple[str, str] | None:
    """The quote and the statement of a model's claim, as verdicts keep them."""
    if claim.activity.trust is not Trust.INFERRED or claim.span is None:
        return None
    subject, predicate, value = claim.statements[0]
    return claim.span.quote, f"{subject} {predicate} {value} ."
