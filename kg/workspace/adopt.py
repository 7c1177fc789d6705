"""Takes claims of somebody else's graph into one's own: what they say, and where they said it.

The graph is a clone (kg.workspace.clone), so what it holds was verified in full. Claims are taken whole, since a claim
is the unit that is added and withdrawn. Doing it again adds nothing; what was withdrawn stays out.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from anchoring.dataset.walk import walk
from anchoring.encoding.cid import BadCid, Block, Cid
from anchoring.errors import InputRefused, TriplockError
from kg.claims import vocabulary as v
from kg.claims.adoption import MEDIA_TYPE, ForeignClaim, ForeignVersion, adopted_iri, adoption_quads, version_quads
from kg.jobs.sources import SourceRecord
from kg.workspace.foreign import Choice, chosen, version_of_clone
from kg.workspace.intake import add
from kg.workspace.merging import update_merges
from kg.workspace.provenance import activities_of
from kg.workspace.pull import NotAClone
from kg.workspace.workspace import Workspace

if TYPE_CHECKING:
    from anchoring.blockstores.protocol import BlockReader


class AdoptionWithdrawn(InputRefused):
    """What a version gave was withdrawn before."""

    code = "adoption-withdrawn"


@dataclass(slots=True)
class AdoptReport:
    """What was taken. `here` claims were there before, `withdrawn` ones stay out; `documents` came as blocks."""

    version: ForeignVersion
    claims: int = 0
    statements: int = 0
    quads: int = 0
    here: int = 0
    withdrawn: int = 0
    documents: int = 0
    licence: str = ""

    def as_json(self) -> dict[str, object]:
        """The document for `--json`."""
        return {
            "graph": str(self.version.graph),
            "version": self.version.number,
            "head": self.version.head,
            "manifest": str(self.version.manifest),
            "publisher": self.version.publisher or None,
            "licence": self.version.licence,
            "claims": self.claims,
            "statements": self.statements,
            "quads": self.quads,
            "alreadyHere": self.here,
            "withdrawn": self.withdrawn,
            "documents": self.documents,
        }


def adopt(
    workspace: Workspace, clone: str | Path, choice: Choice, *, again: bool = False, dry_run: bool = False
) -> AdoptReport:
    """Take the claims of the clone in folder `clone` that `choice` names into the graph of `workspace`.

    With `again` what was withdrawn comes back; with `dry_run` nothing is changed.
    Raises NotAClone, AdoptionWithdrawn, IsClone (one's own workspace is one), and what
    `kg.workspace.foreign.chosen` raises.
    """
    with Workspace.open(clone) as foreign:
        if not foreign.is_clone:
            raise NotAClone(
                f"{foreign.folder} is no clone of somebody else's graph",
                remedy="make one with `triplock clone GRAPH-ID DIR`, or read the graph's file with `triplock ingest`",
            )
        with workspace.changing(), foreign.holding():
            manifest, version = version_of_clone(foreign)
            report = AdoptReport(version)
            _restore_or_refuse(workspace, version, again=again, dry_run=dry_run)
            fresh = _fresh(workspace, version, chosen(foreign, manifest, choice), report, again=again, dry_run=dry_run)
            if fresh and not dry_run:
                _take(workspace, foreign, version, fresh, report)
                update_merges(workspace)
            return report


def _restore_or_refuse(workspace: Workspace, version: ForeignVersion, *, again: bool, dry_run: bool) -> None:
    target = str(version.manifest)
    reason = workspace.sources.withdrawals().get(target)
    if reason is None:
        return
    if not again:
        raise AdoptionWithdrawn(
            f"version {version.number} of {version.graph} was withdrawn before ({reason})", remedy="give --again"
        )
    if not dry_run:
        workspace.sources.restore(target)


def _fresh(
    workspace: Workspace,
    version: ForeignVersion,
    claims: Iterable[ForeignClaim],
    report: AdoptReport,
    *,
    again: bool,
    dry_run: bool,
) -> list[ForeignClaim]:
    """The claims that are not here yet and were not withdrawn."""
    withdrawn = workspace.sources.withdrawals()
    fresh = []
    for claim in claims:
        iri = adopted_iri(workspace.mint, version.graph, claim)
        if any(activities_of(workspace.store, iri)):
            report.here += 1
            continue
        if iri.value in withdrawn:
            if not again:
                report.withdrawn += 1
                continue
            if not dry_run:
                workspace.sources.restore(iri.value)
        fresh.append(claim)
        report.claims += 1
        report.statements += len(claim.statements)
    return fresh


def _take(
    workspace: Workspace, foreign: Workspace, version: ForeignVersion, claims: list[ForeignClaim], report: AdoptReport
) -> None:
    manifest = str(version.manifest)
    report.documents = _documents(workspace, foreign.blocks, claims)
    workspace.blocks.put([Block(version.manifest, foreign.blocks.get(version.manifest))], [version.manifest])
    record = SourceRecord(manifest, str(foreign.folder), MEDIA_TYPE, version.size, str(version.graph), "reading")
    workspace.sources.put(record)
    quads = dict.fromkeys(version_quads(workspace.mint, version))
    for claim in claims:
        quads.update(dict.fromkeys(adoption_quads(workspace.mint, version, claim)))
    before = len(workspace.store)
    add(workspace, quads)
    report.quads = len(workspace.store) - before
    workspace.sources.set_state(manifest, "done")


def _documents(workspace: Workspace, blocks: BlockReader, claims: Iterable[ForeignClaim]) -> int:
    """Take over the documents that the claims quote, as far as the clone has them, so that quotes can be shown."""
    named = {
        term.value.partition("#")[0]
        for claim in claims
        for term in (claim.derived_from, *(value for _, predicate, value in claim.said if predicate == v.USED))
        if term is not None and term.value.startswith("ipfs://")
    }
    count = 0
    for text in sorted(named):
        with suppress(BadCid):
            cid = Cid.parse(text)
            if not workspace.blocks.has(cid):
                with suppress(TriplockError):  # it is not here, or not whole
                    workspace.blocks.put(list(walk(cid, blocks)), [cid])
                    count += 1
    return count
