"""Statements that do not fit the ontology or its shapes are refused with the reason, the others pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from ontology.errors import ShapesRefused
from ontology.loader import load
from ontology.shacl import shape_violations
from ontology.validate import validate

STD = "https://w3id.org/triplock/ethereum-standards#"
RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
XSD = "http://www.w3.org/2001/XMLSchema#"
STANDARDS = load("ethereum-standards")


def std(name: str) -> NamedNode:
    return NamedNode(STD + name)


def thing(name: str) -> NamedNode:
    return NamedNode(f"https://graph.example/{name}")


def test_a_fitting_statement_passes() -> None:
    statements = [(thing("a"), RDF_TYPE, std("Erc")), (thing("a"), std("requires"), thing("b"))]
    verdict = validate(STANDARDS, statements, types={thing("b").value: [STD + "Standard"]})
    assert verdict.accepted == tuple(statements)
    assert verdict.refused == ()


def test_swapped_arguments_are_refused() -> None:
    swapped = (thing("PUSH0"), std("addsOpcode"), thing("eip"))
    types = {thing("PUSH0").value: [STD + "Opcode"], thing("eip").value: [STD + "CoreStandard"]}
    verdict = validate(STANDARDS, [swapped], types=types)
    assert verdict.accepted == ()
    assert 'the domain of "adds opcode" is Standard' in verdict.refused[0].reason


def test_a_subclass_fits_and_an_unknown_thing_fits() -> None:
    emits = (thing("token"), std("emits"), thing("Transfer"))
    assert validate(STANDARDS, [emits], types={thing("token").value: [STD + "Token"]}).accepted == (emits,)
    assert validate(STANDARDS, [emits]).accepted == (emits,)


@pytest.mark.parametrize(
    ("predicate", "value", "reason"),
    [
        ("number", thing("twenty"), "is an IRI"),
        ("number", Literal("twenty", datatype=NamedNode(XSD + "integer")), "is no integer"),
        ("number", Literal("20"), "is string"),
        ("created", Literal("2015-02-30", datatype=NamedNode(XSD + "date")), "is no date"),
        ("requires", Literal("EIP-20"), "is a literal"),
        ("topic0", Literal("0xDDF2"), "lower-case hexadecimal"),
        ("selector", Literal("0xa9059cbb00"), "8 lower-case"),
        ("topicCount", Literal("5", datatype=NamedNode(XSD + "integer")), "0 to 4 topics"),
    ],
)
def test_wrong_values_are_refused_with_the_reason(predicate: str, value: NamedNode | Literal, reason: str) -> None:
    others = (thing("s"), std("status"), Literal("Final"))
    verdict = validate(STANDARDS, [(thing("s"), std(predicate), value), others])
    assert [r.statement[1] for r in verdict.refused] == [std(predicate)]
    assert reason in verdict.refused[0].reason
    assert verdict.accepted == (others,)


def test_own_shapes_and_their_imports_are_not_followed(tmp_path: Path) -> None:
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
        <https://a.example/> a owl:Ontology ; owl:imports <http://127.0.0.1:9/never.ttl> .
        <https://a.example/s> a sh:NodeShape ; sh:targetSubjectsOf <https://a.example/p> ;
            sh:property [ sh:path <https://a.example/p> ; sh:in ( "yes" ) ; sh:message "say yes" ] ."""
    )
    p = NamedNode("https://a.example/p")
    yes, no = (thing("1"), p, Literal("yes")), (thing("2"), p, Literal("no"))
    assert shape_violations([yes, no], shapes=shapes) == {no: "say yes"}


def test_shapes_that_are_no_turtle_or_absent_are_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.ttl"
    bad.write_text("not turtle")
    with pytest.raises(ShapesRefused):
        shape_violations([(thing("a"), std("status"), Literal("x"))], shapes=bad)
    with pytest.raises(ShapesRefused):
        shape_violations([(thing("a"), std("status"), Literal("x"))], shapes=tmp_path / "absent.ttl")


def test_the_claims_of_the_shipped_documents_fit_ontology_and_shapes() -> None:
    from extractors.documents.claims import read_claims
    from extractors.documents.load import load_document
    from kg.claims.iris import Mint
    from kg.claims.quads import claim_quads

    data = Path(__file__).parents[2] / "data" / "documents"
    mint = Mint("https://graph.example/")
    claims = [c for file in sorted(data.glob("*.md"))[:4] for c in read_claims(load_document(file), mint)]
    statements = list(dict.fromkeys((q.subject, q.predicate, q.object) for q in claim_quads(mint, claims)))
    verdict = validate(STANDARDS, statements)  # type: ignore[arg-type]
    assert verdict.refused == ()
    assert len(verdict.accepted) > 300
