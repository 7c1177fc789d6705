"""Labelled texts from JSON lines.

A line is a text and its triples::

    {"id": "1", "text": "Ann wrote X.", "triples": [["X", "author", "Ann"]]}

`id` may be left out (it is then the number of the line); a triple may also be an object with `subject`, `relation`
and `object`. The forms of Text2KGBench are read too: `sent` for the text, `sub`, `rel`, `obj` for the parts, one triple
a line with `sub_label`, `rel_label`, `obj_label` (lines of one text are joined), and texts and labels in two files
that are joined by `id`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from anchoring.encoding.bounded_json import bounded_json
from extractors.evaluation.errors import LabelsRefused
from extractors.evaluation.model import LabelledText, Triple

_PARTS = (("subject", "sub_label", "sub"), ("relation", "rel_label", "rel"), ("object", "obj_label", "obj"))
_ONE_TRIPLE_A_LINE = ("sub_label", "rel_label", "obj_label")
_SURROGATE = re.compile("[\ud800-\udfff]")
_FORM = 'give lines such as {"id": "1", "text": "Ann wrote X.", "triples": [["X", "author", "Ann"]]}'


def labelled_texts(lines: Iterable[str], name: str = "the labels") -> tuple[LabelledText, ...]:
    """The texts of the lines, in their order; `name` is for messages. Raises LabelsRefused.

    >>> labelled_texts(['{"text": "Ann wrote X.", "triples": [["X", "author", "Ann"]]}'])
    (LabelledText(id='1', text='Ann wrote X.', triples=(('X', 'author', 'Ann'),)),)
    """
    texts: dict[str, LabelledText] = {}
    joined: dict[str, str] = {}
    for number, entry in objects(lines, name):
        where = f"{name}, line {number}"
        text = _first(entry, ("text", "sent"))
        if not isinstance(text, str):
            raise _refused(where, "it has no text")
        triples = _triples(entry, where)
        if all(key in entry for key in _ONE_TRIPLE_A_LINE):
            identifier = joined.setdefault(text, _id(entry, number))
            if identifier in texts and texts[identifier].text == text:
                known = texts[identifier]
                texts[identifier] = replace(known, triples=tuple(dict.fromkeys((*known.triples, *triples))))
                continue
        else:
            identifier = _id(entry, number)
        if identifier in texts:
            raise _refused(where, f"the id {identifier!r} stands on an earlier line, too")
        texts[identifier] = LabelledText(identifier, text, triples)
    if not texts:
        raise _refused(name, "it has no lines")
    return tuple(texts.values())


def with_labels(texts: Iterable[str], labels: Iterable[str], names: tuple[str, str]) -> tuple[LabelledText, ...]:
    """Texts from one file, their triples from another, by `id`; raises LabelsRefused for a text without labels.

    >>> with_labels(['{"id": "a", "sent": "X."}'], ['{"id": "a", "triples": []}'], ("x.jsonl", "y.jsonl"))
    (LabelledText(id='a', text='X.', triples=()),)
    """
    known: dict[str, tuple[Triple, ...]] = {}
    for number, entry in objects(labels, names[1]):
        identifier = _id(entry, number)
        if identifier in known:
            raise _refused(f"{names[1]}, line {number}", f"the id {identifier!r} stands on an earlier line, too")
        known[identifier] = _triples(entry, f"{names[1]}, line {number}")
    found = []
    for number, entry in objects(texts, names[0]):
        text, identifier = _first(entry, ("text", "sent")), _id(entry, number)
        if not isinstance(text, str):
            raise _refused(f"{names[0]}, line {number}", "it has no text")
        if identifier not in known:
            raise _refused(names[1], f"it has no labels for the text {identifier!r} of {names[0]}")
        found.append(LabelledText(identifier, text, known[identifier]))
    if not found:
        raise _refused(names[0], "it has no lines")
    return tuple(found)


def objects(lines: Iterable[str], name: str) -> Iterator[tuple[int, dict[str, object]]]:
    """The JSON objects of the lines with the numbers of these, empty lines left out. Raises LabelsRefused."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = bounded_json(line)
        except ValueError as error:
            raise _refused(f"{name}, line {number}", f"it is no JSON: {str(error)[:120]}") from None
        if not isinstance(entry, dict):
            raise _refused(f"{name}, line {number}", f"it is no object: {line.strip()[:60]!r}")
        if "\\u" in line and _SURROGATE.search(json.dumps(entry, ensure_ascii=False)):
            raise _refused(f"{name}, line {number}", "it holds half of a surrogate pair, which is no character")
        yield number, entry


def triple_of(value: object) -> Triple | None:
    """The triple that an array of three texts or an object writes in one of the forms, None where it writes none."""
    if isinstance(value, dict):
        value = [_first(value, keys) for keys in _PARTS]
    if isinstance(value, list) and len(value) == 3 and all(isinstance(part, str) and part.strip() for part in value):
        return value[0], value[1], value[2]
    return None


def _triples(entry: dict[str, object], where: str) -> tuple[Triple, ...]:
    listed = entry.get("triples", [entry] if all(key in entry for key in _ONE_TRIPLE_A_LINE) else None)
    if not isinstance(listed, list):
        raise _refused(where, "it has no list of triples; a text that states nothing has an empty one")
    found = [triple_of(value) for value in listed]
    if None in found:
        wrong = str(listed[found.index(None)])[:80]
        raise _refused(where, f"{wrong!r} is no triple of subject, relation and object, each a text")
    return tuple(dict.fromkeys(t for t in found if t is not None))


def _id(entry: dict[str, object], number: int) -> str:
    value = entry.get("id", number)
    return str(value) if isinstance(value, str | int) else str(number)


def _first(entry: dict[str, object], keys: tuple[str, ...]) -> object:
    return next((entry[key] for key in keys if key in entry), None)


def _refused(where: str, why: str) -> LabelsRefused:
    return LabelsRefused(f"{where}: {why}", remedy=_FORM)
