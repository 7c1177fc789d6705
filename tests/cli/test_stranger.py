"""What a stranger runs: an empty environment, an empty folder, the proof file, the graph id and the chain."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from anchoring.signing.anchor import GraphId
from kg.workspace.configuration import Configuration
from kg.workspace.workspace import Workspace

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"
STATEMENT = (
    "<https://eips.ethereum.org/EIPS/eip-20> <https://w3id.org/triplock/ethereum-standards#declares> "
    "<https://eips.ethereum.org/EIPS/eip-20#event:Transfer(address,address,uint256)> ."
)


@dataclass(frozen=True)
class Published:
    """What the publisher hands out."""

    folder: Path
    proof: bytes
    graph: str
    url: str


def publish(folder: Path) -> tuple[bytes, str]:
    """A workspace with one version: the proof of one statement, and the graph id."""
    plain = Configuration()
    settings = replace(plain, graph=replace(plain.graph, licence="CC0-1.0"), model=replace(plain.model, use="none"))
    with Workspace.init(folder, settings) as workspace:
        workspace.ingest(DOCUMENTS / "erc-20.md")
        workspace.publish()
        return workspace.prove(STATEMENT).encode(), str(workspace.chain.graph)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    """A published version, its chain served by `triplock chain serve` in a process of its own."""
    folder = tmp_path_factory.mktemp("publisher") / "kg"
    proof, graph = publish(folder)
    server = subprocess.Popen(
        [sys.executable, "-m", "kg.cli.main", "-q", "-C", str(folder), "chain", "serve"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        yield Published(folder, proof, graph, server.stdout.readline().strip())
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


def verify(tmp_path: Path, proof: bytes, *arguments: str) -> tuple[int, str]:
    """Exit code and output of `env -i HOME=… triplock verify --proof …` in an empty folder."""
    file = tmp_path / "statement.proof"
    file.write_bytes(proof)
    done = subprocess.run(
        [Path(sys.executable).parent / "triplock", "verify", "--proof", file, *arguments],
        cwd=tmp_path,
        env={"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def test_a_stranger_gets_a_yes(published: Published, tmp_path: Path) -> None:
    code, words = verify(tmp_path, published.proof, "--graph", published.graph, "--rpc", published.url)
    assert code == 0, words
    assert "event Transfer(address indexed _from" in words


def test_a_changed_byte_is_a_no_with_the_reason(published: Published, tmp_path: Path) -> None:
    changed = bytearray(published.proof)
    changed[changed.index(b"event:Transfer(") + 6] ^= 1
    code, words = verify(tmp_path, bytes(changed), "--graph", published.graph, "--rpc", published.url)
    assert code == 1
    assert "NO" in words


def test_without_the_chain_what_was_not_checked_is_named(published: Published, tmp_path: Path) -> None:
    code, words = verify(tmp_path, published.proof, "--graph", published.graph)
    assert code == 6
    assert "no endpoint was given" in words


def test_an_endpoint_that_does_not_answer_is_a_failed_service(published: Published, tmp_path: Path) -> None:
    code, words = verify(tmp_path, published.proof, "--graph", published.graph, "--rpc", "http://127.0.0.1:9")
    assert code == 4, words


def test_more_confirmations_than_there_are_leave_it_open(published: Published, tmp_path: Path) -> None:
    arguments = ("--graph", published.graph, "--rpc", published.url, "--confirmations", "1000")
    assert verify(tmp_path, published.proof, *arguments)[0] == 6


def test_an_attackers_graph_and_registry_are_refused(
    published: Published, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    forged, of_attacker = publish(tmp_path_factory.mktemp("attacker") / "kg")
    assert of_attacker != published.graph
    assert verify(tmp_path, forged, "--graph", published.graph, "--rpc", published.url)[0] == 1
    honest = GraphId.parse(published.graph)
    elsewhere = replace(honest, registry="0x" + "66" * 20)
    assert verify(tmp_path, published.proof, "--graph", str(elsewhere), "--rpc", published.url)[0] == 1


def test_while_the_chain_is_served_the_workspace_still_publishes(published: Published) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kg.cli.main", "-C", str(published.folder), "publish", "--yes"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "nothing was sent" in done.stderr
