"""How much of what was stated stands in the text: subject and object both as the text has them, up to normalisation.

A check of faithfulness that needs no labels; what is not in the text may still be right (a date in other words).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extractors.evaluation.model import LabelledText, Predicted, paired
from extractors.evaluation.normalise import relation_key, relation_keys, written
from ontology.model import Ontology


@dataclass(frozen=True, slots=True)
class Grounding:
    """Of `stated` triples: with subject and object in the text, with spans that name them, with a known relation.

    `conforming` is None without an ontology.
    """

    stated: int
    in_text: int
    with_spans: int
    conforming: int | None


def grounding(
    texts: Sequence[LabelledText], predictions: Sequence[Predicted], ontology: Ontology | None = None
) -> Grounding:
    """Counts over all triples as they were stated; raises what `paired` raises.

    >>> from extractors.evaluation.model import PredictedTriple
    >>> said = Predicted("1", (PredictedTriple("Ann", "met", "Bo"), PredictedTriple("Ann", "met", "Cy")))
    >>> grounding([LabelledText("1", "Ann met Bo.")], [said])
    Grounding(stated=2, in_text=1, with_spans=0, conforming=None)
    """
    labels = relation_keys(ontology)
    stated = in_text = with_spans = conforming = 0
    for text, said in paired(texts, predictions):
        normal = written(text.text)
        for t in said.triples:
            stated += 1
            in_text += written(t.subject) in normal and written(t.object) in normal
            with_spans += _named(text.text, t.subject, t.subject_span) and _named(text.text, t.object, t.object_span)
            conforming += labels is not None and relation_key(t.relation) in labels
    return Grounding(stated, in_text, with_spans, None if labels is None else conforming)


def _named(text: str, name: str, span: tuple[int, int] | None) -> bool:
    return span is not None and written(text[span[0] : span[1]]) == written(name)
