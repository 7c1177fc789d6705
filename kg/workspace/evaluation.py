"""Runs the extractor over labelled texts, as predictions that can be scored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import Literal, NamedNode

from anchoring.errors import InputRefused
from extractors.documents.chunks import chunks
from extractors.documents.load import PLAIN, load_document
from extractors.evaluation.model import LabelledText, Predicted, PredictedTriple
from extractors.evaluation.normalise import written
from extractors.reading.extractor import Extractor, Status
from extractors.reading.reader import NOTHING_USED
from kg.claims.model import Claim, Span
from kg.claims.vocabulary import LABEL, XSD
from ontology.model import Example, Ontology


def read_texts(extractor: Extractor, texts: Iterable[LabelledText], system: str = "") -> Iterator[Predicted]:
    """What the extractor claims of each text, read as a plain document of its own; `system` names the extractor.

    A service that fails, or a text that cannot be read, makes the text `failed`. Raises WrongUsage as the extractor
    does.
    """
    for text in texts:
        claims: list[Claim] = []
        usage, failed = NOTHING_USED, ""
        try:
            document = load_document(text.text.encode(), name=f"the text {text.id!r}", media_type=PLAIN)
            for chunk in chunks(document):
                result = extractor.extract(document, chunk)
                usage += result.usage
                claims += result.claims
                if result.status is Status.FAILED:
                    failed = result.reason
                    break
        except InputRefused as error:
            failed = f"{error.code}: {error.what}"
        except UnicodeEncodeError:
            failed = "the text holds half of a surrogate pair, which is no character"
        said = () if failed else tuple(stated(claim, extractor.ontology) for claim in claims)
        yield Predicted(
            text.id,
            said,
            usage.tokens_in,
            usage.tokens_out,
            usage.seconds,
            usage.calls,
            failed,
            system,
        )


def system_digest(parameters: Sequence[tuple[str, str]], examples: Sequence[Example]) -> str:
    """`sha256:` of all that decides what an extractor says: its parameters, and the examples that it is shown."""
    text = json.dumps([list(parameters), [[e.text, list(e.triples)] for e in examples]], separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def examples_beside(examples: Iterable[Example], texts: Iterable[LabelledText]) -> tuple[Example, ...]:
    """The examples for a prompt, less those that are among the texts to be scored.

    >>> examples_beside([Example("A.", ()), Example("B.", ())], [LabelledText("x", " A. ")])
    (Example(text='B.', triples=()),)
    """
    scored = {written(text.text) for text in texts}
    return tuple(e for e in examples if written(e.text) not in scored)


def stated(claim: Claim, ontology: Ontology) -> PredictedTriple:
    """The triple of a claim in the words of its document, the relation by its label."""
    subject, predicate, value = claim.statements[0]
    relation = ontology.relations.get(predicate.value)
    return PredictedTriple(
        _name(claim, subject, claim.subject_span),
        predicate.value if relation is None else relation.label,
        _name(claim, value, claim.object_span),
        None if claim.confidence is None else float(claim.confidence),
        _offsets(claim.span),
        _offsets(claim.subject_span),
        _offsets(claim.object_span),
    )


def _name(claim: Claim, term: NamedNode | Literal, span: Span | None) -> str:
    """What the claim calls the thing, or a string, else the words by which the text names it, else its IRI or value."""
    if isinstance(term, Literal) and term.datatype.value == XSD + "string":
        return written(term.value)
    labels = (o.value for s, p, o in claim.statements[1:] if s == term and p == LABEL and isinstance(o, Literal))
    return written(next(labels, "") or (span.quote if span is not None else "") or term.value)


def _offsets(span: Span | None) -> tuple[int, int] | None:
    return None if span is None else (span.start, span.end)
