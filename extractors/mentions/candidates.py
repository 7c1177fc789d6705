"""What in a sentence can be the subject or object of a relation: spans with offsets and the shape of their text.

Rules, no model: identifiers of standards, the words by which a document names itself, names in code, opcodes, forks,
numbers and dates, names in capitals, and (for ontologies that know no identifiers) short noun phrases.
A shape is what the text looks like; `extractors.mentions.kinds` says which classes of an ontology it may belong to.
What the rules do not find cannot be claimed: they decide for being right over being complete.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from extractors.dates import MONTHS


class Shape(StrEnum):
    """What the text of a span looks like."""

    OWN = "own"
    """The document's subject, by its words for itself: "this standard"."""
    STANDARD = "standard"
    FUNCTION = "function"
    EVENT = "event"
    ERROR = "error"
    INTERFACE = "interface"
    OPCODE = "opcode"
    FORK = "fork"
    CONTRACT = "contract"
    TRANSACTION_TYPE = "transaction type"
    CODE = "code"
    """A name in code of which the sentence does not say what it is."""
    NAME = "name"
    """Words in capitals: two or more, or one that does not begin the sentence."""
    NUMBER = "number"
    DATE = "date"
    PHRASE = "phrase"
    """A short noun phrase in small letters."""


VALUES = (Shape.DATE, Shape.NUMBER)
"""Shapes of what is no thing: never the subject of a relation."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span `[start, end)` in the caller's offsets; `text` is exactly what stands there."""

    start: int
    end: int
    text: str
    shape: Shape


_LINK_TARGET = re.compile(
    r"(?<=\])\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)|<?https?://[^\s<>)\]]+>?|<!--.*?-->", re.DOTALL
)
_OWN = re.compile(
    r"\b(?:this|the (?:following|present|proposed))\s+"
    r"(?:standard|eip|erc|proposal|specification|interface standard|extension)\b(?!['’]s|\s+(?:track|process))",
    re.IGNORECASE,
)
_WE_PROPOSE = re.compile(r"\bWe(?=\s+(?:propose|introduce|extend|define|specify)\b)")
_STANDARD = re.compile(r"(?<![\w/.-])(?:EIP|ERC)[-\s]?[0-9]{1,5}(?![\w])(?!\.[0-9])")
_CODE = re.compile(r"`([^`\n]{1,200})`")
_BARE_CALL = re.compile(
    r"(?<![\w.`])([a-z_$][A-Za-z0-9_$]*[A-Z][A-Za-z0-9_$]*)(?=\()|(?<![\w.`])([a-z][A-Za-z0-9_$]+)(?=\(\))"
)
_IDENTIFIER = re.compile(r"(?:[A-Za-z_$][A-Za-z0-9_$]*\.)?([A-Za-z_$][A-Za-z0-9_$]*)(\(.*\))?(?:\s.*)?", re.DOTALL)
_SOLIDITY = re.compile(r"u?int\d*|bytes\d*|address|bool|string|true|false|mapping|memory|calldata|public|external|view")
_DECLARATION = re.compile(r"\s*(function|event|error|interface)\s+([A-Za-z_$][A-Za-z0-9_$]*)")
_INTERFACE = re.compile(r"(?<![\w`])(I?(?:ERC|EIP)[0-9]+[A-Z][A-Za-z0-9]+|IERC[0-9]+)(?!\w)")
_UPPER = re.compile(r"(?<![\w-])[A-Z][A-Z0-9]{1,19}(?![\w-])")
_CAPITALS = """
MUST SHALL SHOULD MAY NOT REQUIRED RECOMMENDED OPTIONAL EIP ERC EIPS ERCS EVM NFT NFTS API ABI JSON RFC URI URL
ETH
ID DAO EOA RPC RLP BLS EOF PC AND OR IS IT
"""
_NOT_OPCODES = frozenset(_CAPITALS.split())
_OPCODE_WORD = re.compile(r"\b(?:opcodes?|instructions?)\b", re.IGNORECASE)
_FORK = re.compile(
    r"\b(Frontier|Homestead|Tangerine Whistle|Spurious Dragon|Byzantium|Constantinople|Petersburg|Istanbul|Berlin|"
    r"London|Muir Glacier|Arrow Glacier|Gray Glacier|Paris|Shanghai|Cancun|Dencun|Prague|Pectra|Osaka|Fusaka|"
    r"Glamsterdam)\b"
)
_FORK_WORD = re.compile(r"\b([A-Z][a-z]+)(?=\s+(?:hard[\s-]?fork|fork|network upgrade)\b)")
_TRANSACTION_TYPE = re.compile(r"(?<!\w)(?:0x0[0-9a-f]|[A-Z][A-Za-z]*Transaction|blob transactions?)(?!\w)")
_MONTH = "|".join(name.title() for name in MONTHS)
_DATE = re.compile(
    rf"\b(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}} (?:{_MONTH}) \d{{4}}|(?:{_MONTH})(?: \d{{1,2}},)? \d{{4}})\b"
)
_NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:[.,]\d+)*(?![\w-])")
_NAME = re.compile(r"(?<![\w`])[A-Z][\w&'’.-]*\w(?:\s+(?:(?:of|the|de|van|von)\s+)*[A-Z0-9][\w&'’.-]*\w)*")
_WORDS = re.compile(r"[^\W\d_][\w'’-]*(?:\s+[^\W\d_][\w'’-]*)*")
_FUNCTION_WORDS = """
a an the this that these those its their his her our your my it they he she we you i in on at by for from with
without into onto of to as is are was were be been being has have had do does did will would can could may might
must shall should and or but nor so yet if then than when while where which who whom whose what how why there
here not no also only such each every any all some most more many much other another same own very too just
about after before between during over under through against within among because although however therefore
both either neither one
"""
SMALL_WORDS = frozenset(_FUNCTION_WORDS.split())
"""No part of a phrase."""
_KEYWORDS = {
    "function": Shape.FUNCTION,
    "functions": Shape.FUNCTION,
    "method": Shape.FUNCTION,
    "methods": Shape.FUNCTION,
    "event": Shape.EVENT,
    "events": Shape.EVENT,
    "error": Shape.ERROR,
    "interface": Shape.INTERFACE,
    "opcode": Shape.OPCODE,
    "instruction": Shape.OPCODE,
    "contract": Shape.CONTRACT,
    "contracts": Shape.CONTRACT,
}
_NEXT_WORD = re.compile(r"`?[\s*]*([A-Za-z]+)")
_LAST_WORD = re.compile(r"([A-Za-z]+)[\s*:]*`?$")


