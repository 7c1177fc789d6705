"""Versions on a real IPFS node: pinned, the same bytes for everybody, and verified by strangers from any place."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from flow_places import Chain, another_key, configuration, copied, stranger, triplock

from anchoring.blockstores.kubo import KuboStore
from anchoring.encoding.cid import Cid

pytestmark = [pytest.mark.kubo, pytest.mark.anvil]


@dataclass(frozen=True)
class Pinned:
    """A version that is published and pinned: where it was made, its directory's CID, its graph and its chain."""

    folder: Path
    directory: str
    graph: str
    rpc: str


@pytest.fixture(scope="module")
def pinned(small: Path, chain: Chain, kubo_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pinned]:
    settings = configuration(kubo=kubo_api, chain={"endpoint": chain.url}, label="kubo-flow")
    folder = copied(small, tmp_path_factory.mktemp("kubo") / "kg", settings)
    another_key(folder)
    with_money(folder, chain)
    triplock(folder, "chain", "deploy")
    version = triplock(folder, "--json", "publish", "--yes").json
    yield Pinned(folder, version["directory"], version["graph"], chain.url)
    httpx.post(f"{kubo_api}/api/v0/pin/rm", params={"arg": version["directory"]}, timeout=30)


def with_money(folder: Path, chain: Chain) -> None:
    """Make the workspace's key and give it ether."""
    from kg.workspace.workspace import Workspace

    with Workspace.open(folder) as workspace:
        chain.ask("anvil_setBalance", workspace.signer.address, hex(10**20))


def test_publishing_pins(pinned: Pinned, kubo_api: str) -> None:
    with KuboStore(kubo_api) as node:
        assert Cid.parse(pinned.directory) in set(node.pins())


def test_everybody_reads_the_same_bytes(pinned: Pinned, kubo_api: str, kubo_gateway: str) -> None:
    exported = triplock(pinned.folder, "export", "--format", "nq").out.encode()
    path = f"{pinned.directory}/data.nq"
    assert httpx.post(f"{kubo_api}/api/v0/cat", params={"arg": path}, timeout=60).content == exported
    answer = httpx.get(f"{kubo_gateway}/ipfs/{path}", timeout=60, follow_redirects=True)
    assert answer.status_code == 200
    assert answer.content == exported


@pytest.mark.parametrize("place", ["kubo", "gateway", "car", "car as target", "blocks"])
def test_a_stranger_verifies_from_any_place(
    place: str, pinned: Pinned, tmp_path: Path, kubo_api: str, kubo_gateway: str
) -> None:
    target: str | Path = pinned.directory
    source: tuple[object, ...] = ()
    if place == "kubo":
        source = ("--kubo", kubo_api)
    elif place == "gateway":
        source = ("--gateway", kubo_gateway)
    elif place == "blocks":
        source = ("--blocks", shutil.copytree(pinned.folder / ".triplock" / "blocks", tmp_path / "blocks"))
    else:
        car = tmp_path / "version.car"
        triplock(pinned.folder, "export", "--format", "car", "-o", car)
        target, source = (car, ()) if place == "car as target" else (pinned.directory, ("--car", car))
    done = stranger(tmp_path / "home", target, "--graph", pinned.graph, "--rpc", pinned.rpc, *source, expect=0)
    assert "yes: every check ran and holds" in done.out


def test_without_blocks_nothing_is_refuted_and_nothing_confirmed(pinned: Pinned, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    given = (pinned.directory, "--graph", pinned.graph, "--rpc", pinned.rpc)
    done = stranger(tmp_path / "home", *given, "--blocks", tmp_path / "none", expect=6)
    assert pinned.directory in done.words
    stranger(tmp_path / "home", *given, "--kubo", "http://127.0.0.1:9", expect=4)
    stranger(tmp_path / "home", *given, "--gateway", "http://127.0.0.1:9", expect=4)


def pieces_of_data(folder: Path) -> list[Path]:
    """The block files that hold lines of data.nq."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if (text := path.read_bytes()).startswith(b"<") and text.rstrip().endswith(b" .")]


@pytest.mark.parametrize("damage", ["gone", "changed"])
def test_one_damaged_block_of_the_data_is_named(damage: str, pinned: Pinned, tmp_path: Path) -> None:
    blocks = shutil.copytree(pinned.folder / ".triplock" / "blocks", tmp_path / "blocks")
    victim = next(path for path in pieces_of_data(blocks) if b"eip-721#event:Approval" in path.read_bytes())
    if damage == "gone":
        victim.unlink()
    else:
        victim.write_bytes(victim.read_bytes().replace(b"eip-721", b"eip-722", 1))
    given = (pinned.directory, "--graph", pinned.graph, "--rpc", pinned.rpc, "--blocks", blocks)
    stranger(tmp_path / "home", *given, expect=6 if damage == "gone" else 1)
