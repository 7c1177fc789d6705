"""Claims of somebody else's graph in one's own: whole, with their provenance, believed as theirs, and withdrawable."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from clone_places import DOCUMENTS, TRANSFER, Publisher, publisher, settings
from pyoxigraph import Literal, NamedNode, Quad

from anchoring.encoding.cid import Cid
from anchoring.errors import WrongUsage
from kg.claims import vocabulary as v
from kg.cli.main import run
from kg.errors import CloneRefuted, IsClone
from kg.stores.lines import quads_of
from kg.workspace.adopt import AdoptionWithdrawn, adopt
from kg.workspace.clone import clone
from kg.workspace.foreign import Choice, NotStated
from kg.workspace.places import Places
from kg.workspace.pull import NotAClone, pull
from kg.workspace.workspace import Workspace
from queries.errors import QueryRefused

EIP_20 = "https://eips.ethereum.org/EIPS/eip-20"
EIP_721 = "https://eips.ethereum.org/EIPS/eip-721"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.init(tmp_path / "own", settings(base="https://own.example/")) as workspace:
        yield workspace


def statements(workspace: Workspace) -> set[str]:
    """What is claimed, without the names of graphs and without provenance."""
    rows = workspace.query("SELECT ?s ?p ?o { ?s ?p ?o }", trust=["read", "adopted"]).rows
    return {f"{s} {p} {o}" for s, p, o in rows}


def test_a_subject_comes_with_whose_it_is_and_what_they_say_of_it(
    own: Workspace, cloned: Path, published: Publisher
) -> None:
    report = adopt(own, cloned, Choice(subjects=(EIP_20,)))
    newest = published.versions[1]
    assert (report.version.number, report.version.head, str(report.version.manifest)) == (
        2,
        newest.head,
        newest.manifest,
    )
    with Workspace.open(cloned) as foreign:
        (theirs,) = foreign.why(TRANSFER)
        wanted = {str(quad.graph_name) for quad in foreign.store.match(subject=NamedNode(EIP_20))}
        claims = {name for name in wanted if "/claim/" in name}
        expected = {
            f"{q.subject} {q.predicate} {q.object}" for q in foreign.store.match() if str(q.graph_name) in claims
        }
    assert report.claims == len(claims) > 10
    assert statements(own) == expected
    (mine,) = own.why(TRANSFER)
    assert (mine.trust, mine.statements) == ("adopted", theirs.statements)
    assert mine.claim.startswith("https://own.example/graph/")
    assert mine.evidence == theirs.evidence  # the quote with the text around it, out of the document's blocks
    (step,) = mine.adopted
    assert (step.graph, step.version, step.head) == (str(published.graph), "2", newest.head)
    assert step.manifest == f"ipfs://{newest.manifest}"
    assert step.publisher.startswith("did:pkh:eip155:")
    assert (step.claim, step.trust, step.activity) == (theirs.claim, "read", theirs.activity)
    assert (step.agent, step.kind, step.parameters) == (theirs.agent, theirs.kind, theirs.parameters)
    assert step.licence == "CC0-1.0"


def test_all_and_prefix_and_query_choose_the_same_claims_in_any_order(own: Workspace, cloned: Path) -> None:
    adopt(own, cloned, Choice(prefixes=(EIP_20 + "#",)))
    adopt(own, cloned, Choice(queries=(f"CONSTRUCT {{ <{EIP_721}> ?p ?o }} WHERE {{ <{EIP_721}> ?p ?o }}",)))
    rest = adopt(own, cloned, Choice(everything=True))
    assert rest.here > 20
    once = set(own.store.sorted_quads())
    again = adopt(own, cloned, Choice(everything=True))
    assert (again.claims, again.quads) == (0, 0)
    with Workspace.open(cloned) as foreign:
        claimed = {
            f"{q.subject} {q.predicate} {q.object}" for q in foreign.store.match() if "/claim/" in str(q.graph_name)
        }
    assert statements(own) == claimed
    with Workspace.init(own.folder.parent / "other", settings(base="https://own.example/")) as other:
        adopt(other, cloned, Choice(everything=True))
        assert set(other.store.sorted_quads()) == once


def test_withdrawing_leaves_nothing_behind_and_stays(own: Workspace, cloned: Path) -> None:
    own.ingest(DOCUMENTS / "erc-721.md")
    before = set(own.store.sorted_quads())
    report = adopt(own, cloned, Choice(subjects=(EIP_20, EIP_721)))
    own.withdraw(str(cloned), "a test")
    assert set(own.store.sorted_quads()) == before
    with pytest.raises(AdoptionWithdrawn, match="a test"):
        adopt(own, cloned, Choice(subjects=(EIP_20,)))
    assert adopt(own, cloned, Choice(subjects=(EIP_20, EIP_721)), again=True).claims == report.claims
    own.withdraw(str(report.version.manifest), "again")
    assert set(own.store.sorted_quads()) == before


def test_claims_withdrawn_one_by_one_leave_nothing_but_the_version(own: Workspace, cloned: Path) -> None:
    report = adopt(own, cloned, Choice(subjects=(EIP_20,)))
    claims = sorted(
        {q.subject.value for q in own.store.match(predicate=v.GENERATED_BY) if q.object == q.graph_name}  # type: ignore[union-attr]
    )
    assert len(claims) == report.claims
    own.withdraw(claims[0], "first")
    assert adopt(own, cloned, Choice(subjects=(EIP_20,))).withdrawn == 1
    assert not any(own.store.match(graph=NamedNode(claims[0])))
    for claim in claims[1:]:
        own.withdraw(claim, "a test")
    left = {quad.graph_name for quad in own.store.match()}
    assert left == {own.mint.of_document_itself(report.version.manifest)}


def test_reading_or_withdrawing_the_same_document_does_not_touch_what_was_adopted(own: Workspace, cloned: Path) -> None:
    adopt(own, cloned, Choice(subjects=(EIP_20,)))
    adopted = set(own.store.sorted_quads())
    own.ingest(DOCUMENTS / "erc-20.md")
    assert {claim.trust for claim in own.why(TRANSFER)} == {"adopted", "read"}
    own.withdraw(str(DOCUMENTS / "erc-20.md"), "a test")
    assert set(own.store.sorted_quads()) == adopted


def test_what_they_state_of_trust_is_theirs_and_can_be_chosen_by(own: Workspace, cloned: Path) -> None:
    assert adopt(own, cloned, Choice(everything=True, trust=frozenset(["inferred"])), dry_run=True).claims == 0
    assert adopt(own, cloned, Choice(everything=True, trust=frozenset(["read"])), dry_run=True).claims > 20
    assert adopt(own, cloned, Choice(everything=True, min_confidence=Decimal(1)), dry_run=True).claims > 20
    assert list(own.store.match()) == []
    adopt(own, cloned, Choice(subjects=(EIP_20,)))
    ask = f"ASK {{ <{EIP_20}> ?p ?o }}"
    for level in ("read", "inferred", "reported", "hashed", "proven"):
        assert not own.query(ask, trust=[level]).value
    assert own.query(ask, trust=["adopted"]).value
    assert own.query(ask).value


def test_it_is_published_proven_and_adopted_on(
    own: Workspace, cloned: Path, published: Publisher, tmp_path: Path
) -> None:
    """Through two hands: a third graph adopts from ours, and its `why` leads to the first."""
    adopt(own, cloned, Choice(subjects=(EIP_20,)))
    record = own.publish().record
    bundle = own.prove(TRANSFER)
    assert [excerpt.quote for excerpt in bundle.excerpts] == [own.why(TRANSFER)[0].evidence.quote]  # type: ignore[union-attr]
    said = b"\n".join(bundle.lines)
    assert str(published.graph).encode() in said
    folder = own.folder
    from anchoring.chain.devchain import DevChain

    graph = own.chain.graph
    own.close()
    with DevChain.open(folder / ".triplock" / "chain") as chain, chain.serve(port=0) as server:
        places = Places(folders=(str(folder / ".triplock" / "blocks"),))
        clone(graph, tmp_path / "second", rpc=[server.url], places=places)
    with Workspace.init(tmp_path / "third", settings(base="https://third.example/")) as third:
        adopt(third, tmp_path / "second", Choice(subjects=(EIP_20,)))
        (explanation,) = third.why(TRANSFER)
        assert [step.graph for step in explanation.adopted] == [str(graph), str(published.graph)]
        assert [step.trust for step in explanation.adopted] == ["adopted", "read"]
        assert explanation.adopted[0].head == record.head
        assert explanation.adopted[1].head == published.versions[1].head
        assert explanation.evidence is not None
        assert explanation.evidence.quote.startswith("event Transfer")
        third.withdraw(str(tmp_path / "second"), "a test")
        assert list(third.store.sorted_quads()) == []


def test_only_what_the_version_holds_is_taken(published: Publisher, own: Workspace, tmp_path: Path) -> None:
    """The clone's store was changed by hand: something put in, something taken out of a claim."""
    places = Places(folders=(str(published.blocks),))
    for number, spoil in enumerate(("put in", "take out")):
        folder = tmp_path / f"c{number}"
        clone(published.graph, folder, rpc=[published.url], places=places, shallow=True)
        with Workspace.open(folder) as foreign:
            claim = NamedNode(foreign.why(TRANSFER)[0].claim)
            quads = list(foreign.store.match(graph=claim))
            new = [Quad(NamedNode(EIP_20), v.LABEL, Literal("forged"), claim)]
            added, gone = (new, []) if spoil == "put in" else ([], quads[1:])
            assert added or gone
            foreign.store.apply(added, gone, foreign.store.generation)
        with pytest.raises(CloneRefuted, match="store of"):
            adopt(own, folder, Choice(subjects=(EIP_20,)))
        assert list(own.store.match()) == []


