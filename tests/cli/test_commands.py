"""Each verb once as it is meant and once as it is not: exit code, one JSON document, and words that help."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from anchoring.encoding.unixfs import document_blocks
from kg.cli.main import COMMANDS, run

DATA = Path(__file__).parents[2] / "data"
DOCUMENT = DATA / "documents" / "erc-20.md"
ROWS = DATA / "chain" / "mainnet-17173049-17173050"
TRANSFER = (
    "<https://eips.ethereum.org/EIPS/eip-20> <https://w3id.org/triplock/ethereum-standards#declares> "
    "<https://eips.ethereum.org/EIPS/eip-20#event:Transfer(address,address,uint256)> ."
)
GRAPH = f"eip155:1:0x{'11' * 20}/0x{'22' * 32}"


ROW = '<http://e.example/s> <http://e.example/p> "x" .'
ABSENT = '<http://e.example/s> <http://e.example/p> "absent" .'


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one published version and its proof, CAR and N-Quads beside it."""
    folder = tmp_path_factory.mktemp("cli") / "kg"
    beside = tmp_path_factory.mktemp("beside")
    (beside / "labels.jsonl").write_text('{"id": "1", "text": "Ann wrote X.", "triples": [["X", "author", "Ann"]]}')
    (beside / "one.nq").write_text('<http://e.example/s> <http://e.example/p> "x" .\n')
    for words in (
        ("init", str(folder), "--licence", "CC0-1.0", "--model", "none", "--base", "https://kg.example/"),
        ("-C", str(folder), "-q", "ingest", str(DOCUMENT), str(beside / "one.nq")),
        ("-C", str(folder), "-q", "publish", "--yes"),
        ("-C", str(folder), "-q", "prove", TRANSFER, "-o", str(folder / "row.proof")),
        ("-C", str(folder), "-q", "export", "--format", "car", "-o", str(folder / "v1.car")),
    ):
        assert run(list(words)) == 0
    shutil.copy(beside / "one.nq", folder / "one.nq")
    shutil.copy(beside / "labels.jsonl", folder / "labels.jsonl")
    (folder / "two.nq").write_text('<http://e.example/s> <http://e.example/p> "y" .\n')
    (folder / "bad.ttl").write_text("<http://e.example/s> <http://e.example/p> .\n")
    return folder


