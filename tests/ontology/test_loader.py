"""The loader reads OWL and RDFS as people write them, and refuses what is no ontology."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anchoring.encoding.cid import Cid
from ontology.errors import OntologyNotFound, OntologyRefused
from ontology.loader import load, loads, packaged

ZOO = """
@prefix : <https://zoo.example/#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://zoo.example/> a owl:Ontology ; owl:imports <http://127.0.0.1:9/never> .
:Animal a owl:Class ; rdfs:label "Tier"@de , "animal"@en , "животное"@ru .
:Cat a owl:Class ; rdfs:subClassOf :Animal , [ a owl:Restriction ; owl:onProperty :eats ; owl:someValuesFrom :Fish ] .
:Fish a rdfs:Class ; rdfs:subClassOf :Animal ; rdfs:label "Fisch"@de .
:Keeper a owl:Class .
:Loop1 a owl:Class ; rdfs:subClassOf :Loop2 . :Loop2 a owl:Class ; rdfs:subClassOf :Loop1 .
:eats a owl:ObjectProperty ; rdfs:label "eats"@en ;
    rdfs:domain [ a owl:Class ; owl:unionOf ( :Cat [ owl:unionOf ( :Keeper :Fish ) ] ) ] ; rdfs:range :Fish .
:age a owl:DatatypeProperty ; rdfs:domain :Animal ; rdfs:range xsd:integer .
:nickName a owl:DatatypeProperty .
:likes a rdf:Property .
:feeds a owl:ObjectProperty ; rdfs:range owl:Thing ; owl:deprecated true .
"""
Z = "https://zoo.example/#"


def test_reads_classes_relations_unions_and_labels() -> None:
    zoo = loads(ZOO.encode(), "zoo.ttl")
    assert zoo.iri == "https://zoo.example/"
    assert zoo.classes[Z + "Animal"].label == "animal"
    assert zoo.classes[Z + "Fish"].label == "Fisch"
    assert zoo.classes[Z + "Cat"].superclasses == (Z + "Animal",)
    eats = zoo.relations[Z + "eats"]
    assert eats.domain == (Z + "Cat", Z + "Fish", Z + "Keeper")
    assert eats.range == (Z + "Fish",)
    assert eats.datatype is None


def test_tells_literals_from_things_and_takes_a_missing_range_as_anything() -> None:
    zoo = loads(ZOO.encode(), "zoo.ttl")
    assert zoo.relations[Z + "age"].datatype == "http://www.w3.org/2001/XMLSchema#integer"
    assert zoo.relations[Z + "nickName"].datatype == "http://www.w3.org/2000/01/rdf-schema#Literal"
    assert zoo.relations[Z + "nickName"].label == "nick name"
    likes = zoo.relations[Z + "likes"]
    assert (likes.domain, likes.range, likes.datatype) == ((), (), None)
    assert zoo.relations[Z + "feeds"].range == ()


def test_a_deprecated_property_is_not_asked_for() -> None:
    assert Z + "feeds" not in {r.iri for r in loads(ZOO.encode(), "zoo.ttl").extractable}


def test_cycles_of_classes_are_harmless() -> None:
    zoo = loads(ZOO.encode(), "zoo.ttl")
    assert zoo.is_a(Z + "Loop1", Z + "Loop2")
    assert not zoo.is_a(Z + "Loop1", Z + "Animal")


def test_the_digest_is_the_cid_of_the_bytes(tmp_path: Path) -> None:
    file = tmp_path / "zoo.ttl"
    file.write_text(ZOO, encoding="utf-8")
    assert load(file).digest == Cid.of(ZOO.encode()).iri
    assert load(str(file)) == load(file)


@pytest.mark.parametrize("name", ["zoo.owl", "zoo", "zoo.ttl"])
def test_the_syntax_is_found_where_the_extension_does_not_say_it(name: str) -> None:
    assert len(loads(ZOO.encode(), name).relations) == 5


def test_the_same_ontology_from_rdf_xml() -> None:
    from pyoxigraph import RdfFormat, parse, serialize

    triples = [q.triple for q in parse(ZOO, format=RdfFormat.TURTLE)]
    xml = serialize(triples, format=RdfFormat.RDF_XML)
    from_xml, from_turtle = loads(xml, "zoo.rdf"), loads(ZOO.encode(), "zoo.ttl")
    assert from_xml.classes == from_turtle.classes
    assert from_xml.relations == from_turtle.relations


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.ttl"),
        (b"", "empty.owl"),
        (b"this is prose.", "prose.ttl"),
        (b"\x00\x01\x02", "binary.owl"),
        (b"<https://a.example/> <https://b.example/> <https://c.example/> .", "noproperty.ttl"),
        (b'<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><r>&b;</r>', "entities.rdf"),
    ],
)
def test_what_is_no_ontology_is_refused_with_its_name(content: bytes, name: str) -> None:
    with pytest.raises(OntologyRefused, match=name):
        loads(content, name)


def test_an_unknown_name_lists_the_packaged_ones() -> None:
    with pytest.raises(OntologyNotFound, match="ethereum-standards"):
        load("no-such-ontology")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OntologyRefused):
        load(tmp_path)


def test_an_example_that_is_not_in_its_text_is_refused() -> None:
    wrong = """
    @prefix tl: <https://w3id.org/triplock/ns#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
    <https://a.example/r> a owl:ObjectProperty .
    <https://a.example/e> a tl:Example ; tl:text "A likes B." ;
        tl:states [ tl:subject "C" ; tl:relation <https://a.example/r> ; tl:object "B" ] .
    """
    with pytest.raises(OntologyRefused, match="A likes B"):
        loads(wrong.encode(), "wrong.ttl")


def test_packaged_ontologies_load_and_describe_every_term() -> None:
    for name in packaged():
        ontology = load(name)
        for relation in ontology.relations.values():
            assert relation.comment, relation.iri
            assert relation.label, relation.iri


def test_the_standards_ontology_is_ready_for_extraction() -> None:
    standards = load("ethereum-standards")
    labels = {r.label for r in standards.extractable}
    assert {"requires", "extends", "supersedes", "adds opcode", "included in", "emits"} <= labels
    assert all(r.domain and (r.range or r.datatype) for r in standards.extractable)
    assert {label for e in standards.examples for _, label, _ in e.triples} <= labels
    assert len(standards.examples) >= 30
    assert sum(not e.triples for e in standards.examples) >= 5
    for example in standards.examples:
        for subject, _, value in example.triples:
            assert subject in example.text
            assert value in example.text
            assert subject != value


def test_an_entity_bomb_is_refused_and_the_usual_entities_are_read() -> None:
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

    def document(entities: str, value: str) -> bytes:
        return (
            f'<!DOCTYPE rdf:RDF [{entities}]><rdf:RDF xmlns:rdf="&rdf;" xmlns:a="http://a.example/">'
            f'<rdf:Property rdf:about="http://a.example/x"><a:b>{value}</a:b></rdf:Property></rdf:RDF>'
        ).encode()

    usual = f'<!ENTITY rdf "{rdf}">'
    assert set(loads(document(usual, "x"), "usual.rdf").relations) == {"http://a.example/x"}
    nested = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    for bomb in (
        nested,
        '<!ENTITY a11 SYSTEM "file:///etc/passwd">',
        '<!ENTITY % p "x">',
    ):
        with pytest.raises(OntologyRefused, match="entit"):
            loads(document(usual + '<!ENTITY a0 "lol">' + bomb, "&a11;"), "bomb.rdf")


@settings(max_examples=150)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for name in ("x.ttl", "x.json", "x.owl"):
        with contextlib.suppress(OntologyRefused):
            assert loads(content, name).relations
