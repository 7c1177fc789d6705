"""Frees the space of versions that are no longer wanted: whatever nothing that is kept refers to is removed.

Kept are the newest versions, those on their way to the chain, those pinned by hand, and of every version its manifest,
signature and directory, so that the history can be followed. Kept are the documents that the graph or a kept version
was read from, and whatever was pinned in the block folder by others than triplock.
What is kept is marked first, and nothing is removed if that cannot be read in full.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from anchoring.blockstores.errors import BlockNotFound
from anchoring.encoding.cid import DAG_PB, BadCid, Cid
from anchoring.encoding.dag_pb import decode
from anchoring.encoding.unixfs_reader import read_directory
from anchoring.errors import InputRefused, TriplockError, WrongUsage
from anchoring.signing.manifest import MANIFEST_NAME, SIGNATURE_NAME, Manifest
from kg.claims import vocabulary as v
from kg.workspace import clone_state, kept
from kg.workspace.source_list import listed_sources

if TYPE_CHECKING:
    from kg.jobs.versions import VersionRecord
    from kg.workspace.workspace import Workspace

_LEFT_BEHIND = 3600.0
"""Seconds after which a temporary file is one that a crash left behind."""


class VersionIncomplete(InputRefused):
    """A version that is to be kept lacks blocks, so it cannot be told which others belong to it."""

    code = "version-incomplete"


@dataclass(slots=True)
class Kept:
    """Something that is kept, why, and what it takes beside what stands above it in the list."""

    what: str
    why: str
    blocks: int = 0
    bytes: int = 0


@dataclass(slots=True)
class Collected:
    """What is kept and what goes; `versions` are the numbers of those that go."""

    kept: list[Kept] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    blocks: int = 0
    bytes: int = 0
    pins: int = 0
    removed: bool = False

    def as_json(self) -> dict[str, object]:
        """The document for `--json`."""
        return {
            "removed": self.removed,
            "blocks": self.blocks,
            "bytes": self.bytes,
            "pins": self.pins,
            "versions": self.versions,
            "kept": [
                {"what": each.what, "why": each.why, "blocks": each.blocks, "bytes": each.bytes} for each in self.kept
            ],
        }


def collect(workspace: Workspace, *, keep: int | None = None, dry_run: bool = False) -> Collected:
    """Remove what is not kept; `keep` is the number of newest published versions, None for all of them.

    A version that went before is not missed. With `dry_run` nothing is removed.
    Raises WrongUsage, VersionIncomplete, WorkspaceBusy, and BlockCorrupt.
    """
    if keep is not None and keep < 1:
        raise WrongUsage(f"{keep} versions are to be kept", remedy="keep 1 or more")
    with workspace.holding():
        marking = _Marking(workspace)
        versions = _versions(workspace, keep, here=True)
        for record, why in versions.items():
            if why:
                marking.version(record, why)
        marking.history(versions)
        marking.documents(versions)
        marking.others(versions)
        return marking.sweep(versions, dry_run=dry_run)


def given_up(workspace: Workspace, keep: int | None) -> list[VersionRecord]:
    """The published versions that `collect` would not keep."""
    return [record for record, why in _versions(workspace, keep).items() if not why and record.anchored]


def _versions(workspace: Workspace, keep: int | None, *, here: bool = False) -> dict[VersionRecord, str]:
    """Every version that was ever built here, and why it is kept: empty where it is not.

    What is kept `here` is no newest version that went before; elsewhere it may still be.
    """
    by_hand = kept.read(workspace)
    shown = clone_state.read(workspace).head if workspace.is_clone else ""
    resumable = {record.head for record in workspace.versions.given_up()}
    records = workspace.versions.all()
    newest: dict[str, list[str]] = {}
    for record in records:
        if record.anchored:
            newest.setdefault(record.graph, []).append(record.head)
    wanted = {head for heads in newest.values() for head in (heads if keep is None else heads[-keep:])}
    reasons = {}
    for record in (*records, *workspace.versions.dropped()):
        if record.head in by_hand:
            why = "pinned by hand"
        elif record.head == shown:
            why = "what the store holds"
        elif record.state != "dropped" and not record.anchored:
            why = f"on its way ({record.state})"
        elif record.head in resumable:
            why = "a transaction of it was signed"
        elif record.head in wanted and not (here and _went_before(record, workspace)):
            why = "published" if keep is None else f"one of the {keep} newest"
        else:
            why = ""
        reasons[record] = why
    return reasons


def _went_before(record: VersionRecord, workspace: Workspace) -> bool:
    """Whether an earlier collection removed the version: its data are gone and, unlike damaged ones, not pinned."""
    return not workspace.blocks.has(Cid.parse(record.data)) and set(_roots(record)).isdisjoint(workspace.blocks.pins())


class _Marking:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace, self.blocks = workspace, workspace.blocks
        self.marked: set[Cid] = set()
        self.roots: set[Cid] = set()
        self.known: set[Cid] = set()
        """Roots that triplock pinned itself, whether or not they are kept."""
        self.report = Collected()
        self.manifest = cache(self._manifest)

    def _manifest(self, record: VersionRecord) -> Manifest:
        return Manifest.decode(self.blocks.get(Cid.parse(record.manifest)))

    def mark(self, roots: Iterable[Cid], entry: Kept, *, whole: bool) -> None:
        """Mark all below the roots; with `whole` it is an error where something is not there."""
        waiting = list(roots)
        self.roots.update(waiting)
        while waiting:
            cid = waiting.pop()
            if cid in self.marked:
                continue
            self.marked.add(cid)
            try:
                entry.bytes += self.blocks.size(cid)
                entry.blocks += 1
                if cid.codec == DAG_PB:
                    waiting += [link.cid for link in decode(self.blocks.get(cid))[0]]
            except BlockNotFound:
                if whole:
                    raise VersionIncomplete(
                        f"{entry.what} is kept ({entry.why}) and lacks block {cid}",
                        remedy="fetch it again with `triplock pull`, or keep fewer versions",
                    ) from None
        if entry not in self.report.kept:
            self.report.kept.append(entry)

    def version(self, record: VersionRecord, why: str) -> None:
        """A version with all its files."""
        self.mark(_roots(record), Kept(f"version {record.number}", why), whole=True)
        with suppress(TriplockError):
            self.mark([entry.cid for entry in self.manifest(record).files], self.report.kept[-1], whole=True)

    def history(self, versions: Iterable[VersionRecord]) -> None:
        """Manifest, signature and directory of every version."""
        entry = Kept("manifests", "the history of the graph")
        for record in versions:
            alone = [Cid.parse(record.manifest)]
            if record.directory and record.state != "dropped":
                directory = Cid.parse(record.directory)
                alone.append(directory)
                with suppress(TriplockError):
                    shown = read_directory(directory, self.blocks)
                    alone += [shown[name] for name in (SIGNATURE_NAME, MANIFEST_NAME) if name in shown]
            if record.state == "dropped":
                continue
            for cid in alone:
                if cid not in self.marked and self.blocks.has(cid):
                    self.marked.add(cid)
                    entry.blocks += 1
                    entry.bytes += self.blocks.size(cid)
        if entry.blocks:
            self.report.kept.append(entry)

    def documents(self, versions: dict[VersionRecord, str]) -> None:
        """The documents of the graph and of the kept versions."""
        workspace = self.workspace
        wanted = {Cid.parse(record.cid) for record in workspace.sources.all() if record.state != "withdrawn"}
        wanted.update(self._used())
        for record, why in versions.items():
            for cid in self._listed(record):
                self.known.add(cid)
                if why:
                    wanted.add(cid)
        self.known.update(Cid.parse(record.cid) for record in workspace.sources.all())
        self.mark(sorted(wanted), Kept("documents", "what the graph or a kept version was read from"), whole=False)

    def _used(self) -> Iterator[Cid]:
        for quad in self.workspace.store.match(predicate=v.USED):
            if isinstance(quad.object, NamedNode) and quad.object.value.startswith("ipfs://"):
                with suppress(BadCid):
                    yield Cid.parse(quad.object.value)

    def _listed(self, record: VersionRecord) -> Sequence[Cid]:
        try:
            return listed_sources(self.manifest(record), self.blocks)
        except TriplockError:
            return ()

    def others(self, versions: Iterable[VersionRecord]) -> None:
        """What is pinned in the folder and is no version and no document."""
        for record in versions:
            self.known.update(_roots(record))
            with suppress(TriplockError):
                self.known.update(entry.cid for entry in self.manifest(record).files)
        foreign = [root for root in self.blocks.pins() if root not in self.known and root not in self.marked]
        if foreign:
            self.mark(foreign, Kept(f"{len(foreign)} other roots", "pinned in the block folder"), whole=False)

    def sweep(self, versions: dict[VersionRecord, str], *, dry_run: bool) -> Collected:
        """Remove pins, then blocks, nodes before what hangs below them."""
        report = self.report
        going = [cid for cid in self.blocks if cid not in self.marked]
        dropped = [root for root in self.blocks.pins() if root in self.known and root not in self.roots]
        report.blocks, report.pins = len(going), len(dropped)
        report.bytes = sum(self.blocks.size(cid) for cid in going)
        gone = set(going)
        report.versions = [
            record.number for record, why in versions.items() if not why and Cid.parse(record.data) in gone
        ]
        if dry_run:
            return report
        for root in dropped:
            self.blocks.unpin(root)
        for cid in sorted(going, key=lambda cid: cid.codec != DAG_PB):
            self.blocks.remove(cid)
        self.blocks.remove_unfinished(older_than=_LEFT_BEHIND)
        heads = {record.head.removeprefix("0x") for record, why in versions.items() if why}
        for file in (self.workspace.state / "versions").glob("*.index"):
            if file.stem not in heads:
                file.unlink(missing_ok=True)
        report.removed = True
        return report


def _roots(record: VersionRecord) -> list[Cid]:
    texts = [record.manifest, record.data, *([record.directory] if record.directory else [])]
    return [Cid.parse(text) for text in texts]
