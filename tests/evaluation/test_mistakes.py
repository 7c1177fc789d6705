"""Each mistake has one kind, and everything that is not right is a mistake."""

from __future__ import annotations

from collections import Counter

import pytest
from evaluation_cases import evaluations
from hypothesis import given, settings

from extractors.evaluation.mistakes import Kind, Mistake, mistakes
from extractors.evaluation.model import LabelledText, Predicted, PredictedTriple, Triple
from extractors.evaluation.strict import strict
from ontology.loader import loads

LIBRARY = loads(
    b'{"concepts": [], "relations": [{"pid": "P1", "label": "author"}, {"pid": "P2", "label": "written by"}]}', "l.json"
)
TEXT = LabelledText("1", "Ann Lee wrote the Black Book.", (("Black Book", "author", "Ann Lee"),))


@pytest.mark.parametrize(
    ("stated", "kind", "compared"),
    [
        (("Black Book", "invented", "Ann Lee"), Kind.OFF_ONTOLOGY, True),
        (("Black Book", "invented", "Bo"), Kind.OFF_ONTOLOGY, False),
        (("the Black Book", "author", "Ann Lee"), Kind.BOUNDARY, True),
        (("Ann Lee", "author", "Black Book"), Kind.SWAPPED, True),
        (("Black Book", "written by", "Ann"), Kind.RELATION, True),
        (("Black Book", "author", "Bo"), Kind.ARGUMENT, True),
        (("Bo", "author", "Cy"), Kind.SPURIOUS, False),
    ],
)
def test_kinds_by_example(stated: Triple, kind: Kind, compared: bool) -> None:
    said = PredictedTriple(*stated)
    found = mistakes([TEXT], [Predicted("1", (said,))], LIBRARY)
    expected = TEXT.triples[0]
    left = [] if compared else [Mistake(Kind.MISSING, "1", None, expected)]
    assert list(found) == [Mistake(kind, "1", said, expected if compared else None), *left]


def test_what_is_missing_because_there_is_no_answer_is_said_so() -> None:
    (found,) = mistakes([TEXT], [Predicted("1", failed="model-unreachable")])
    assert found == Mistake(Kind.UNANSWERED, "1", None, TEXT.triples[0])


@settings(max_examples=40)
@given(evaluations())
def test_all_that_is_wrong_is_counted_once(case: tuple[list[LabelledText], list[Predicted]]) -> None:
    texts, said = case
    for ontology in (None, LIBRARY):
        found = mistakes(texts, said, ontology)
        counts = strict(texts, said).counts
        assert sum(m.stated is not None for m in found) == counts.predicted - counts.correct
        assert sum(m.expected is not None for m in found) == counts.gold - counts.correct
        uses = Counter((m.id, m.expected) for m in found if m.expected is not None)
        assert max(uses.values(), default=1) == 1
        assert all((m.stated is None) == (m.kind in (Kind.MISSING, Kind.UNANSWERED)) for m in found)