def candidates(text: str, offset: int = 0, *, own_names: tuple[str, ...] = ()) -> tuple[Candidate, ...]:
    """The candidate spans of a sentence, by start, none overlapping another; `offset` is added to their offsets.

    `own_names` are further words by which the document names its subject. Targets of links are not looked at.

    >>> [(c.text, c.shape.value) for c in candidates("This EIP requires [ERC-165](./eip-165.md).")]
    [('This EIP', 'own'), ('ERC-165', 'standard')]
    >>> [(c.text, c.shape.value) for c in candidates("`mint` emits `Transfer` since London")]
    [('mint', 'function'), ('emits', 'phrase'), ('Transfer', 'event'), ('London', 'fork')]
    """
    seen = without_targets(text)
    taken = [False] * len(seen)
    found: list[Candidate] = []
    for start, end, shape in _spans(seen, own_names):
        if start < end and not any(taken[start:end]):
            taken[start:end] = [True] * (end - start)
            found.append(Candidate(start + offset, end + offset, text[start:end], shape))
    return tuple(sorted(found, key=lambda c: c.start))


def without_targets(text: str) -> str:
    """The text with addresses and comments blanked, as long as before: they are markup, not words."""
    return _LINK_TARGET.sub(lambda m: " " * len(m[0]), text)


