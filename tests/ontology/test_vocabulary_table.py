"""docs/vocabulary.md is what the packaged ontologies say."""

from __future__ import annotations

from pathlib import Path

from ontology.vocabulary_table import document

ROOT = Path(__file__).parents[2]


def test_the_page_is_current() -> None:
    assert (ROOT / "docs" / "vocabulary.md").read_text(encoding="utf-8") == document(), "run: scripts/vocabulary"


def test_every_term_that_code_uses_is_in_it() -> None:
    from kg.claims import vocabulary

    page = document()
    for name in ("TRUST", "CONFIDENCE", "GRAPH_NAME", "GRAPH", "VERSION", "HEAD", "ENCODING"):
        term = getattr(vocabulary, name).value.removeprefix(vocabulary.TL)
        assert f"`tl:{term}`" in page