GOOD: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "ingest": (("ingest", str(DOCUMENT)), {"documents", "unchanged", "failed", "tokens"}),
    "ingest --dry-run": (("ingest", "--dry-run", str(DOCUMENT)), {"documents", "sentences", "asked"}),
    "ingest-chain": (("ingest-chain", "--rows", str(ROWS), "--dataset", "blocks"), {"blocks", "headers", "stopped"}),
    "rejected": (("rejected",), {"rejected", "failed"}),
    "eval": (
        ("eval", "{folder}/labels.jsonl", "--predictions", "{folder}/labels.jsonl"),
        {"texts", "scores", "confidence", "cost", "mistakes"},
    ),
    "merges": (("merges",), {"merges"}),
    "merges why": (("merges", "why", "https://eips.ethereum.org/EIPS/eip-20"), {"canonical", "merges", "refused"}),
    "query --merged": (("query", "--merged", "ASK {?s ?p ?o}"), {"head", "boolean"}),
    "query": (("query", "ASK {?s ?p ?o}"), {"head", "boolean"}),
    "query --saved": (("query", "--saved", "list"), {"saved"}),
    "why": (("why", TRANSFER), {"explanations"}),
    "snapshot": (("snapshot",), {"version", "root", "quads", "manifest"}),
    "publish": (("publish", "--yes"), {"version", "root", "transaction", "new"}),
    "log": (("log",), {"graph", "versions", "waiting"}),
    "diff": (("diff", "1", "{folder}/v1.car"), {"from", "to", "added", "removed", "blocksRead"}),
    "checkout": (("checkout", "1", "{folder}/v1"), {"version", "root", "folder", "files"}),
    "query --at": (("query", "--at", "1", "ASK {?s ?p ?o}"), {"head", "boolean"}),
    "export --at": (("export", "--at", "{folder}/v1.car", "-o", "{folder}/at.nq"), {"file", "statements"}),
    "owner show": (("owner", "show"), {"graph", "owner", "pending", "transfers", "mine"}),
    "owner transfer": (("owner", "transfer", "0x" + "12" * 20), {"pending", "transaction"}),
    "owner transfer nobody": (("owner", "transfer", "nobody"), {"pending", "transaction"}),
    "publisher add": (("publisher", "add", "0x" + "12" * 20, "--until", "30d"), {"account", "until", "transaction"}),
    "publisher list": (("publisher", "list"), {"graph", "owner", "publishers"}),
    "publisher remove": (("publisher", "remove", "0x" + "12" * 20), {"account", "transaction"}),
    "audit": (("audit", "{folder}/v1.car"), {"version", "signer", "entries", "found", "file"}),
    "pin": (("pin", "1", "--here"), {"pinned"}),
    "unpin": (("unpin", "1", "--here"), {"unpinned"}),
    "gc": (("gc", "--keep", "1", "--dry-run"), {"removed", "blocks", "bytes", "versions", "kept"}),
    "export --since": (
        ("export", "--format", "car", "--since", "{folder}/v1.car", "-o", "{folder}/since.car"),
        {"file", "blocks"},
    ),
    "status": (("status",), {"graph", "statements", "publisher", "sources"}),
    "prove": (("prove", TRANSFER, "-o", "{folder}/again.proof"), {"file", "claim", "statements", "graph"}),
    "prove --html": (("prove", TRANSFER, "-o", "{folder}/page.proof", "--html"), {"file", "page", "claim", "graph"}),
    "prove several": (("prove", TRANSFER, ROW, "-o", "{folder}/two.proof", "--view"), {"statements", "proof"}),
    "prove --absent": (("prove", "--absent", ABSENT, "-o", "{folder}/absent.proof"), {"claim", "condition"}),
    "prove --subject": (("prove", "--subject", "http://e.example/s", "-o", "{folder}/s.proof"), {"claim", "lines"}),
    "prove --triple": (("prove", "--triple", ROW, "-o", "{folder}/t.proof"), {"claim", "lines"}),
    "prove --prefix": (("prove", "--prefix", "<http://e.ex", "-o", "{folder}/p.proof"), {"claim", "lines"}),
    "prove --added": (
        ("prove", "--added", ROW, "--version", "1", "-o", "{folder}/added.proof"),
        {"claim", "condition"},
    ),
    "prove --chain": (("prove", ROW, "--chain", "-o", "{folder}/chain.proof"), {"claim", "chain"}),
    "prove --from": (("prove", ROW, "--from", "{folder}/v1.car", "-o", "{folder}/f.proof"), {"claim", "signed"}),
    "verify": (("verify", "1"), {"outcome", "checks", "exitCode"}),
    "verify --proof": (("verify", "--proof", "{folder}/row.proof"), {"outcome", "checks", "exitCode"}),
    "verify CAR": (("verify", "{folder}/v1.car"), {"outcome", "checks", "exitCode"}),
    "export": (("export", "-o", "{folder}/all.nq"), {"file", "statements"}),
    "anchor": (
        ("anchor", "{folder}/one.nq", "-o", "{folder}/one.car", "--label", "one"),
        {"graph", "version", "car", "new"},
    ),
    "cost": (("cost",), {"calls", "total", "documents", "relations"}),
    "hash": (("hash", "{folder}/one.nq"), {"files"}),
    "canonicalize": (("canonicalize", "{folder}/one.nq", "-o", "{folder}/canonical.nq"), {"file", "statements"}),
    "chain deploy": (("chain", "deploy"), {"registry", "chain"}),
    "models": (("models",), {"models"}),
    "review": (("review",), {"waiting", "claims"}),
    "review --judged": (("review", "--judged"), {"verdicts"}),
    "review --export": (("review", "--export", "{folder}/judged.jsonl"), {"sentences", "file"}),
    "withdraw": (
        (
            "withdraw",
            str(document_blocks(b'<http://e.example/s> <http://e.example/p> "x" .\n')[0]),
            "--reason",
            "a test",
        ),
        {"withdrawn", "quads"},
    ),
}

