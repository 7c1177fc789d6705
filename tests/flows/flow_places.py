"""The command line as users call it, a chain of our own, and a relay that lets a real service go away and come back."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from own_anvil import Chain, anvil, free_port  # noqa: F401 - the flows take them from here

from anchoring.chain import keys
from kg.workspace.configuration import Configuration, render

DATA = Path(__file__).parents[2] / "data"
DOCUMENTS = DATA / "documents"
ROWS = DATA / "chain" / "mainnet-17173049-17173050"
TOKENS = DATA / "chain" / "token-lists" / "metamask" / "contract-map.json"

TRIPLOCK = Path(sys.executable).parent / "triplock"
STATEMENT = (
    "<https://eips.ethereum.org/EIPS/eip-20> <https://w3id.org/triplock/ethereum-standards#declares> "
    "<https://eips.ethereum.org/EIPS/eip-20#event:Transfer(address,address,uint256)> ."
)
ANVIL_KEYS = (
    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
)
"""The first accounts of every anvil, which are public."""

_KEYS = ("TRIPLOCK_PRIVATE_KEY", "TRIPLOCK_KEYSTORE", "TRIPLOCK_KEYSTORE_PASSWORD", "TRIPLOCK_MODEL_PATH")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        return self.out + self.err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def _finished(command: list[str], environment: Mapping[str, str], cwd: Path | None) -> Done:
    done = subprocess.run(
        command,
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def surroundings(**more: str) -> dict[str, str]:
    """The environment without what would decide which key or model is used."""
    return {**{name: value for name, value in os.environ.items() if name not in _KEYS}, **more}


def command(workspace: Path, *arguments: object) -> list[str]:
    return [str(TRIPLOCK), "-C", str(workspace), *map(str, arguments)]


def triplock(workspace: Path, *arguments: object, expect: int = 0, **environment: str) -> Done:
    """Run a command in a workspace; it must end with the exit code `expect`."""
    done = _finished(command(workspace, *arguments), surroundings(**environment), None)
    assert done.code == expect, f"{arguments[0]} ended with {done.code}, not {expect}\n{done.words}"
    return done


def stranger(home: Path, *arguments: object, expect: int) -> Done:
    """`env -i HOME=… triplock verify …` in an empty folder."""
    return stranger_runs(home, "verify", *arguments, expect=expect)


def stranger_runs(home: Path, *arguments: object, expect: int) -> Done:
    """`env -i HOME=… triplock …` in an empty folder."""
    home.mkdir(exist_ok=True)
    done = _finished([str(TRIPLOCK), *map(str, arguments)], {"HOME": str(home)}, home)
    assert done.code == expect, f"{arguments[0]} ended with {done.code}, not {expect}\n{done.words}"
    return done


def configuration(
    *, store: Mapping[str, str] | None = None, chain: Mapping[str, Any] | None = None, kubo: str = "", **graph: str
) -> Configuration:
    """Settings without a model, with a licence."""
    plain = Configuration()
    return replace(
        plain,
        graph=replace(plain.graph, **{"licence": "CC0-1.0", **graph}),
        store=replace(plain.store, **(store or {})),
        model=replace(plain.model, use="none"),
        ipfs=replace(plain.ipfs, kubo=kubo),
        chain=replace(plain.chain, **(chain or {})),
    )


def copied(source: Path, target: Path, settings: Configuration, *, keep_versions: bool = False) -> Path:
    """A workspace with the graph of another and settings of its own; the publisher's key is the same."""
    shutil.copytree(source, target)
    (target / "triplock.toml").write_text(render(settings))
    if not keep_versions:
        shutil.rmtree(target / ".triplock" / "chain", ignore_errors=True)
    return target


def another_key(folder: Path) -> None:
    """Make a new publisher's key in the place of the one that was copied."""
    file = folder / ".triplock" / "publisher.key"
    file.unlink()
    keys.create(file)


class Relay:
    """A fixed address in front of a real service: `down()` refuses and breaks connections, `up()` passes them on."""

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        assert parts.hostname is not None
        assert parts.port is not None
        self._upstream = (parts.hostname, parts.port)
        self._port = free_port()
        self.url = f"{parts.scheme}://127.0.0.1:{self._port}"
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []

    def up(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self._port))
        threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    def down(self) -> None:
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._open.clear()

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection(self._upstream)
            self._open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def relay(upstream: str) -> Iterator[Relay]:
    """A relay that is up."""
    passing = Relay(upstream)
    passing.up()
    try:
        yield passing
    finally:
        passing.down()
