"""The strings of a JSON text, each with its place in the source and in the tree.

A scanner instead of `json`, because every character must know where it came from: `\\u00e9` is one character of what
is read and six of the source. Nothing is built but a list; depth is bounded and time is linear.
Source: RFC 8259, https://www.rfc-editor.org/rfc/rfc8259#section-7 ; control characters inside strings are let pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.documents.errors import DocumentNotJson
from extractors.documents.passages import Passage

MAX_DEPTH = 64

_TOKEN = re.compile(
    r'[ \t\r\n]*+(?:(?P<string>"(?:[^"\\]++|\\.)*+")|(?P<mark>[{}\[\],:])'
    r"|(?P<plain>-?[0-9][0-9.eE+-]*+|true|false|null))",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
_MEANT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Container:
    """An object or array: the row of the one around it (-1 for the outermost) and its key there ("" in arrays)."""

    parent: int
    key: str


@dataclass(frozen=True, slots=True)
class String:
    """A string value: `source[start:end]` between the quotes, in the container `parent` under `key`."""

    parent: int
    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Strings:
    """The containers and the string values of a JSON text in order, and the keys of the outermost object."""

    containers: tuple[Container, ...]
    values: tuple[String, ...]
    keys: frozenset[str]


def strings(source: str, name: str = "the document") -> Strings:
    """The string values of a JSON text; `name` is for messages.

    Raises DocumentNotJson with the place.

    >>> found = strings('{"a": {"b": "x y"}, "c": ["z"]}')
    >>> [(v.key, found.containers[v.parent].key, v.start) for v in found.values]
    [('b', 'a', 13), ('', 'c', 27)]
    """
    return _Scanner(source, name).scan()


def read_string(source: str, value: String, heading: tuple[str, ...] = ()) -> Passage:
    """What a string says, with the place of each character; half a surrogate pair is read as U+FFFD.

    >>> read_string('"a\\\\u00e9\\\\n"', String(-1, "", 1, 10)).text
    'aé\\n'
    """
    passage, at = Passage(heading), value.start
    for match in _ESCAPE.finditer(source, value.start, value.end):
        if match.start() > at:
            passage.add(source[at : match.start()], at, match.start())
        passage.add(_meaning(match[0]), match.start(), match.end())
        at = match.end()
    if value.end > at:
        passage.add(source[at : value.end], at, value.end)
    return passage.close()


def _meaning(escape: str) -> str:
    if escape[1] != "u" or len(escape) == 2:
        return _MEANT.get(escape[1], escape[1])
    units = [int(part, 16) for part in escape.split("\\u")[1:]]
    if len(units) == 2:
        return chr(0x10000 + ((units[0] - 0xD800) << 10) + units[1] - 0xDC00)
    return "\ufffd" if 0xD800 <= units[0] < 0xE000 else chr(units[0])


class _Scanner:
    def __init__(self, source: str, name: str) -> None:
        self.source, self.name = source, name
        self.at = 1 if source.startswith("\ufeff") else 0
        self.containers: list[Container] = []
        self.values: list[String] = []
        self.keys: set[str] = set()

    def scan(self) -> Strings:
        open_rows: list[tuple[int, str]] = []
        """The open containers: row and closing mark."""
        key, expected = "", "value"
        for match in self._tokens():
            mark = match["mark"]
            row, closing = open_rows[-1] if open_rows else (-1, "")
            if expected == "end":
                raise self._wrong(match, "something follows the value")
            if mark and mark in "{[" and expected in ("value", "first"):
                if len(open_rows) >= MAX_DEPTH:
                    raise self._wrong(match, f"it is deeper than {MAX_DEPTH}")
                self.containers.append(Container(row, key))
                open_rows.append((len(self.containers) - 1, "}" if mark == "{" else "]"))
                key, expected = "", "first key" if mark == "{" else "first"
            elif mark and mark in "}]" and mark == closing and expected in ("comma", "first", "first key"):
                open_rows.pop()
                key, expected = "", "comma" if open_rows else "end"
            elif mark == "," and expected == "comma":
                key, expected = "", "key" if closing == "}" else "value"
            elif match["string"] and expected in ("key", "first key"):
                key, expected = self._key(match), "colon"
                if row == 0:
                    self.keys.add(key)
            elif mark == ":" and expected == "colon":
                expected = "value"
            elif not mark and expected in ("value", "first"):
                if match["string"]:
                    self.values.append(String(row, key, match.start("string") + 1, match.end("string") - 1))
                key, expected = "", "comma" if open_rows else "end"
            else:
                raise self._wrong(match, f"there is {match[0].strip()[:20]!r} where a {expected} should be")
        if expected != "end":
            raise DocumentNotJson(f"{self.name} is no JSON: it ends too early", remedy="give the whole file")
        return Strings(tuple(self.containers), tuple(self.values), frozenset(self.keys))

    def _tokens(self) -> Iterator[re.Match[str]]:
        while match := _TOKEN.match(self.source, self.at):
            yield match
            self.at = match.end()
        if rest := self.source[self.at : self.at + 10_000].strip():
            at = self.source.index(rest[0], self.at)
            raise DocumentNotJson(
                f"{self.name} is no JSON: there is {rest[:20]!r} at character {at:,}", remedy="mend it or leave it out"
            )

    def _key(self, match: re.Match[str]) -> str:
        value = String(-1, "", match.start("string") + 1, match.end("string") - 1)
        return read_string(self.source, value).text[:200]

    def _wrong(self, match: re.Match[str], why: str) -> DocumentNotJson:
        start = match.end() - len(match[0].lstrip())
        return DocumentNotJson(
            f"{self.name} is no JSON: {why} at character {start:,}", remedy="mend it or leave it out"
        )