BAD: dict[str, tuple[tuple[str, ...], int, str]] = {
    "init": (("init", "{folder}"), 2, "workspace-exists"),
    "init settings": (("init", "{folder}/new", "--base", "no iri"), 2, "bad-configuration"),
    "init in a file": (("init", "{folder}/one.nq/x"), 2, "file-unusable"),
    "ingest": (("ingest", "{folder}/nothing.md"), 2, "document-not-found"),
    "ingest-chain": (("ingest-chain", "--rows", "{folder}/one.nq"), 3, "bad-rows"),
    "ingest-chain range": (("ingest-chain", "--rpc", "http://127.0.0.1:1", "--blocks", "x"), 2, "bad-block-range"),
    "ingest-chain down": (("ingest-chain", "--rpc", "http://127.0.0.1:1", "--blocks", "1:2"), 4, "rpc-unreachable"),
    "withdraw": (("withdraw", "nothing", "--reason", "a test"), 2, "no-such-statement"),
    "eval": (("eval", "{folder}/bad.ttl", "--predictions", "{folder}/labels.jsonl"), 3, "labels-refused"),
    "eval without a model": (("eval", "{folder}/labels.jsonl"), 2, "wrong-usage"),
    "train": (("train", str(DOCUMENT), "--relation", "requires", "--out", "{folder}/w.json"), 3, "training-refused"),
    "train --relation": (
        ("train", str(DOCUMENT), "--relation", "frees", "--out", "{folder}/w.json"),
        2,
        "relation-unknown",
    ),
    "train-encoder": (("train-encoder", "{folder}", "{folder}/bad.ttl", "--out", "{folder}/e"), 3, "labels-refused"),
    "train-encoder --out": (
        ("train-encoder", "{folder}", "{folder}/labels.jsonl", "--out", "{folder}"),
        2,
        "wrong-usage",
    ),
    "ingest --weights": (("ingest", str(DOCUMENT), "--weights", "{folder}/bad.ttl"), 3, "relation-weights-refused"),
    "query": (("query", "SELECT"), 3, "query-refused"),
    "query --file": (("query", "--file", "{folder}/v1.car"), 2, "wrong-usage"),
    "query --format": (("query", "--format", "csv", "ASK {}"), 2, "wrong-usage"),
    "query --saved": (("query", "--saved", "nothing"), 2, "unknown-query"),
    "cypher": (("cypher", "RETURN 1"), 2, "not-configured"),
    "sync": (("sync", "--neo4j", "bolt://127.0.0.1:1"), 2, "not-configured"),
    "why": (("why", "<urn:nothing>"), 2, "no-such-statement"),
    "prove": (("prove", "nothing", "-o", "{folder}/x"), 3, "bad-statement"),
    "prove what is absent": (("prove", ABSENT, "-o", "{folder}/x"), 2, "no-such-statement"),
    "prove absence of what is there": (("prove", "--absent", ROW, "-o", "{folder}/x"), 3, "statement-present"),
    "prove --removed by the first": (
        ("prove", "--removed", ROW, "--version", "1", "-o", "{folder}/x"),
        2,
        "parent-needed",
    ),
    "prove two kinds": (("prove", "--added", "--removed", ROW, "-o", "{folder}/x"), 2, "wrong-usage"),
    "prove nothing": (("prove", "-o", "{folder}/x"), 2, "wrong-usage"),
    "prove --subject of no IRI": (("prove", "--subject", "no iri", "-o", "{folder}/x"), 2, "wrong-usage"),
    "prove --rpc": (("prove", ROW, "--rpc", "http://127.0.0.1:1", "-o", "{folder}/x"), 2, "wrong-usage"),
    "prove --chain of an endpoint that is down": (
        ("prove", ROW, "--chain", "--rpc", "http://127.0.0.1:1", "-o", "{folder}/x"),
        4,
        "endpoint-unreachable",
    ),
    "verify --block-hash": (("verify", "--proof", "{folder}/row.proof", "--block-hash", "1"), 2, "bad-block-hash"),
    "verify --block-hash of no proof": (("verify", "1", "--block-hash", "0x" + "0" * 64), 2, "wrong-usage"),
    "prove --from nowhere": (("prove", ROW, "--from", "nothing", "-o", "{folder}/x"), 2, "unknown-version-name"),
    "prove --html beside a device": (("prove", TRANSFER, "-o", "/dev/null", "--html"), 2, "wrong-usage"),
    "prove into a folder": (("prove", TRANSFER, "-o", "{folder}"), 2, "file-unusable"),
    "verify number": (("verify", "99"), 2, "version-unknown"),
    "verify long number": (("verify", "9" * 5000), 2, "file-unusable"),
    "verify no CAR": (("verify", "{folder}/row.proof"), 3, "bad-car"),
    "verify no graph id": (("verify", "1", "--graph", "x"), 2, "bad-graph-id"),
    "verify no file": (("verify", "--proof", "{folder}/nothing"), 2, "unknown-target"),
    "export": (("export",), 2, "wrong-usage"),
    "export version": (("export", "--format", "car", "--version", "9", "-o", "{folder}/x"), 2, "no-such-version"),
    "export --since without car": (("export", "--since", "1", "-o", "{folder}/x"), 2, "wrong-usage"),
    "adopt from what is no clone": (("adopt", "{folder}", "--all"), 2, "not-a-clone"),
    "export to nowhere": (("export", "-o", "{folder}/nothing/x"), 2, "file-unusable"),
    "export to a full disk": (("export", "-o", "/dev/full"), 4, "disk-failed"),
    "anchor": (("anchor", "{folder}/one.nq", "-o", "{folder}/x.car", "--label", "main"), 2, "label-taken"),
    "hash": (("hash", "{folder}/bad.ttl"), 3, "rdf-syntax"),
    "canonicalize": (("canonicalize", "{folder}/bad.ttl", "-o", "{folder}/x"), 3, "rdf-syntax"),
    "canonicalize to standard output": (("canonicalize", "{folder}/one.nq"), 2, "wrong-usage"),
    "chain": (("chain", "nothing"), 2, "wrong-usage"),
    "relay send": (("relay", "send", "{folder}/one.nq"), 3, "bad-relay"),
    "relay sign for the past": (("relay", "sign", "-o", "{folder}/x", "--until", "2001-01-01"), 2, "bad-time"),
    "owner accept": (("owner", "accept"), 1, "not-owner"),
    "owner transfer": (("owner", "transfer", "somebody"), 2, "wrong-usage"),
    "owner transfer mistyped": (("owner", "transfer", "0x7E5F4552091A69125d5DfCb7b8C2659029395bdF"), 2, "wrong-usage"),
    "publisher add": (("publisher", "add", "0x" + "12" * 20, "--until", "soon"), 2, "bad-time"),
    "publisher add for the past": (("publisher", "add", "0x" + "12" * 20, "--until", "2001-01-01"), 2, "bad-time"),
    "models": (("models", "fetch", "nothing"), 2, "unknown-weights"),
    "checkout": (("checkout", "1", "{folder}"), 2, "file-unusable"),
    "query --at": (("query", "--at", "99", "ASK {}"), 2, "no-such-version"),
    "query --at of what changes": (("query", "--at", "1", "CLEAR ALL"), 3, "query-refused"),
    "export --at": (("export", "--at", "nothing", "-o", "{folder}/x"), 2, "unknown-version-name"),
    "pin": (("pin", "99"), 2, "no-such-version"),
    "unpin": (("unpin", "99"), 2, "no-such-version"),
    "gc": (("gc", "--keep", "no number"), 2, "wrong-usage"),
    "audit": (("audit", "nothing"), 2, "unknown-version-name"),
    "audit with no proof": (("audit", "1", "--proof", "{folder}/v1.car"), 3, "bad-bundle"),
    "verify two things": (("verify", "1", "--fraud", "{folder}/row.proof"), 2, "wrong-usage"),
    "verify no fraud": (("verify", "--fraud", "{folder}/nothing"), 2, "unknown-target"),
    "log": (("log", "too", "many"), 2, "wrong-usage"),
    "log without an endpoint": (("log", GRAPH), 2, "wrong-usage"),
    "log of an endpoint that is down": (("log", GRAPH, "--rpc", "http://127.0.0.1:1"), 4, "endpoint-unreachable"),
    "clone": (("clone", GRAPH, "{folder}", "--rpc", "http://127.0.0.1:1"), 2, "workspace-exists"),
    "pull": (("pull",), 2, "not-a-clone"),
    "adopt": (("adopt", "{folder}/nothing", "--all"), 2, "wrong-usage"),
    "diff": (("diff", "1", "99"), 2, "no-such-version"),
    "diff of nothing": (("diff", "1", "nothing"), 2, "unknown-version-name"),
    "snapshot": (("snapshot", "--nothing"), 2, "wrong-usage"),
    "publish": (("publish", "--nothing"), 2, "wrong-usage"),
    "status": (("status", "--nothing"), 2, "wrong-usage"),
    "rejected": (("rejected", "--nothing"), 2, "wrong-usage"),
    "rejected of what was never read": (("rejected", "nothing"), 2, "no-such-statement"),
    "merges undo": (("merges", "undo", "nothing", "--reason", "a test"), 2, "no-such-merge"),
    "merges restore": (("merges", "restore", "nothing"), 2, "no-such-merge"),
    "review accept": (("review", "accept", "nothing"), 2, "no-such-statement"),
    "review reject": (("review", "reject", ROW), 2, "no-such-statement"),
    "review undo": (("review", "undo", "nothing"), 2, "no-such-statement"),
}

