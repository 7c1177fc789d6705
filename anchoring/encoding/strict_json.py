"""JSON of which every document has one spelling: RFC 8785, whole numbers below 2^53 only.

Two spellings of one manifest would have two digests, and two readers could see two things in one spelling;
so anything but the canonical bytes is refused, and so are repeated keys and fractions.
Source: https://www.rfc-editor.org/rfc/rfc8785
"""

from __future__ import annotations

import json
from typing import NoReturn

import rfc8785

from anchoring.encoding.bounded_json import check_depth
from anchoring.errors import InputRefused

MAX_INTEGER = (1 << 53) - 1
MAX_DEPTH = 32
"""So that no reader's stack decides what is a manifest."""


class BadJson(InputRefused):
    """The bytes are no canonical JSON, or hold what this format has not."""

    code = "bad-json"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="fetch the file again, or ask its publisher for the canonical bytes")


def encode(document: object) -> bytes:
    """The canonical bytes of a document of dicts, lists, strings, whole numbers, booleans and None.

    Raises BadJson for fractions, numbers from 2^53, text that is not Unicode, and more than MAX_DEPTH levels.

    >>> encode({"b": 1, "a": "é"})
    b'{"a":"\\xc3\\xa9","b":1}'
    """
    _refuse_fractions_and_depth(document)
    try:
        return rfc8785.dumps(document)  # type: ignore[arg-type]
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise BadJson(f"{str(document)[:200]} has no canonical JSON: {error}") from None


def _refuse_fractions_and_depth(document: object) -> None:
    waiting = [(document, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, float):
            raise BadJson(f"{value!r} is no whole number")
        if depth > MAX_DEPTH:
            raise BadJson(f"objects and lists stand in each other more than {MAX_DEPTH} deep")
        if isinstance(value, dict):
            waiting.extend((each, depth + 1) for each in value.values())
        elif isinstance(value, list | tuple):
            waiting.extend((each, depth + 1) for each in value)


def decode(content: bytes, *, at_most: int) -> object:
    """The document of its canonical bytes, at most `at_most` of them; raises BadJson for any other bytes."""
    if len(content) > at_most:
        raise BadJson(f"{len(content)} bytes of JSON are more than {at_most}")
    try:
        check_depth(content)
        document: object = json.loads(
            content.decode(), object_pairs_hook=_unrepeated, parse_float=_refused_number, parse_constant=_refused_number
        )
    except ValueError as error:
        raise BadJson(f"{content[:80]!r} is no JSON: {error}") from None
    if encode(document) != content:
        raise BadJson(f"{content[:80]!r} is not written as RFC 8785 says")
    return document


def _unrepeated(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BadJson(f"a key stands twice among {[key for key, _ in pairs][:20]}")
    return members


def _refused_number(text: str) -> NoReturn:
    raise BadJson(f"{text[:40]} is no whole number below 2^53")
