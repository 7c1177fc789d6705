"""What introduces the list that a place in a document stands in: "The following are not supported:", or a heading.

An item says little without it: what is listed may be what is *not* the case.
Markdown and plain text by their lines (list items: https://spec.commonmark.org/0.31.2/#list-items), HTML by its tags.
Bounded: at most `MAX_REACH` code points before the place are looked at.
"""

from __future__ import annotations

import re

from extractors.documents.load import HTML
from extractors.documents.model import Document

MAX_REACH = 20_000
MAX_LENGTH = 300
"""Code points of an introduction, from its end."""

_ITEM = re.compile(r"([ \t>]*)(?:[-*+•‣–]|\(?(?:[0-9]{1,3}|[a-zA-Z])[.)])[ \t]+\S")
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}[ \t]+(.*?)[ \t#]*\Z")
_TAG = re.compile(r"<(/?)(ul|ol|dl)\b[^<>]{0,1000}>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]{0,1000}>")
_HTML_HEADING = re.compile(r"<h[1-6]\b[^<>]{0,1000}>([^<>]{1,300})</h[1-6]\s*>\s*\Z", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?]\s+(?=\S)")
_MARKS = " \t*_`\"'"


def lead_in(document: Document, start: int) -> str:
    """What introduces the list of the item at offset `start`: words that end in a colon, or the heading right above.

    Empty where the place is in no list, or nothing introduces it.

    >>> from extractors.documents.load import load_document
    >>> document = load_document(b"Chains. Not supported are:\\n\\n- Polygon\\n- Base\\n", name="a.md")
    >>> lead_in(document, document.text.index("Base"))
    'Not supported are:'
    """
    if document.media_type == HTML:
        return _of_tags(document.text, start)
    return _of_lines(document.text, start)


def _of_lines(text: str, start: int) -> str:
    end = next((at for at in range(start, min(len(text), start + MAX_REACH)) if text[at] in "\r\n"), len(text))
    lines = iter(reversed(text[max(0, start - MAX_REACH) : end].splitlines()))
    depth = -1
    for line in lines:  # up to the line that begins the item
        if item := _ITEM.match(line):
            depth = len(item[1])
            break
        if not line[:1].isspace():
            return ""
    if depth < 0:
        return ""
    for line in lines:  # up to what is no part of the list
        if (item := _ITEM.match(line)) and len(item[1]) < depth:
            depth = len(item[1])
            if line.rstrip(_MARKS).endswith(":"):
                return _last_sentence(line[item.end() - 1 :])
        if item or not line.strip() or line[:1].isspace():
            continue
        if heading := _HEADING.fullmatch(line):
            return heading[1][-MAX_LENGTH:]
        if not line.rstrip(_MARKS).endswith(":"):
            return ""
        above = [line]
        for earlier in lines:
            if not earlier.strip() or _HEADING.fullmatch(earlier):
                break
            above.append(earlier)
        return _last_sentence(" ".join(part.strip() for part in reversed(above)))
    return ""


def _of_tags(text: str, start: int) -> str:
    before = text[max(0, start - MAX_REACH) : start]
    closed = 0
    for tag in reversed(list(_TAG.finditer(before))):
        if tag[1]:
            closed += 1
        elif closed:
            closed -= 1
        else:
            above = before[max(0, tag.start() - 2 * MAX_LENGTH) : tag.start()]
            if heading := _HTML_HEADING.search(above):
                return " ".join(heading[1].split())
            words = " ".join(_ANY_TAG.sub(" ", above).split())
            return _last_sentence(words) if words.rstrip(_MARKS).endswith(":") else ""
    return ""


def _last_sentence(text: str) -> str:
    text = text[-MAX_LENGTH:]
    ends = [m.end() for m in _SENTENCE_END.finditer(text)]
    return text[ends[-1] if ends else 0 :].strip()
