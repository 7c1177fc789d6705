"""Every place where a document's body names a thing: the unit, what kind it is, its headings, and whether it links.

A unit is a sentence of prose, a line of code or of a table, or another block. The header is no part of the body.
The target of a link is markup: it names nothing twice beside its text, but does where the text names something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.document_relations.names import Names
from extractors.documents import markdown
from extractors.documents.chunks import passages
from extractors.documents.load import MARKDOWN
from extractors.documents.model import Document
from extractors.documents.sentences import MAX_SENTENCE, sentences

_TARGET = re.compile(r"(?<=\])\([^()\s]{0,2000}(?:\s[^()]{0,2000})?\)|https?://[^\s<>)\]]+|<[^<>]{1,2000}>")
_BY_LINE = (markdown.Kind.CODE, markdown.Kind.TABLE)
_LINE = re.compile(r"[^\r\n]+")
CODE = markdown.Kind.CODE.value
TEXT = markdown.Kind.PARAGRAPH.value
"""The kind of a unit whose block is not known to be another."""


@dataclass(frozen=True, slots=True)
class Unit:
    """`text[start:end]` of the document, under the path `heading`; `kind` is that of its Markdown block.

    `visible` is the unit's text with addresses and tags blanked, as long as before (code keeps all).
    """

    start: int
    end: int
    kind: str
    heading: tuple[str, ...]
    visible: str


@dataclass(frozen=True, slots=True)
class Mention:
    """`text[start:end]` names `identity`; `linked` if an address in the unit does, `named` unless only that does."""

    identity: str
    start: int
    end: int
    unit: Unit
    linked: bool
    named: bool


@dataclass(frozen=True, slots=True)
class Body:
    """What a document names, in the order of the text, and where its body begins and ends."""

    start: int
    end: int
    mentions: tuple[Mention, ...]


def body(document: Document, names: Names) -> Body:
    """The mentions in the document's body.

    >>> from extractors.documents.load import load_document
    >>> document = load_document(b"# Spec\\n\\nIt extends [ERC-20](./eip-20.md).\\n\\n    IERC165.f()\\n", name="a.md")
    >>> found = body(document, Names("(?:EIP|ERC)[- ]?[0-9]{1,5}")).mentions
    >>> [(document.text[m.start : m.end], m.unit.kind, m.unit.heading, m.linked) for m in found]
    [('ERC-20', 'paragraph', ('Spec',), True), ('ERC165', 'code', ('Spec',), False)]
    """
    units = list(_units(document))
    found: list[Mention] = []
    for unit in units:
        found += _in_unit(document.text[unit.start : unit.end], unit, names)
    start = units[0].start if units else 0
    return Body(start, max(start, len(document.text)), tuple(found))


def _in_unit(text: str, unit: Unit, names: Names) -> Iterator[Mention]:
    addressed: dict[str, tuple[int, int]] = {}
    if unit.visible != text:
        hidden = "".join(a if a != b else " " for a, b in zip(text, unit.visible, strict=True))
        for name in names.find(hidden):
            addressed.setdefault(name.identity, (name.start, name.end))
    at = unit.start
    named = list(names.find(unit.visible))
    for name in named:
        yield Mention(name.identity, at + name.start, at + name.end, unit, name.identity in addressed, named=True)
    for identity, (start, end) in addressed.items():
        if all(name.identity != identity for name in named):
            yield Mention(identity, at + start, at + end, unit, linked=True, named=False)


def _units(document: Document) -> Iterator[Unit]:
    text = document.text
    if document.media_type != MARKDOWN:
        for passage in passages(document):
            for sentence in sentences(passage.text):
                start, end = passage.source_span(sentence.start, sentence.end)
                yield Unit(start, end, TEXT, passage.heading, _visible(text[start:end]))
        return
    for block in markdown.blocks(text):
        if block.kind is markdown.Kind.FRONT_MATTER:
            continue
        if block.kind in markdown.PROSE:
            bounds = [(s.start, s.end) for s in sentences(text, block.start, block.end)]
        elif block.kind in _BY_LINE:
            bounds = [m.span() for m in _LINE.finditer(text, block.start, block.end)]
        else:
            bounds = [(block.start, block.end)]
        for first, last in bounds:
            for start, end in _pieces(text, first, last):
                words = text[start:end]
                shown = words if block.kind is markdown.Kind.CODE else _visible(words)
                yield Unit(start, end, block.kind.value, block.heading, shown)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The range in pieces no longer than a sentence may be, cut at white space where there is any."""
    while end - start > MAX_SENTENCE:
        space = max(text.rfind(mark, start + 1, start + MAX_SENTENCE) for mark in " \t\n")
        cut = space if space > start else start + MAX_SENTENCE
        yield start, cut
        start = cut
    if start < end:
        yield start, end


def _visible(text: str) -> str:
    return _TARGET.sub(lambda match: " " * len(match[0]), text)