def _spans(text: str, own_names: tuple[str, ...]) -> Iterator[tuple[int, int, Shape]]:
    """Spans by falling certainty; the caller drops what overlaps an earlier one."""
    for name in own_names:
        if not _STANDARD.fullmatch(name):
            for m in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
                yield *m.span(), Shape.OWN
    for m in _OWN.finditer(text):
        yield *m.span(), Shape.OWN
    for m in _WE_PROPOSE.finditer(text):
        yield *m.span(), Shape.OWN
    for m in _CODE.finditer(text):
        yield from _code(text, m.start(1), m[1])
    for m in _INTERFACE.finditer(text):
        yield *m.span(1), Shape.INTERFACE
    for m in _STANDARD.finditer(text):
        yield *m.span(), Shape.STANDARD
    for m in _BARE_CALL.finditer(text):
        yield *m.span(m.lastindex or 0), Shape.FUNCTION
    if _OPCODE_WORD.search(text):
        for m in _UPPER.finditer(text):
            if m[0] not in _NOT_OPCODES:
                yield *m.span(), Shape.OPCODE
    for pattern, shape in ((_FORK, Shape.FORK), (_FORK_WORD, Shape.FORK), (_TRANSACTION_TYPE, Shape.TRANSACTION_TYPE)):
        for m in pattern.finditer(text):
            yield *m.span(), shape
    for pattern, shape in ((_DATE, Shape.DATE), (_NUMBER, Shape.NUMBER)):
        for m in pattern.finditer(text):
            yield *m.span(), shape
    for m in _NAME.finditer(text):
        start, end = _without_article(m)
        if " " in text[start:end] or (start > 0 and text[start:end] not in _NOT_OPCODES):
            yield start, end, Shape.NAME
    for m in _WORDS.finditer(text):
        yield from _phrases(m.start(), m[0])


def _code(text: str, start: int, code: str) -> Iterator[tuple[int, int, Shape]]:
    """The name inside a code span: what it is by its declaration, its neighbours, or its spelling."""
    if _STANDARD.fullmatch(code):
        yield start, start + len(code), Shape.STANDARD
        return
    if declared := _DECLARATION.match(code):
        yield start + declared.start(2), start + declared.end(2), Shape(declared[1])
        return
    named = _IDENTIFIER.fullmatch(code)
    if named is None or named[1].startswith("_") or _SOLIDITY.fullmatch(named[1]):
        return
    begin, end = start + named.start(1), start + named.end(1)
    yield begin, end, _shape_of_code(text, start + len(code), start, named[1], named[2] or "")


def _shape_of_code(text: str, after: int, before: int, name: str, arguments: str) -> Shape:
    following = _NEXT_WORD.match(text, after)
    preceding = _LAST_WORD.search(text[max(0, before - 40) : before])
    next_word = following[1].casefold() if following else ""
    last_word = preceding[1].casefold() if preceding else ""
    if shape := _KEYWORDS.get(next_word) or _KEYWORDS.get(last_word):
        return shape
    if " indexed " in arguments:
        return Shape.EVENT
    if arguments:
        return Shape.FUNCTION
    if name.isupper() and len(name) > 1:
        return Shape.OPCODE if _OPCODE_WORD.search(text) else Shape.CODE
    if name[0].isupper():
        if re.fullmatch(r"I?(?:ERC|EIP)[0-9]\w*|I[A-Z][a-z]\w*", name):
            return Shape.INTERFACE
        return Shape.EVENT if re.search(r"\bemit(?:s|ted|ting)?\b", text[:before]) else Shape.CODE
    return Shape.FUNCTION if next_word in {"must", "should", "shall", "may", "emits"} else Shape.CODE


def _without_article(match: re.Match[str]) -> tuple[int, int]:
    start, end = match.span()
    first, _, rest = match[0].partition(" ")
    return (end - len(rest.lstrip()), end) if rest and first.casefold() in SMALL_WORDS else (start, end)


def _phrases(start: int, words: str) -> Iterator[tuple[int, int, Shape]]:
    """Runs of at most four words that are no stop words."""
    run: list[re.Match[str]] = []
    for word in [*re.finditer(r"\S+", words), None]:
        if word is not None and word[0].casefold() not in SMALL_WORDS:
            run.append(word)
            continue
        if 0 < len(run) <= 4:
            yield start + run[0].start(), start + run[-1].end(), Shape.PHRASE
        run = []