HOSTILE = """
<{claim}> <http://www.w3.org/ns/prov#wasGeneratedBy> <{activity}> <{activity}> .
<{activity}> <https://w3id.org/triplock/ns#trust> "proven" <{activity}> .
<{claim}> <https://w3id.org/triplock/ns#confidence> "0.01" <{activity}> .
<http://e.example/s> <http://e.example/p> "x" <{claim}> .
"""


def test_a_graph_that_speaks_of_ones_own_claims_changes_nothing_of_them(
    own: Workspace, tmp_path: Path, published: Publisher
) -> None:
    """A foreign dataset that is no work of triplock: it names our claim and our activity as its own graphs."""
    own.ingest(DOCUMENTS / "erc-20.md")
    before = own.why(TRANSFER)
    (honest,) = before
    rogue = tmp_path / "rogue"
    with publisher(rogue, [["erc-721.md"]]) as made:
        with Workspace.open(rogue) as workspace:
            text = HOSTILE.format(claim=honest.claim, activity=honest.activity)
            quads = quads_of(line.encode() for line in text.split("\n") if line)
            workspace.store.apply(quads, [], workspace.store.generation)
        made.publish()
        clone(made.graph, tmp_path / "c", rpc=[made.url], places=Places(folders=(str(made.blocks),)), shallow=True)
    report = adopt(own, tmp_path / "c", Choice(subjects=("http://e.example/s",)))
    assert report.claims == 1
    assert own.why(TRANSFER) == before
    assert own.query("ASK { ?s ?p ?o }", trust=["proven"]).value is False
    (mine,) = own.why('<http://e.example/s> <http://e.example/p> "x" .')
    assert (mine.trust, mine.adopted[0].trust, mine.adopted[0].claim) == ("adopted", "proven", honest.claim)
    own.withdraw(mine.claim, "a test")
    assert own.why(TRANSFER) == before


