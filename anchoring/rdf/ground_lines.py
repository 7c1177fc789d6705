"""Tells the canonical lines without blank nodes from the others, many lines at a time.

The same decision as `anchoring.rdf.nquads.is_ground_canonical` on each line, by the same grammar,
as one match over all lines up to the next that is different.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from anchoring.rdf.nquads import GROUND, GROUND_ALONE, LINE, is_ground_canonical

_NOT_XML = re.compile(rb"\xef\xbf[\xbe\xbf]")
"""U+FFFE and U+FFFF: the only characters beyond ASCII that the grammar tells from others."""


def _run(line: str) -> re.Pattern[bytes]:
    """Any number of lines. Beyond ASCII the classes of the grammar hold every byte, so UTF-8 is checked apart."""
    bare = line.replace(r"\ufffe\uffff", "")
    return re.compile(rf"(?:{bare}\n)*+".encode())


_GROUND_RUN = _run(GROUND)
_GROUND_ALONE_RUN = _run(GROUND_ALONE)
_CANONICAL_RUN = _run(LINE)


class Separated(NamedTuple):
    """The ground canonical lines of a text, without line feeds, and the text with empty lines in their place."""

    ground: list[bytes]
    rest: bytes


def separate(text: bytes, *, graph_name: bool = True) -> Separated:
    r"""Takes the ground canonical lines out of N-Quads text; the other lines keep their numbers.

    `graph_name` says that a statement may have one.

    >>> separate(b'<a:b> <a:p> "1" .\n<a:b> <a:p> "2".\n')
    Separated(ground=[b'<a:b> <a:p> "1" .'], rest=b'\n<a:b> <a:p> "2".\n')
    """
    if not _plain(text):
        return _separate_one_by_one(text, graph_name)
    match = (_GROUND_RUN if graph_name else _GROUND_ALONE_RUN).match
    ground: list[bytes] = []
    rest: list[bytes] = []
    at = 0
    while at < len(text):
        found = match(text, at)
        end = found.end() if found else at
        if end > at:
            lines = text[at : end - 1].split(b"\n")
            ground += lines
            rest.append(b"\n" * len(lines))
        if end == len(text):
            break
        at = text.find(b"\n", end) + 1 or len(text)
        rest.append(text[end:at])
    if rest and rest[-1] and not rest[-1].endswith(b"\n") and is_ground_canonical(rest[-1], graph_name=graph_name):
        ground.append(rest.pop())  # the last line, which has no line feed
    return Separated(ground, b"".join(rest))


def _separate_one_by_one(text: bytes, graph_name: bool) -> Separated:
    ground: list[bytes] = []
    rest = text.split(b"\n")
    for number, line in enumerate(rest):
        if is_ground_canonical(line, graph_name=graph_name):
            ground.append(line)
            rest[number] = b""
    return Separated(ground, b"\n".join(rest))


def all_canonical(text: bytes) -> bool:
    """Whether every line of the text is canonical and ends with a line feed; False may also mean: look at each.

    Text with U+FFFE or U+FFFF in an IRI is such a case.
    """
    if not _plain(text):
        return False
    found = _CANONICAL_RUN.match(text)
    return found is not None and found.end() == len(text)


def _plain(text: bytes) -> bool:
    """Whether the text is UTF-8 in which bytes and characters decide alike."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return _NOT_XML.search(text) is None
