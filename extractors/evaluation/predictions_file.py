"""What a system said of labelled texts, as JSON lines: to be scored later, and to score other systems.

A line is what was said of one text; all but `id` and `triples` may be left out::

    {"id": "1", "triples": [{"subject": "X", "relation": "author", "object": "Ann", "confidence": 0.9,
     "span": [0, 12], "subjectSpan": [10, 11], "objectSpan": [0, 3]}],
     "tokens": {"prompt": 310, "completion": 12}, "seconds": 1.5, "calls": 1, "failed": "", "system": ""}

A triple may also be an array of three texts, as in the answers of Text2KGBench. `failed` is the reason why there is
no answer, `system` a name or digest of what made it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from extractors.evaluation.errors import LabelsRefused, PredictionsRefused
from extractors.evaluation.labelled_file import objects, triple_of
from extractors.evaluation.model import Predicted, PredictedTriple

_MOST = 10**15
_FORM = 'give lines such as {"id": "1", "triples": [["X", "author", "Ann"]]}'


def predictions(lines: Iterable[str], name: str = "the predictions") -> tuple[Predicted, ...]:
    """The predictions of the lines; `name` is for messages. Raises PredictionsRefused.

    >>> predictions(['{"id": "1", "triples": [["X", "author", "Ann"]], "calls": 1}'])[0].calls
    1
    """
    try:
        return tuple(_predicted(entry, f"{name}, line {number}") for number, entry in objects(lines, name))
    except LabelsRefused as error:
        raise PredictionsRefused(error.what, remedy=_FORM) from None


def prediction_line(said: Predicted) -> str:
    """The line of one prediction, with its line feed; `predictions` reads it back as it was."""
    triples = []
    for t in said.triples:
        entry: dict[str, object] = {"subject": t.subject, "relation": t.relation, "object": t.object}
        spans = {"span": t.span, "subjectSpan": t.subject_span, "objectSpan": t.object_span}
        if t.confidence is not None:
            entry["confidence"] = t.confidence
        triples.append(entry | {key: list(span) for key, span in spans.items() if span is not None})
    line: dict[str, object] = {"id": said.id, "triples": triples}
    if said.tokens_in or said.tokens_out:
        line["tokens"] = {"prompt": said.tokens_in, "completion": said.tokens_out}
    line |= {"seconds": said.seconds} if said.seconds else {}
    line |= {"calls": said.calls} if said.calls else {}
    line |= {"failed": said.failed} if said.failed else {}
    line |= {"system": said.system} if said.system else {}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def _predicted(entry: dict[str, object], where: str) -> Predicted:
    identifier, triples = entry.get("id"), entry.get("triples", [])
    if not isinstance(identifier, str | int):
        raise _refused(where, "it has no id")
    if not isinstance(triples, list):
        raise _refused(where, "it has no list of triples")
    tokens = entry.get("tokens", {})
    if not isinstance(tokens, dict):
        raise _refused(where, "tokens are an object with prompt and completion")
    failed, system = entry.get("failed", ""), entry.get("system", "")
    return Predicted(
        str(identifier),
        tuple(_stated(value, where) for value in triples),
        _count(tokens, "prompt", where),
        _count(tokens, "completion", where),
        float(_number(entry, "seconds", where, 0.0) or 0.0),
        _count(entry, "calls", where),
        failed if isinstance(failed, str) else "it failed",
        system if isinstance(system, str) else "",
    )


def _stated(value: object, where: str) -> PredictedTriple:
    triple = triple_of(value)
    if triple is None:
        raise _refused(where, f"{str(value)[:80]!r} is no triple of subject, relation and object, each a text")
    if not isinstance(value, dict):
        return PredictedTriple(*triple)
    confidence = _number(value, "confidence", where, None)
    if confidence is not None and confidence > 1:
        raise _refused(where, f"a confidence is {confidence}, not from 0 to 1")
    spans = [_span(value.get(key), where) for key in ("span", "subjectSpan", "objectSpan")]
    return PredictedTriple(*triple, confidence, *spans)


def _span(value: object, where: str) -> tuple[int, int] | None:
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 2 and all(type(x) is int for x in value) and 0 <= value[0] <= value[1]:
        return value[0], value[1]
    raise _refused(where, f"{str(value)[:60]!r} is no span [start, end]")


def _number(entry: dict[str, object], key: str, where: str, default: float | None) -> float | None:
    value = entry.get(key, default)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MOST):
        return value
    raise _refused(where, f"{key} is {str(value)[:60]!r}, not a number from 0 to 10^15")


def _count(entry: dict[str, object], key: str, where: str) -> int:
    return int(_number(entry, key, where, 0) or 0)


def _refused(where: str, why: str) -> PredictionsRefused:
    return PredictionsRefused(f"{where}: {why}", remedy=_FORM)
