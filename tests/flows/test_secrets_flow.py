"""Keys stay where they are: in no output, no argument, no file of the workspace, whichever way they are given."""

from __future__ import annotations

import json
import secrets
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_account import Account
from flow_places import Chain, anvil, command, configuration, copied, surroundings

from anchoring.chain.deploy import deploy_registry
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.keys import LocalKey

pytestmark = pytest.mark.anvil

PASSWORD = "correct horse battery"
PROGRAM = Path(__file__).parents[1] / "signing_program.py"


@pytest.fixture(scope="module")
def chain(cast: Path) -> Iterator[Chain]:
    with anvil(cast) as running:
        yield running


class Watched:
    """Commands in a workspace, with all that they said and all arguments that processes had meanwhile."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.environment = folder, environment
        self.said = ""
        self.arguments = ""

    def run(self, *arguments: str) -> int:
        process = subprocess.Popen(
            command(self.folder, *arguments),
            env=surroundings(**self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        done = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(done,))
        watcher.start()
        try:
            self.said += process.communicate(timeout=120)[0]
        finally:
            done.set()
            watcher.join()
        return process.returncode

    def _watch(self, done: threading.Event) -> None:
        while not done.wait(0.02):
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.arguments += file.read_bytes().decode("utf-8", "replace")
                except OSError:
                    continue

    def kept(self, *but: Path) -> bytes:
        """All bytes of the workspace's files but those where the key may be."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file() and path not in but)
        return b"\n".join(path.read_bytes() for path in files)


def forms(secret: bytes) -> list[str]:
    """How a key would look where it does not belong."""
    return [secret.hex(), secret.hex().upper(), str(int.from_bytes(secret, "big")), repr(secret)[2:-1]]


@pytest.mark.parametrize("source", ["environment", "keystore", "file", "command"])
def test_a_key_appears_nowhere(source: str, small: Path, chain: Chain, tmp_path: Path) -> None:
    secret = secrets.token_bytes(32)
    key = LocalKey(secret)
    chain.ask("anvil_setBalance", key.address, hex(10**20))
    deploy_registry(Endpoint(chain.url), LocalKey(secret))
    settings: dict[str, str] = {"endpoint": chain.url}
    environment: dict[str, str] = {}
    if source == "environment":
        environment["TRIPLOCK_PRIVATE_KEY"] = "0x" + secret.hex()
    if source == "keystore":
        file = tmp_path / "keystore.json"
        file.write_text(json.dumps(Account.encrypt(secret, PASSWORD, kdf="pbkdf2", iterations=1000)))
        file.chmod(0o600)
        environment |= {"TRIPLOCK_KEYSTORE": str(file), "TRIPLOCK_KEYSTORE_PASSWORD": PASSWORD}
    if source == "command":
        (tmp_path / "key").write_text(secret.hex())
        program = [sys.executable, str(PROGRAM), str(tmp_path / "key"), str(tmp_path / "notes"), "right"]
        settings["signer_command"] = shlex.join(program)
    folder = copied(small, tmp_path / "kg", configuration(chain=settings, label=f"secret-{source}"))
    own = folder / ".triplock" / "publisher.key"
    own.unlink()
    if source == "file":
        own.write_text(secret.hex())
        own.chmod(0o600)

    watched = Watched(folder, environment)
    assert watched.run("-v", "publish", "--yes", "--max-cost", "0.0001") == 4, watched.said
    assert watched.run("-v", "--json", "publish", "--yes") == 0, watched.said
    assert watched.run("-v", "status") == 0

    assert key.address in watched.said
    assert "publish" in watched.arguments, "the watcher saw the commands"
    kept = watched.kept(own)
    for form in (*forms(secret), PASSWORD):
        assert form not in watched.said
        assert form not in watched.arguments
        assert form.encode() not in kept
    assert secret not in kept
