"""The Text2KGBench form of an ontology, on a small one written for this test."""

from __future__ import annotations

import json

import pytest

from ontology.errors import OntologyRefused
from ontology.loader import loads
from ontology.text2kgbench import STRING, examples

LIBRARY = {
    "title": "Library Ontology",
    "id": "ont_library",
    "concepts": [{"qid": "Q1", "label": "book"}, {"qid": "Q2", "label": "person"}],
    "relations": [
        {"pid": "P1", "label": "author", "domain": "Q1", "range": "Q2"},
        {"pid": "P2", "label": "publication date", "domain": "Q1", "range": ""},
        {"pid": "P3", "label": "follows", "domain": "", "range": "Q9"},
    ],
}


def test_concepts_and_relations_become_classes_and_relations() -> None:
    library = loads(json.dumps(LIBRARY).encode(), "library.json")
    by_label = {r.label: r for r in library.relations.values()}
    assert [library.classes[c].label for c in by_label["author"].range] == ["person"]
    assert by_label["publication date"].datatype == STRING
    assert by_label["follows"].domain == ()
    # A range that is not among the concepts is a class all the same.
    assert [library.classes[c].label for c in by_label["follows"].range] == ["Q9"]
    assert library.digest.startswith("ipfs://bafkrei")
    assert all(r.extractable for r in library.relations.values())


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "{}",
        '{"relations": 3}',
        '{"relations": [1]}',
        '{"relations": [{"pid": 1, "label": "x"}]}',
        "{",
        "[" * 100_000,
    ],
)
def test_other_json_is_refused(content: str) -> None:
    with pytest.raises(OntologyRefused):
        loads(content.encode(), "library.json")


def test_labelled_sentences_of_both_forms_are_joined() -> None:
    lines = [
        '{"sent": "Ann wrote X in 1990.", "sub_label": "X", "rel_label": "author", "obj_label": "Ann"}',
        '{"sent": "Ann wrote X in 1990.", "triples": [{"sub": "X", "rel": "publication date", "obj": "1990"}]}',
        "",
        '{"sent": "Nothing is said.", "triples": []}',
    ]
    joined, negative = examples(lines)
    assert joined.triples == (("X", "author", "Ann"), ("X", "publication date", "1990"))
    assert negative.triples == ()


def test_a_line_without_a_sentence_is_refused() -> None:
    with pytest.raises(OntologyRefused, match="sent"):
        examples(['{"triples": []}'])
