"""Runs the extractor's reader over labelled texts, as predictions that can be scored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from anchoring.errors import InputRefused, ServiceFailed
from extractors.documents.chunks import chunks
from extractors.documents.load import PLAIN, load_document
from extractors.evaluation.model import LabelledText, Predicted, PredictedTriple
from extractors.evaluation.normalise import written
from extractors.reading.reader import NOTHING_USED, Found, Passage, Reader, Usage
from ontology.grammar import Term
from ontology.model import Example


def read_texts(reader: Reader, texts: Iterable[LabelledText]) -> Iterator[Predicted]:
    """What the reader finds in each text, read as a plain document of its own; findings of any confidence.

    A service that fails, or a text that cannot be read, makes the text `failed`. Raises WrongUsage as the reader does.
    """
    for text in texts:
        triples: list[PredictedTriple] = []
        usage, failed = NOTHING_USED, ""
        try:
            document = load_document(text.text.encode(), name=f"the text {text.id!r}", media_type=PLAIN)
            for chunk in chunks(document):
                for sentence in chunk.sentences:
                    reading = reader.read(Passage(document, chunk, sentence))
                    usage += reading.usage
                    triples += [_stated(found, (sentence.start, sentence.end), text.text) for found in reading.found]
        except (ServiceFailed, InputRefused) as error:
            failed, triples = f"{error.code}: {error.what}", []
        except UnicodeEncodeError:
            failed = "the text holds half of a surrogate pair, which is no character"
        yield _predicted(text.id, triples, usage, failed)


def examples_beside(labelled: Iterable[LabelledText], texts: Iterable[LabelledText]) -> tuple[Example, ...]:
    """Labelled texts as examples for a prompt, less those that are among the texts to be scored.

    >>> examples_beside([LabelledText("1", "A."), LabelledText("2", "B.")], [LabelledText("x", " A. ")])
    (Example(text='B.', triples=()),)
    """
    scored = {written(text.text) for text in texts}
    return tuple(Example(e.text, e.triples) for e in labelled if written(e.text) not in scored)


def _stated(found: Found, sentence: tuple[int, int], text: str) -> PredictedTriple:
    subject, relation, value = found.triple.subject, found.triple.relation, found.triple.object
    return PredictedTriple(
        written(subject.text),
        relation.label,
        written(value.text),
        float(found.confidence),
        sentence,
        _span(subject, text),
        _span(value, text),
    )


def _span(term: Term, text: str) -> tuple[int, int] | None:
    """Where the text has the term; None where it stands there by other words."""
    end = term.start + len(term.text)
    return (term.start, end) if text[term.start : end] == term.text else None


def _predicted(identifier: str, triples: list[PredictedTriple], usage: Usage, failed: str) -> Predicted:
    return Predicted(
        identifier,
        tuple(triples),
        usage.tokens_in,
        usage.tokens_out,
        usage.seconds,
        usage.calls,
        failed,
    )