def test_graphs_that_are_no_claims_are_taken_by_subject(own: Workspace, tmp_path: Path) -> None:
    plain = (
        '<http://e.example/a> <http://e.example/p> "1.10"^^<http://www.w3.org/2001/XMLSchema#decimal> .\n'
        '<http://e.example/a> <http://e.example/p> "2" <http://e.example/g> .\n'
        '<http://e.example/b> <http://e.example/p> "ends with <http://e.example/g>" .\n'
    )
    folder = tmp_path / "plain"
    with publisher(folder, [["erc-721.md"]]) as made:
        with Workspace.open(folder) as workspace:
            store = workspace.store
            store.apply(quads_of(plain.encode().splitlines()), list(store.match()), store.generation)
        made.publish()
        clone(made.graph, tmp_path / "c", rpc=[made.url], places=Places(folders=(str(made.blocks),)), shallow=True)
    query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(isNumeric(?o)) }"
    assert adopt(own, tmp_path / "c", Choice(queries=(query,)), dry_run=True).claims == 1
    report = adopt(own, tmp_path / "c", Choice(subjects=("http://e.example/a",)))
    assert (report.claims, report.statements) == (2, 2)
    assert any(b'"1.10"^^' in line for line in own.store.sorted_quads())
    assert own.query("ASK { ?s ?p 1.10 }", trust=["adopted"]).value
    assert adopt(own, tmp_path / "c", Choice(everything=True)).claims == 1


