"""What an evaluation compares: texts with the triples that people found in them, and what a system said of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from extractors.evaluation.errors import LabelsRefused, PredictionsRefused

Triple = tuple[str, str, str]
"""Subject, name of the relation, object."""


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text and the triples that are right for it; none where it states nothing. `id` names it in its data set."""

    id: str
    text: str
    triples: tuple[Triple, ...] = ()


@dataclass(frozen=True, slots=True)
class PredictedTriple:
    """A triple that a system stated.

    `confidence` is from 0 to 1, None where the system gives none.
    The spans are `(start, end)` in code points of the text: of the evidence, of the subject and of the object.
    """

    subject: str
    relation: str
    object: str
    confidence: float | None = None
    span: tuple[int, int] | None = None
    subject_span: tuple[int, int] | None = None
    object_span: tuple[int, int] | None = None

    @property
    def triple(self) -> Triple:
        """Subject, relation, object alone."""
        return self.subject, self.relation, self.object


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a system said of the text with this id, and what it cost: tokens, seconds and calls of a model.

    `failed` is the reason why the system has no answer for the text, "" where it has one; an empty answer is an answer.
    `system` names what made it, so that answers of two systems are not taken for those of one; "" where nobody says.
    """

    id: str
    triples: tuple[PredictedTriple, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    calls: int = 0
    failed: str = ""
    system: str = ""


def paired(
    texts: Sequence[LabelledText], predictions: Iterable[Predicted]
) -> tuple[tuple[LabelledText, Predicted], ...]:
    """Each text with what was said of it, in the order of the texts; a text without a prediction has failed.

    Raises LabelsRefused where two texts have one id, PredictionsRefused where two predictions have, or where a
    prediction is of no text that is here.

    >>> [(t.id, p.failed) for t, p in paired([LabelledText("a", "A is B."), LabelledText("b", "")], [Predicted("a")])]
    [('a', ''), ('b', 'no prediction')]
    """
    known = {text.id for text in texts}
    if len(known) < len(texts):
        seen: set[str] = set()
        twice = next(t.id for t in texts if t.id in seen or seen.add(t.id))  # type: ignore[func-returns-value]
        raise LabelsRefused(f"two texts have the id {twice!r}", remedy="give each text an id of its own")
    said: dict[str, Predicted] = {}
    for prediction in predictions:
        if prediction.id not in known:
            raise PredictionsRefused(
                f"a prediction is of {prediction.id!r}, which is none of the {len(texts)} labelled texts",
                remedy="give predictions for the texts of the same file",
            )
        if prediction.id in said:
            raise PredictionsRefused(
                f"two predictions are of the text {prediction.id!r}", remedy="give one line a text, with all triples"
            )
        said[prediction.id] = prediction
    return tuple((text, said.get(text.id) or Predicted(text.id, failed="no prediction")) for text in texts)
