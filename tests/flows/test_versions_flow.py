"""Earlier versions as a user meets them: on a real chain, compared, checked out, asked, and told by the chain."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from flow_places import ANVIL_KEYS, DOCUMENTS, Chain, Done, configuration, copied, stranger_runs

from kg.cli.main import run

pytestmark = pytest.mark.anvil

OWNER = ANVIL_KEYS[0]
ASK = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"


@dataclass(frozen=True)
class History:
    """A workspace with three published versions."""

    folder: Path
    rpc: str
    versions: list[dict]

    def run(self, *words: object, expect: int = 0) -> Done:
        return called(self.folder, *words, expect=expect)


def called(folder: Path, *words: object, expect: int = 0) -> Done:
    """A command in this process, its standard output taken."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(out), pytest.MonkeyPatch.context() as patched:
        patched.setenv("TRIPLOCK_PRIVATE_KEY", OWNER)
        code = run(["-q", "-C", str(folder), *map(str, words)])
    assert code == expect
    out.seek(0)
    return Done(code, out.read(), "")


@pytest.fixture(scope="module")
def history(small: Path, chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> History:
    settings = configuration(chain={"endpoint": chain.url}, label="versions-flow")
    folder = copied(small, tmp_path_factory.mktemp("versions") / "kg", settings)
    made = History(folder, chain.url, [])
    made.run("chain", "deploy")
    document = folder / "note.md"
    for text in (None, "# A note\n\nERC-20 declares a thing.\n", "# Another note\n"):
        if text:
            document.write_text(text)
            made.run("ingest", document)
        made.versions.append(made.run("--json", "publish", "--yes").json)
    made.run("ingest", DOCUMENTS / "erc-1155.md")
    return made


def lines_at(history: History, number: int) -> set[str]:
    return set(history.run("export", "--at", number).out.splitlines())


def test_each_version_is_exported_as_it_was(history: History, tmp_path: Path) -> None:
    for number, version in enumerate(history.versions, 1):
        file = tmp_path / f"{number}.nq"
        history.run("export", "--at", number, "-o", file)
        hashed = history.run("--json", "hash", file).json["files"][0]
        assert (hashed["root"], hashed["quads"]) == (version["root"], version["quads"])
    assert len(history.run("export").out.splitlines()) > history.versions[2]["quads"]


def test_the_difference_is_that_of_the_exports_by_every_name(history: History, tmp_path: Path) -> None:
    car, folder = tmp_path / "1.car", tmp_path / "out"
    history.run("export", "--at", 1, "--format", "car", "-o", car)
    history.run("checkout", 1, folder)
    one, three = lines_at(history, 1), lines_at(history, 3)
    expected = {f"+ {line}" for line in three - one} | {f"- {line}" for line in one - three}
    for name in ("1", car, folder, history.versions[0]["manifest"], history.versions[0]["directory"]):
        shown = history.run("diff", name, 3)
        assert set(shown.out.splitlines()) == expected
        counted = history.run("--json", "diff", name, 3).json
        assert (counted["added"], counted["removed"]) == (len(three - one), len(one - three))
    patch = tmp_path / "patch"
    history.run("diff", 1, 3, "--format", "patch", "-o", patch)
    rows = patch.read_text().splitlines()
    assert rows[-1] == "TC ."
    assert f'H root "{history.versions[2]["root"]}" .' in rows
    assert f'H prev-head "{history.versions[0]["head"]}" .' in rows


def test_a_version_answers_as_it_was(history: History) -> None:
    for number, version in enumerate(history.versions, 1):
        answer = history.run("--json", "query", "--at", number, ASK).json
        assert int(answer["results"]["bindings"][0]["n"]["value"]) == version["quads"]
    history.run("query", "--at", 1, "CLEAR ALL", expect=3)
    history.run("query", "--at", 9, ASK, expect=2)


def test_the_chain_alone_tells_the_history_in_an_empty_folder(history: History, tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = stranger_runs(home, "--json", "log", history.versions[0]["graph"], "--rpc", history.rpc, expect=0)
    assert list(home.iterdir()) == []
    for told, version in zip(reversed(json.loads(done.out)["versions"]), history.versions, strict=True):
        for name in ("version", "head", "parent", "root", "quads", "blocks", "transaction"):
            assert told[name] == version[name]
        assert told["cid"] == version["manifest"]


def test_an_audit_of_a_published_version_convicts_nobody(history: History, tmp_path: Path) -> None:
    told = history.run("--json", "audit", 2, "-o", tmp_path / "fraud").json
    assert (told["found"], told["entries"], told["file"]) == ({}, "served", None)
    assert told["signer"]


def test_a_clone_has_its_versions_too(history: History, tmp_path: Path) -> None:
    clone, blocks = tmp_path / "clone", history.folder / ".triplock" / "blocks"
    graph = history.versions[0]["graph"]
    assert run(["-q", "clone", graph, str(clone), "--rpc", history.rpc, "--blocks", str(blocks)]) == 0
    one, two = lines_at(history, 1), lines_at(history, 2)
    shown = called(clone, "diff", 1, 2).out.splitlines()
    assert set(shown) == {f"+ {line}" for line in two - one} | {f"- {line}" for line in one - two}
    answer = called(clone, "--json", "query", "--at", 1, ASK).json
    assert int(answer["results"]["bindings"][0]["n"]["value"]) == history.versions[0]["quads"]
