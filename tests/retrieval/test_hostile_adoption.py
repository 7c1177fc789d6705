"""Graphs whose provenance is nonsense, on purpose or not: adopted as their word, shown, proven, and nothing breaks."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from clone_places import publisher, settings
from pyoxigraph import Literal, NamedNode, Quad

from anchoring.encoding.cid import Cid
from kg.claims import vocabulary as v
from kg.workspace import foreign
from kg.workspace.adopt import adopt
from kg.workspace.clone import clone
from kg.workspace.foreign import Choice, ProvenanceTooLarge
from kg.workspace.places import Places
from kg.workspace.workspace import Workspace

TEXT = "以太坊改进提案说明:代币标准。" * 40
PREDICATES = [
    v.START, v.END, v.EXACT, v.ENCODING, v.TITLE, v.TRUST, v.CONFIDENCE, v.USED, v.DERIVED_FROM, v.GRAPH_NAME,
    v.INFORMED_BY, v.ASSOCIATED_WITH, v.LABEL, v.GRAPH, v.VERSION, v.HEAD, v.ATTRIBUTED_TO, v.TYPE, v.GENERATED_BY,
]  # fmt: skip


def nonsense(rng: random.Random, document: str, count: int) -> list[Quad]:
    """Claims whose activities say anything of anything."""
    quads = []
    for number in range(count):
        claim = NamedNode(f"http://e.example/claim/{number}")
        name = "".join(rng.choices("abcdefgh234567", k=32))
        activity = NamedNode(f"http://e.example/{rng.choice(['x', 'graph/' + name])}/activity/{name}")
        span = NamedNode(f"ipfs://{document}#char={number},{rng.choice(['0', '2', '99999', 'x'])}")
        terms = [
            claim, activity, span, NamedNode(f"ipfs://{document}"), NamedNode("ipfs://no-cid#char=1,2"),
            NamedNode("http://e.example/agent/" + name), Literal(TEXT[:4]), Literal("4"), Literal("0"), Literal("-1"),
            Literal("9" * 30), Literal("٣"), Literal("no-such-encoding"), Literal("utf-16"), Literal("idna"),
            Literal("punycode"), Literal("rot13"), Literal("NaN"), Literal("proven"),
        ]  # fmt: skip
        quads.append(Quad(NamedNode(f"http://e.example/s{number}"), v.LABEL, Literal("said"), claim))
        quads.append(Quad(claim, v.GENERATED_BY, activity, activity))
        quads.append(Quad(claim, v.DERIVED_FROM, span if number % 2 else rng.choice(terms[:6]), activity))
        if number % 4 == 1:
            said = ((v.START, Literal("0")), (v.END, Literal("4")), (v.EXACT, Literal(TEXT[:4])))
            quads += [Quad(span, predicate, value, activity) for predicate, value in said]
            if number % 8 == 5:  # its agent is the span, whose own graph says more of it
                quads.append(Quad(activity, v.ASSOCIATED_WITH, span, activity))
                quads.append(Quad(span, v.START, Literal("-no number"), span))
        for _ in range(40):
            subject = rng.choice([term for term in terms if isinstance(term, NamedNode)])
            quads.append(Quad(subject, rng.choice(PREDICATES), rng.choice(terms), activity))
    return quads


def test_provenance_of_any_kind_is_taken_shown_proven_and_withdrawn(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    folder = tmp_path / "rogue"
    (tmp_path / "gb.txt").write_bytes(TEXT.encode("gb18030"))
    with publisher(folder, [["erc-721.md"]]) as made:
        with Workspace.open(folder) as workspace:
            assert workspace.ingest(tmp_path / "gb.txt").complete
            (document,) = (r.cid for r in workspace.sources.all() if r.path.endswith("gb.txt"))
            store = workspace.store
            store.apply(nonsense(rng, document, 60), [], store.generation)
        made.publish()
        clone(made.graph, tmp_path / "c", rpc=[made.url], places=Places(folders=(str(made.blocks),)))
    with Workspace.init(tmp_path / "own", settings(base="https://own.example/")) as own:
        report = adopt(own, tmp_path / "c", Choice(prefixes=("http://e.example/s",)))
        assert report.claims == 60
        assert own.blocks.has(Cid.parse(document))
        own.publish()
        shown = 0
        for number in range(60):
            statement = f'<http://e.example/s{number}> <{v.LABEL.value}> "said" .'
            (explanation,) = own.why(statement)
            assert explanation.trust == "adopted"
            assert explanation.adopted[0].claim == f"http://e.example/claim/{number}"
            shown += explanation.evidence is not None
            if number < 12:
                own.prove(statement).encode()
        assert shown > 0
        for level in ("read", "proven", "hashed", "reported", "inferred"):
            assert not own.query("ASK { ?s ?p ?o }", trust=[level]).value
        assert own.query("SELECT (COUNT(*) AS ?n) { ?s ?p 'said' }", trust=["adopted"]).rows[0][0].value == "60"
        own.withdraw(str(tmp_path / "c"), "a test")
        assert list(own.store.sorted_quads()) == []


def test_a_document_in_another_encoding_is_quoted_in_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "gb"
    (tmp_path / "gb.md").write_bytes(
        f"---\ntitle: {TEXT[:7]}\n---\n\n{TEXT}\n\n```solidity\nevent E(uint a);\n```\n".encode("gb18030")
    )
    with publisher(folder, [["erc-721.md"]]) as made:
        with Workspace.open(folder) as workspace:
            assert workspace.ingest(tmp_path / "gb.md").complete
            store = workspace.store
            (claim,) = {
                quad.subject for quad in store.match(predicate=v.DERIVED_FROM) if "#char=" in str(quad.object)
                and not any("721" in str(q) for q in store.match(graph=quad.subject))
                and any("event:E" in str(q) for q in store.match(graph=quad.subject))
            }  # fmt: skip
            theirs = workspace.why(claim.value)[0]
            line = theirs.statements[0]
        made.publish()
        clone(made.graph, tmp_path / "c", rpc=[made.url], places=Places(folders=(str(made.blocks),)))
    with Workspace.init(tmp_path / "own", settings(base="https://own.example/")) as own:
        subject = line.split(" ")[0].strip("<>")
        adopt(own, tmp_path / "c", Choice(subjects=(subject,)))
        mine = next(each for each in own.why(line) if each.adopted[0].claim == theirs.claim)
        assert mine.evidence is not None
        assert theirs.evidence is not None
        assert mine.evidence.before == theirs.evidence.before != ""
        own.publish()
        assert theirs.evidence.quote in [excerpt.quote for excerpt in own.prove(line).excerpts]


def test_a_claim_with_provenance_without_end_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "MOST_SAID", 100)
    folder = tmp_path / "rogue"
    claim, activity = NamedNode("http://e.example/c"), NamedNode("http://e.example/activity/" + "a" * 32)
    with publisher(folder, [["erc-721.md"]]) as made:
        with Workspace.open(folder) as workspace:
            quads = [Quad(activity, v.LABEL, Literal(str(number)), activity) for number in range(101)]
            quads += [Quad(claim, v.GENERATED_BY, activity, activity), Quad(claim, v.LABEL, Literal("x"), claim)]
            workspace.store.apply(quads, [], workspace.store.generation)
        made.publish()
        clone(made.graph, tmp_path / "c", rpc=[made.url], places=Places(folders=(str(made.blocks),)), shallow=True)
    with Workspace.init(tmp_path / "own", settings(base="https://own.example/")) as own:
        with pytest.raises(ProvenanceTooLarge, match=r"e\.example/c"):
            adopt(own, tmp_path / "c", Choice(subjects=(claim.value,)))
        assert adopt(own, tmp_path / "c", Choice(subjects=("https://eips.ethereum.org/EIPS/eip-721",))).claims > 1
