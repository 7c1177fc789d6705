"""Moves a clone to a version of its graph: head from the chain, blocks from anywhere, all of it verified, then loaded.

The steps are: anchor → manifest → blocks that are lacking → verification in full → store → ledger. Each leaves what
it has done behind, so the same call goes on after a failure or a crash, and the store holds the former version until
the one transaction that moves it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from anchoring.blockstores.protocol import BlockReader
from anchoring.blockstores.retrieval import Limits, Retrieved, TooMuch, retrieve
from anchoring.encoding.cid import RAW, Cid
from anchoring.encoding.unixfs_reader import read_file
from anchoring.errors import NotAllChecked, TriplockError, WrongUsage
from anchoring.signing.anchor import Anchor
from anchoring.signing.manifest import Manifest
from anchoring.verification.check_anchor import Chain
from anchoring.verification.fetch_version import cids_below, fetch_files, fetch_manifest, find_directory, hints_of
from anchoring.verification.verdict import Outcome, Verdict
from anchoring.verification.verify import verify_version
from kg.errors import CloneRefuted, NoSuchVersion
from kg.jobs.versions import VersionRecord
from kg.workspace import clone_state
from kg.workspace.clone_state import CloneState
from kg.workspace.clone_store import Moved, fill, move
from kg.workspace.places import Places
from kg.workspace.source_list import listed_sources

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

Progress = Callable[[str, int, int], None]
"""Called with what is going on, how much of it is done, and how much is known of."""

DOCUMENT_LIMITS = Limits(blocks=1 << 20, bytes=4 << 30)
_MOST_LISTED = 8 << 20


class NotAClone(WrongUsage):
    """The workspace is one's own, and nothing can be pulled into it."""

    code = "not-a-clone"


class VersionNotChecked(NotAllChecked):
    """A version could not be checked in full, as when it has too few confirmations; the store is as it was."""

    code = "version-not-checked"


@dataclass(slots=True)
class PullReport:
    """What was done. `moved` is how the store changed; `documents` are (here, listed); `history` older versions."""

    version: int
    graph: str
    new: bool
    retrieved: Retrieved = field(default_factory=Retrieved)
    moved: Moved = field(default_factory=Moved)
    directory: str = ""
    documents: tuple[int, int] = (0, 0)
    history: list[int] = field(default_factory=list)
    not_had: list[int] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """The document for `--json`."""
        return {
            "version": self.version,
            "graph": self.graph,
            "new": self.new,
            "added": self.moved.added,
            "removed": self.moved.removed,
            "blankNodes": self.moved.blank,
            "directory": self.directory or None,
            "retrieval": self.retrieved.as_json(),
            "documents": {"here": self.documents[0], "listed": self.documents[1]},
            "history": {"here": self.history, "missing": self.not_had},
        }


def silent(what: str, done: int, total: int) -> None:
    """Nobody looks."""


def pull(
    workspace: Workspace,
    *,
    places: Places | None = None,
    at: int | None = None,
    shallow: bool = False,
    progress: Progress = silent,
) -> PullReport:
    """Move a clone to the graph's newest version, or to version `at`, fetching only the blocks that it lacks.

    `places` come beside those that the settings name; with `shallow` the source documents and the older versions are
    left where they are.
    Raises NotAClone, NoSuchVersion, CloneRefuted where the version does not hold, VersionNotChecked where it could
    not be checked in full, BlocksMissing (what came is kept), and ServiceFailed leaves where chain or places fail.
    """
    if not workspace.is_clone:
        raise NotAClone(
            f"{workspace.folder} is a workspace of your own", remedy="make a clone with `triplock clone GRAPH-ID DIR`"
        )
    chosen = (places or Places()).beside(workspace.configuration.ipfs)
    with workspace.holding(), chosen.open() as readers:
        workspace.loading = True
        try:
            return _Pull(workspace, readers, chosen, progress).run(at, shallow=shallow)
        finally:
            workspace.loading = False


