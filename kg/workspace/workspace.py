"""The workspace: one folder that holds a graph, its versions, its settings and its key.

The parts are opened when they are first used: `status` needs no model, `query` no chain.
What changes the workspace runs under one lock, so that two commands at once cannot tear it.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from anchoring.blockstores.folder import FolderStore
from kg.claims.iris import Mint
from kg.errors import NoWorkspace, StateTooNew, WorkspaceBusy, WorkspaceExists
from kg.jobs.ledger import Ledger
from kg.jobs.sources import Sources
from kg.jobs.versions import Versions
from kg.stores.protocol import QuadStore
from kg.workspace import configuration as settings
from kg.workspace.configuration import Configuration

if TYPE_CHECKING:
    from anchoring.chain.keys import Signer

    from kg.workspace.chain import ChainSide

STATE_FOLDER = ".triplock"
STATE_FORMAT = 1


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
        self._open = ExitStack()

    # -- making and finding ------------------------------------------------------------------------------------------

    @classmethod
    def init(cls, folder: str | Path, configuration: Configuration | None = None) -> Workspace:
        """Make a workspace in `folder` (created if need be) and open it.

        Raises WorkspaceExists if there is one already.
        """
        root = Path(folder).resolve()
        config = root / settings.FILE_NAME
        if config.exists():
            raise WorkspaceExists(f"{root} is a workspace already", remedy="use it, or name another folder")
        state = root / STATE_FOLDER
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        (state / "format").write_text(f"{STATE_FORMAT}\n", encoding="ascii")
        (state / ".gitignore").write_text("*\n", encoding="ascii")
        temporary = config.with_suffix(".tmp")
        temporary.write_text(settings.render(configuration or Configuration()), encoding="utf-8")
        temporary.replace(config)
        workspace = cls.open(root)
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
        have = marker.read_text(encoding="ascii").strip()
        if have != str(STATE_FORMAT):
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
    def sources(self) -> Sources:
        """The ledger's part on sources."""
        return Sources(self.ledger)

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
        from kg.workspace.graph import open_store

        store = open_store(self.configuration.store, self.state)
        self._open.callback(store.close)
        return store

    @cached_property
    def signer(self) -> Signer:
        """The publisher's key."""
        from kg.workspace.chain import open_signer

        return open_signer(self.configuration.chain, self.state)

    @cached_property
    def chain(self) -> ChainSide:
        """The chain, the registry on it, and this graph's identity there."""
        from kg.workspace.chain import open_chain

        return self._open.enter_context(open_chain(self))

    # -- life --------------------------------------------------------------------------------------------------------

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the workspace's lock; raises WorkspaceBusy when another process holds it."""
        with (self.state / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise WorkspaceBusy(
                    f"{self.folder} is being changed by another process", remedy="wait until it has finished"
                ) from None
            yield

    def close(self) -> None:
        """Release files, locks and connections."""
        self._open.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
