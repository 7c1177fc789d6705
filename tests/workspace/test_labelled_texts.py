"""Labelled texts are read one by one, each as a document of its own."""

from __future__ import annotations

from stating_reader import StatingReader

from extractors.evaluation.model import LabelledText
from extractors.reading.extractor import Extractor
from kg.claims.iris import Mint
from kg.workspace.evaluation import examples_beside, read_texts
from ontology.loader import loads
from ontology.model import Example

LIBRARY = b'{"concepts": [], "relations": [{"pid": "P1", "label": "author"}]}'


def test_a_reader_is_run_on_each_text_and_failures_are_kept_apart() -> None:
    ontology = loads(LIBRARY, "l.json")
    reader = StatingReader(ontology, [("The Black Book", "author", "Ann Lee")])
    extractor = Extractor(reader, ontology, Mint("https://graph.example/"))
    texts = [
        LabelledText("a", "Once more:  The Black Book was\n\nwritten by Bo. The Black Book was written by Ann Lee."),
        LabelledText("b", "Nobody wrote this one."),
        LabelledText("c", ""),
        LabelledText("d", "half of \ud800"),
    ]
    found = list(read_texts(extractor, texts))
    assert [p.id for p in found] == ["a", "b", "c", "d"]
    (triple,) = found[0].triples
    assert triple.triple == ("The Black Book", "author", "Ann Lee")
    assert [texts[0].text[slice(*span)] for span in (triple.subject_span, triple.object_span) if span] == [
        "The Black Book",
        "Ann Lee",
    ]
    assert triple.span is not None
    assert texts[0].text[slice(*triple.span)] == "The Black Book was written by Ann Lee."
    assert (triple.confidence, found[0].failed, found[0].calls) == (0.9, "", 3)
    assert (found[1].triples, found[1].failed) == ((), "")
    assert found[2].failed.startswith("document-empty")
    assert "surrogate" in found[3].failed


def test_a_text_that_is_scored_is_no_example() -> None:
    shown = [Example("Ann wrote  X.", (("X", "author", "Ann"),)), Example("Bo wrote Y.", ())]
    assert [e.text for e in examples_beside(shown, [LabelledText("9", "Ann wrote X.")])] == ["Bo wrote Y."]
