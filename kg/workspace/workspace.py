"""The workspace: one folder that holds a graph, its versions, its settings and its key.

The parts are opened when they are first used: `status` needs no model, `query` no chain.
What changes the workspace runs under one lock, so that two commands at once cannot tear it.
"""

from __future__ import annotations

import errno
import fcntl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from anchoring.blockstores.folder import FolderStore
from kg.claims.iris import Mint
from kg.errors import DiskFailed, IsClone, NoWorkspace, StateTooNew, WorkspaceBusy, WorkspaceExists
from kg.jobs.ledger import Ledger
from kg.jobs.sources import Sources
from kg.jobs.verdicts import Verdicts
from kg.jobs.versions import Versions
from kg.stores.protocol import QuadStore
from kg.workspace import configuration as settings
from kg.workspace.configuration import Configuration

if TYPE_CHECKING:
    from anchoring.chain.keys import Signer
    from anchoring.proofs.bundle import Bundle
    from anchoring.signing.anchor import Anchor
    from anchoring.verification.verdict import Verdict
    from kg.jobs.versions import VersionRecord
    from kg.workspace.chain import ChainSide
    from kg.workspace.ingest_chain import ChainReport
    from kg.workspace.intake import IngestReport
    from kg.workspace.publish import Published
    from kg.workspace.why import Explanation
    from queries.results import Result

