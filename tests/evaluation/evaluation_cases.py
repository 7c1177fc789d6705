"""Labelled texts and predictions of all kinds: few names, so that they meet often."""

from __future__ import annotations

from hypothesis import strategies as st

from extractors.evaluation.model import LabelledText, Predicted, PredictedTriple

_things = st.sampled_from(
    ["Ann", "ann", "Ann Lee", "Lee Ann", "Bo", "Bo ", "B o", "the Bo Ann", "1 May 2020", "2020-05-01", "ﬁn", "fin", "-"]
)
_relations = st.sampled_from(["author", "Author", "written_by", "written by", "in"])
_confidences = st.one_of(st.none(), st.integers(0, 10).map(lambda n: n / 10))
_triples = st.tuples(_things, _relations, _things)
_stated = st.builds(PredictedTriple, _things, _relations, _things, _confidences)


@st.composite
def evaluations(draw: st.DrawFn) -> tuple[list[LabelledText], list[Predicted]]:
    """A few texts and what was said of some of them."""
    texts = [
        LabelledText(str(n), "Ann Lee wrote Bo.", tuple(triples))
        for n, triples in enumerate(draw(st.lists(st.lists(_triples, max_size=4), max_size=5)))
    ]
    said = []
    for text in texts:
        known = [PredictedTriple(*t, confidence=0.5) for t in text.triples]
        pool = st.one_of(_stated, st.sampled_from(known)) if known else _stated
        said.append(Predicted(text.id, tuple(draw(st.lists(pool, max_size=4)))))
    kept = draw(st.lists(st.sampled_from(said), unique=True)) if said else []
    return texts, kept


def as_said(texts: list[LabelledText]) -> list[Predicted]:
    """A system that says exactly what the labels say."""
    return [Predicted(text.id, tuple(PredictedTriple(*t) for t in text.triples)) for text in texts]