WITH_JSON_ALONE = {"query --format", "export", "canonicalize to standard output"}


def filled(words: tuple[str, ...], folder: Path) -> list[str]:
    return [word.replace("{folder}", str(folder)) for word in words]


@pytest.mark.parametrize("name", GOOD)
def test_json_is_one_document_when_all_is_well(published: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    words, members = GOOD[name]
    assert run(["-C", str(published), "--json", "-q", *filled(words, published)]) == 0
    printed = capsys.readouterr()
    assert members <= set(json.loads(printed.out))
    assert printed.err == ""


@pytest.mark.parametrize("name", BAD)
def test_json_is_one_document_with_a_code_when_it_is_not(
    published: Path, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRIPLOCK_NEO4J_PASSWORD", raising=False)
    words, code, kind = BAD[name]
    assert run(["-C", str(published), "--json", "-q", *filled(words, published)]) == code
    error: dict[str, Any] = json.loads(capsys.readouterr().out)["error"]
    assert (error["code"], error["exitCode"]) == (kind, code)
    assert error["what"]
    assert error["remedy"]


@pytest.mark.parametrize("name", [name for name in BAD if name not in WITH_JSON_ALONE])
def test_without_json_the_words_go_to_standard_error(
    published: Path, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRIPLOCK_NEO4J_PASSWORD", raising=False)
    words, code, _ = BAD[name]
    assert run(["-C", str(published), *filled(words, published)]) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err
    assert "Traceback" not in printed.err


def test_every_verb_is_tried(published: Path) -> None:
    assert {words[0] for words, *_ in (*GOOD.values(), *BAD.values())} == set(COMMANDS)


def test_a_failed_export_leaves_the_file_that_was_there(published: Path) -> None:
    target = published / "precious.car"
    target.write_bytes(b"precious")
    assert run(["-C", str(published), "export", "--format", "car", "--version", "9", "-o", str(target)]) == 2
    assert target.read_bytes() == b"precious"
    assert [path for path in published.iterdir() if path.name.startswith(".precious")] == []


def test_triples_are_json_ld_with_json(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    question = 'CONSTRUCT {<urn:a> <urn:b> "\u009b"} WHERE {}'
    assert run(["-C", str(published), "--json", "query", question]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed)[0]["@id"] == "urn:a"
    assert "\x9b" not in printed


def test_part_of_an_ingest_that_failed_is_exit_code_5(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["-C", str(published), "--json", "ingest", str(published / "bad.ttl"), str(published / "two.nq")]
    assert run(words) == 5
    document = json.loads(capsys.readouterr().out)
    assert [failure["code"] for failure in document["failed"]] == ["rdf-syntax"]
    assert document["documents"] == 1


def test_without_a_workspace_the_words_say_how_to_make_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("status", "snapshot", "publish", "log", "export", "rejected"):
        assert run(["-C", str(tmp_path), verb]) == 2
        assert "triplock init" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
