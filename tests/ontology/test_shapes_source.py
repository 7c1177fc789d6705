"""SHACL shapes as an ontology: relations with domain, range, values and meaning."""

from ontology.loader import loads
from ontology.model import Relation

PREFIXES = b"""
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <https://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
XSD = "http://www.w3.org/2001/XMLSchema#"
NS = "https://example.org/"


def relations(shapes):
    return loads(PREFIXES + shapes, "shapes.ttl").relations


def test_a_property_shape_is_a_relation_with_domain_range_and_meaning():
    found = relations(
        b""":S a sh:NodeShape ; sh:targetClass :Token ; sh:property
            [ sh:path :issuedBy ; sh:class :Company ; sh:name "issued by"@en, "emis"@fr ;
              sh:description "who\\nissues it" ] ,
            [ sh:path :launchedOn ; sh:datatype xsd:date ; sh:maxCount 1 ] ."""
    )
    assert found[NS + "issuedBy"] == Relation(
        NS + "issuedBy", "issued by", "who issues it", (NS + "Token",), (NS + "Company",)
    )
    assert found[NS + "launchedOn"].label == "launched on"
    assert found[NS + "launchedOn"].datatype == XSD + "date"


def test_lists_of_values_and_patterns_are_kept():
    found = relations(
        b""":S a sh:NodeShape ; sh:targetClass :Token ; sh:property
            [ sh:path :risk ; sh:in ( "low" "high" ) ] ,
            [ sh:path :chain ; sh:in ( :ethereum :base ) ] , [ sh:path :ticker ; sh:pattern "^[A-Z]{3,5}$" ] .
        :base rdfs:label "Base" ."""
    )
    assert found[NS + "risk"].values == (("low", ""), ("high", ""))
    assert found[NS + "risk"].datatype == XSD + "string"
    assert found[NS + "chain"].values == (("ethereum", NS + "ethereum"), ("Base", NS + "base"))
    assert found[NS + "ticker"].pattern == "^[A-Z]{3,5}$"


def test_alternatives_inverse_paths_and_classes_that_are_shapes():
    found = relations(
        b""":Pool a owl:Class, sh:NodeShape ; sh:property
            [ sh:path :holds ; sh:or ( [ sh:class :Token ] [ sh:class :Bond ] ) ] ,
            [ sh:path [ sh:inversePath :manages ] ; sh:class :Manager ] ,
            [ sh:path ( :a :b ) ; sh:class :Far ] , [ sh:path :off ; sh:deactivated true ] ."""
    )
    assert set(found) == {NS + "holds", NS + "manages"}
    assert found[NS + "holds"].range == (NS + "Bond", NS + "Token")
    assert (found[NS + "manages"].domain, found[NS + "manages"].range) == ((NS + "Manager",), (NS + "Pool",))


def test_a_declared_property_is_completed_not_changed():
    found = relations(
        b""":audits a owl:ObjectProperty ; rdfs:label "audits" ; rdfs:range :Code ; skos:example "Ann audits X." .
        :S a sh:NodeShape ; sh:targetClass :Firm ; sh:property
            [ sh:path :audits ; sh:class :Other ; sh:name "no" ; sh:description "reads code" ] ."""
    )
    audits = found[NS + "audits"]
    assert (audits.label, audits.domain, audits.range) == ("audits", (NS + "Firm",), (NS + "Code",))
    assert audits.comment == "Example: Ann audits X."


def test_a_list_that_bites_its_tail_ends():
    found = relations(
        b""":S a sh:NodeShape ; sh:targetClass :T ; sh:property [ sh:path :p ; sh:in :l ] .
        :l <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "x" ;
           <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> :l ."""
    )
    assert found[NS + "p"].values == (("x", ""),)