class _Pull:
    def __init__(
        self, workspace: Workspace, readers: Sequence[BlockReader], places: Places, progress: Progress
    ) -> None:
        self.workspace, self.readers, self.places, self.progress = workspace, readers, places, progress
        self.graph = workspace.chain.graph
        self.chain = Chain(workspace.chain.registry, workspace.configuration.chain.confirmations)

    def run(self, at: int | None, *, shallow: bool) -> PullReport:
        anchors = self.workspace.chain.registry.anchors(self.graph)
        anchor = self._chosen(anchors, at)
        state = clone_state.read(self.workspace)
        report = PullReport(anchor.version, str(self.graph), new=False)
        known = {record.head: record for record in self.workspace.versions.all(str(self.graph))}
        head = f"0x{anchor.head.hex()}"
        if state.head == head and not state.filling and head in known:
            report.directory = known[head].directory
            if not state.publisher:
                clone_state.write(self.workspace, replace(state, publisher=anchor.publisher))
        else:
            report.new = True
            self._load(anchor, state, report)
        if not shallow:
            manifest = self._manifest(anchor)
            report.documents = self._documents(manifest)
            self._history(anchors, anchor, known.keys(), report)
        return report

    def _chosen(self, anchors: Sequence[Anchor], at: int | None) -> Anchor:
        found = [anchor for anchor in anchors if at is None or anchor.version == at]
        if not found:
            raise NoSuchVersion(
                f"the chain knows no version {at} of {self.graph}" if at else f"nothing is published of {self.graph}",
                remedy=f"it knows versions 1 to {len(anchors)}" if anchors else "check the graph id and the endpoint",
            )
        return found[-1]

    def _manifest(self, anchor: Anchor) -> Manifest:
        return fetch_manifest(Cid(RAW, anchor.manifest), self.readers, self.workspace.blocks)

    def _load(self, anchor: Anchor, state: CloneState, report: PullReport) -> None:
        manifest = self._manifest(anchor)
        former = self._former(state)
        have = set(cids_below([entry.cid for entry in former.files], self.workspace.blocks)) if former else set()
        directory = self._directory(manifest, anchor.publisher)
        report.retrieved = fetch_files(
            manifest,
            self.readers,
            self.workspace.blocks,
            directory=directory,
            have=have,
            progress=partial(self.progress, f"blocks of version {anchor.version}"),
        )
        self.progress(f"verifying version {anchor.version}", 0, 1)
        self._verify(manifest, directory)
        self.progress(f"verifying version {anchor.version}", 1, 1)
        self._base(manifest, state)
        self._store(manifest, anchor, former, state, report)
        self._record(manifest, anchor, directory)
        report.directory = str(directory) if directory else ""

    def _former(self, state: CloneState) -> Manifest | None:
        """The manifest of the version that the store holds, if it holds one and its blocks are here."""
        if not state.version or state.filling:
            return None
        for record in self.workspace.versions.all(str(self.graph)):
            if record.head == state.head:
                try:
                    manifest = Manifest.decode(self.workspace.blocks.get(Cid.parse(record.manifest)))
                    for _ in cids_below([entry.cid for entry in manifest.files], self.workspace.blocks):
                        pass
                except TriplockError:
                    return None
                return manifest
        return None

    def _directory(self, manifest: Manifest, publisher: str) -> Cid | None:
        """The version's directory, where a place names it: the chain does not."""
        hints = [self.places.directory] if self.places.directory else []
        hints += hints_of(self.readers)
        for reader in (*self.readers, self.workspace.blocks):
            if found := find_directory(manifest, publisher, hints, reader):
                return found
        return None

    def _verify(self, manifest: Manifest, directory: Cid | None) -> None:
        verdict = verify_version(
            directory or manifest.block.cid, graph=self.graph, readers=[self.workspace.blocks], chain=self.chain
        )
        _hold(verdict, manifest)

    def _base(self, manifest: Manifest, state: CloneState) -> None:
        """Before the store is first filled: the base under which the publisher mints."""
        from kg.workspace.clone import take_base

        if not state.version:
            entry = next((entry for entry in manifest.files if entry.name == "void.ttl"), None)
            if entry and entry.size < _MOST_LISTED:
                take_base(self.workspace, read_file(entry.cid, self.workspace.blocks, at_most=entry.size))

    def _store(
        self, manifest: Manifest, anchor: Anchor, former: Manifest | None, state: CloneState, report: PullReport
    ) -> None:
        self.progress("loading", 0, manifest.quads)
        if state.version and not state.filling:
            report.moved = move(self.workspace, former, manifest, blank=state.blank)
        else:
            clone_state.write(self.workspace, replace(state, filling=True))
            report.moved = fill(self.workspace, manifest)
        if len(self.workspace.store) != manifest.quads:
            clone_state.write(self.workspace, replace(state, filling=True))
            raise CloneRefuted(
                f"the store holds {len(self.workspace.store)} statements where version {anchor.version} has"
                f" {manifest.quads}",
                remedy="run `triplock pull` again: the store is then filled anew",
            )
        clone_state.write(
            self.workspace,
            CloneState(
                anchor.version,
                f"0x{anchor.head.hex()}",
                f"0x{manifest.root.hex()}",
                report.moved.blank,
                publisher=anchor.publisher,
            ),
        )
        self.progress("loading", manifest.quads, manifest.quads)

    def _record(self, manifest: Manifest, anchor: Anchor, directory: Cid | None) -> None:
        roots = [directory] if directory else [manifest.block.cid, *(entry.cid for entry in manifest.files)]
        self.workspace.blocks.put((), roots)
        self.workspace.versions.put(
            VersionRecord(
                head=f"0x{anchor.head.hex()}",
                number=anchor.version,
                graph=str(self.graph),
                state="final",
                parent=f"0x{anchor.parent.hex()}",
                root=f"0x{anchor.root.hex()}",
                quads=anchor.quads,
                blocks=anchor.blocks,
                manifest=str(manifest.block.cid),
                directory=str(directory) if directory else "",
                data=str(manifest.data.cid),
                generation=self.workspace.store.generation,
                transaction_hash=f"0x{anchor.transaction.hex()}",
                block_number=anchor.block.number,
            )
        )

    def _documents(self, manifest: Manifest) -> tuple[int, int]:
        """Fetch the source documents that the version lists, as far as they are to be had: (here, listed)."""
        listed = listed_sources(manifest, self.workspace.blocks)
        with suppress(TooMuch):  # then they stay where they are, and the count says so
            retrieve(
                listed,
                self.readers,
                self.workspace.blocks,
                limits=DOCUMENT_LIMITS,
                progress=partial(self.progress, "documents"),
                require=False,
            )
        here = [cid for cid in listed if self._whole([cid])]
        self.workspace.blocks.put((), here)
        return len(here), len(listed)

    def _whole(self, roots: Sequence[Cid]) -> bool:
        blocks = self.workspace.blocks
        try:
            return all(blocks.has(cid) for cid in cids_below(roots, blocks))
        except TriplockError:
            return False

    def _history(self, anchors: Sequence[Anchor], newest: Anchor, known: object, report: PullReport) -> None:
        """Fetch older versions, as far as they are to be had; their blocks are checked, each version when asked for."""
        have = set(cids_below([entry.cid for entry in self._manifest(newest).files], self.workspace.blocks))
        for anchor in reversed(anchors[: newest.version - 1]):
            if f"0x{anchor.head.hex()}" in known:  # type: ignore[operator]
                report.history.append(anchor.version)
                continue
            try:
                manifest = self._manifest(anchor)
                if manifest.fields.head != anchor.head:
                    raise CloneRefuted(
                        f"the manifest of version {anchor.version} is another's", remedy="tell its owner"
                    )
                directory = self._directory(manifest, anchor.publisher)
                fetch_files(
                    manifest,
                    self.readers,
                    self.workspace.blocks,
                    directory=directory,
                    have=have,
                    progress=partial(self.progress, f"blocks of version {anchor.version}"),
                )
            except TriplockError:
                report.not_had.append(anchor.version)
                continue
            have.update(cids_below([entry.cid for entry in manifest.files], self.workspace.blocks))
            generation = self.workspace.store.generation
            self._record(manifest, anchor, directory)
            assert generation == self.workspace.store.generation  # noqa: S101 - only blocks came
            report.history.append(anchor.version)
        report.history.sort()
        report.not_had.sort()


def _hold(verdict: Verdict, manifest: Manifest) -> None:
    """Raises unless every check ran and holds."""
    if refuted := verdict.of(Outcome.REFUTED):
        raise CloneRefuted(
            f"version {manifest.version} does not hold: {refuted[0].name}: {refuted[0].detail}",
            remedy="do not rely on it; the clone stays as it was",
        )
    if unchecked := verdict.of(Outcome.UNCHECKED):
        raise VersionNotChecked(
            f"version {manifest.version} could not be checked: {unchecked[0].name}: {unchecked[0].detail}",
            remedy="try again later, or ask for fewer confirmations in [chain] confirmations",
        )