STATE_FOLDER = ".triplock"
STATE_FORMAT = 1

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class Workspace:
    """An open workspace. Use it as a context manager, or call `close`.

    >>> import tempfile
    >>> with Workspace.init(tempfile.mkdtemp() + "/kg") as workspace:
    ...     len(workspace.store)
    0
    """

    def __init__(self, folder: Path, configuration: Configuration) -> None:
        self.folder = folder
        self.configuration = configuration
        self.state = folder / STATE_FOLDER
        self.mint = Mint(configuration.graph.base)
        self.loading = False
        """Whether this process is filling the store of a clone, which nobody else can ask before it is whole."""
        self._open = ExitStack()

    # -- making and finding ------------------------------------------------------------------------------------------

    @classmethod
    def init(cls, folder: str | Path, configuration: Configuration | None = None) -> Workspace:
        """Make a workspace in `folder` (created if need be) and open it.

        Raises WorkspaceExists if there is one already, and BadConfiguration before anything is made.
        """
        root = Path(folder).resolve()
        chosen = configuration or Configuration()
        settings.check(chosen, "the settings given")
        config = root / settings.FILE_NAME
        if config.exists():
            raise WorkspaceExists(f"{root} is a workspace already", remedy="use it, or name another folder")
        state = root / STATE_FOLDER
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        (state / "format").write_text(f"{STATE_FORMAT}\n", encoding="ascii")
        (state / ".gitignore").write_text("*\n", encoding="ascii")
        settings.write(config, chosen)
        workspace = cls.open(root)
        if not workspace.is_clone:
            _ = workspace.signer, workspace.store
        return workspace

    @classmethod
    def open(cls, folder: str | Path | None = None) -> Workspace:
        """Open the workspace at or above `folder` (the current one by default); raises NoWorkspace."""
        start = Path(folder or ".").resolve()
        for candidate in (start, *start.parents):
            if (candidate / settings.FILE_NAME).is_file():
                workspace = cls(candidate, settings.read(candidate / settings.FILE_NAME))
                workspace._check_format()
                return workspace
        raise NoWorkspace(
            f"no {settings.FILE_NAME} in {start} or above",
            remedy="make a workspace with `triplock init DIR`, or use -C DIR",
        )

    def _check_format(self) -> None:
        marker = self.state / "format"
        self.state.mkdir(exist_ok=True, mode=0o700)
        if not marker.exists():
            marker.write_text(f"{STATE_FORMAT}\n", encoding="ascii")
        have = marker.read_bytes()[:100].decode("ascii", "replace").strip()
        if not have:  # the machine stopped while the workspace was made
            marker.write_text(f"{STATE_FORMAT}\n", encoding="ascii")
        elif have != str(STATE_FORMAT):
            raise StateTooNew(
                f"{self.state} has format {have}, this program knows {STATE_FORMAT}", remedy="update triplock"
            )

    # -- the parts ---------------------------------------------------------------------------------------------------

    @cached_property
    def ledger(self) -> Ledger:
        """What was done."""
        ledger = Ledger(self.state / "ledger.sqlite")
        self._open.callback(ledger.close)
        return ledger

    @property
    def servers_file(self) -> Path:
        """What was found out about model servers."""
        return self.state / "servers.json"

    @property
    def sources(self) -> Sources:
        """The ledger's part on sources."""
        return Sources(self.ledger)

    @property
    def verdicts(self) -> Verdicts:
        """The ledger's part on what a person has said of claims."""
        return Verdicts(self.ledger)

    @property
    def versions(self) -> Versions:
        """The ledger's part on versions."""
        return Versions(self.ledger)

    @cached_property
    def blocks(self) -> FolderStore:
        """The folder that keeps documents and versions as blocks."""
        return FolderStore(self.state / "blocks")

    @cached_property
    def store(self) -> QuadStore:
        """The graph."""
        from kg.workspace.clone_state import check_loaded
        from kg.workspace.graph import open_store

        if self.is_clone and not self.loading:
            check_loaded(self)
        store = open_store(self.configuration.store, self.state)
        self._open.callback(store.close)
        return store

    @cached_property
    def signer(self) -> Signer:
        """The publisher's key."""
        from kg.workspace.chain import open_signer

        self.require_own("it has no key")
        return open_signer(self)

    @cached_property
    def chain(self) -> ChainSide:
        """The chain, the registry on it, and this graph's identity there."""
        from kg.workspace.chain import open_chain

        return self._open.enter_context(open_chain(self))

    # -- the verbs ---------------------------------------------------------------------------------------------------

    def ingest(self, *paths: str | Path, model: str | None = None, **options: Any) -> IngestReport:
        """Read documents and RDF files; `model` overrides the settings, options are `kg.workspace.ingest.ingest`'s.

        A `meter` among them has the limits of money, tokens and time.
        """
        from extractors.models.metering import Meter
        from kg.workspace.ingest import has_prose, ingest
        from kg.workspace.reader import NO_MODEL, open_extractor, prices
        from kg.workspace.relations import open_relations

        meter = options.pop("meter", None) or Meter(prices(self))
        if "relations" not in options:
            options["relations"] = open_relations(self, model=model)
        narrowed = {name: options[name] for name in ("sections", "max_chunks", "max_bytes") if name in options}
        prose = has_prose(paths, **narrowed)
        with open_extractor(self, model=model if prose else NO_MODEL, meter=meter) as extractor:
            return ingest(self, paths, extractor=extractor, meter=meter, **options)

    def ingest_chain(self, url: str, blocks: str, **wanted: Any) -> ChainReport:
        """Read blocks over JSON-RPC; `wanted` are the members of `kg.workspace.ingest_chain.ChainRequest`."""
        from kg.workspace.ingest_chain import ChainRequest, ingest_rpc

        return ingest_rpc(self, url, blocks, ChainRequest(**wanted))

    def withdraw(self, target: str, reason: str) -> int:
        """Withdraw a source or a claim; how many statements went."""
        from kg.workspace.withdraw import withdraw

        return withdraw(self, target, reason)

    def query(self, sparql: str, **options: Any) -> Result:
        """Ask the graph in SPARQL; options are `queries.sparql.run`'s: trust, min_confidence, timeout, ..."""
        from kg.workspace.asking import query

        return query(self, sparql, **options)

    def cypher(self, cypher: str, **options: Any) -> Result:
        """Ask a graph that lives in Neo4j in Cypher; options are `queries.cypher.run`'s."""
        from kg.workspace.asking import cypher as ask

        return ask(self, cypher, **options)

    def snapshot(self) -> VersionRecord:
        """Build the next version; nothing is sent."""
        from kg.workspace.snapshot import snapshot

        return snapshot(self)

    def publish(self, **options: Any) -> Published:
        """Build, pin and anchor the next version; options are `kg.workspace.publish.PublishOptions`'s."""
        from kg.workspace.publish import PublishOptions, publish

        published = publish(self, options=PublishOptions(**options))
        assert published is not None  # noqa: S101 - consent was not asked for
        return published

    def verify(self, target: str) -> Verdict:
        """Verify a version by its CID, its number or a file, against this workspace's own graph and chain."""
        from kg.workspace.verification import own_trust, verify_target

        return verify_target(target, own_trust(self))

    def prove(self, *statements: str, version: int | None = None, kind: str = "presence") -> Bundle:
        """The proof that statements stand in a published version; `encode()` gives the file's bytes.

        Of kind `absence`, `added` or `removed` it proves that they do not, or that the version added or removed them.
        """
        from anchoring.proofs.claims import ClaimKind
        from kg.workspace.proven_claim import Wanted
        from kg.workspace.proving import prove_statement

        return prove_statement(self, Wanted(ClaimKind(kind), statements), number=version)

    def why(self, target: str) -> list[Explanation]:
        """Where a statement or claim comes from."""
        from kg.workspace.why import why

        return why(self, target)

    def export(self, form: str, stream: IO[bytes], **options: Any) -> int:
        """Write the graph (nq, trig, ttl, jsonld) or its newest version (car); how many statements or blocks."""
        from kg.workspace.export import export_car, export_graph

        return export_car(self, stream) if form == "car" else export_graph(self, form, stream, **options)

    def log(self) -> Sequence[Anchor]:
        """The graph's versions as the chain's events tell them, oldest first."""
        return self.chain.registry.anchors(self.chain.graph)

    def status(self) -> dict[str, object]:
        """What the workspace holds and how far it is."""
        from kg.workspace.status import status

        return status(self)

    # -- life --------------------------------------------------------------------------------------------------------

    @property
    def is_clone(self) -> bool:
        """Whether this is a clone of somebody else's graph."""
        return bool(self.configuration.clone.graph)

    def require_own(self, why: str = "nothing can be read into it, withdrawn or published") -> None:
        """Raises IsClone where this is a clone of somebody else's graph."""
        if self.is_clone:
            raise IsClone(
                f"{self.folder} is a clone of {self.configuration.clone.graph}: {why}",
                remedy="make a workspace of your own with `triplock init`, and take claims over with `triplock adopt`",
            )

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock of a workspace of one's own; raises WorkspaceBusy when another process does, and IsClone."""
        self.require_own()
        with self.holding():
            yield

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Hold the workspace's lock; raises WorkspaceBusy when another process holds it.

        Raises DiskFailed where the system refuses a write without naming the file.
        """
        with (self.state / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise WorkspaceBusy(
                    f"{self.folder} is being changed by another process", remedy="wait until it has finished"
                ) from None
            try:
                yield
            except OSError as error:
                if error.filename is not None or error.errno not in _NO_ROOM:
                    raise
                raise DiskFailed(
                    f"{self.state}: {error.strerror}", remedy="make room; the same command then goes on from here"
                ) from error

    def close(self) -> None:
        """Release files, locks and connections."""
        self._open.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