def test_what_cannot_be_chosen_is_refused(own: Workspace, cloned: Path, published: Publisher) -> None:
    for choice, error in (
        (Choice(), WrongUsage),
        (Choice(subjects=("no iri",)), WrongUsage),
        (Choice(prefixes=("",)), WrongUsage),
        (Choice(queries=("ASK { ?s ?p ?o }",)), WrongUsage),
        (Choice(queries=("CONSTRUCT { ?s <http://made.up/p> ?o } WHERE { ?s ?p ?o } LIMIT 1",)), NotStated),
        (Choice(queries=("DELETE WHERE { ?s ?p ?o }",)), QueryRefused),
    ):
        with pytest.raises(error):
            adopt(own, cloned, choice)
    with pytest.raises(NotAClone):
        adopt(own, published.folder, Choice(everything=True))
    with Workspace.open(cloned) as foreign, pytest.raises(IsClone):
        adopt(foreign, cloned, Choice(everything=True))
    assert list(own.store.match()) == []


def test_from_a_later_version_only_what_is_new_is_taken(published: Publisher, own: Workspace, tmp_path: Path) -> None:
    places = Places(folders=(str(published.blocks),))
    clone(published.graph, tmp_path / "c", rpc=[published.url], places=places, at=1, shallow=True)
    first = adopt(own, tmp_path / "c", Choice(everything=True))
    with Workspace.open(tmp_path / "c") as foreign:
        pull(foreign, shallow=True)
    second = adopt(own, tmp_path / "c", Choice(everything=True))
    assert (first.version.number, second.version.number, second.here) == (1, 2, first.claims)
    assert second.claims > 0
    assert {step.adopted[0].version for step in own.why(TRANSFER)} == {"1"}
    assert own.withdraw(str(tmp_path / "c"), "both") > 0
    assert list(own.store.sorted_quads()) == []


def test_the_command_line(own: Workspace, cloned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(own.folder)
    own.close()
    assert run(["-C", folder, "adopt", str(cloned), "--subject", EIP_20, "--dry-run"]) == 0
    assert "would take" in capsys.readouterr().out
    assert run(["-C", folder, "--json", "adopt", str(cloned), "--subject", EIP_20, "--trust", "read"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["claims"] > 10
    assert Cid.parse(document["manifest"])
    assert run(["-C", folder, "why", TRANSFER]) == 0
    shown = capsys.readouterr().out
    assert "adopted from  version 2 of eip155:" in shown
    assert "  trust       read\n" in shown
    assert run(["-C", folder, "adopt", str(cloned)]) == 2
    assert "--subject" in capsys.readouterr().err
