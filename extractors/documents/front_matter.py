"""The YAML header of a Markdown document, each field with the span of its lines.

Read as YAML nodes, not as Python objects: no tag is acted on, no date is converted, anchors and aliases are refused,
size and depth are bounded. A header that is not YAML is a warning, and the document is ingested without it.
Header of an EIP: https://eips.ethereum.org/EIPS/eip-1#eip-header-preamble ; Jekyll: https://jekyllrb.com/docs/front-matter/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import yaml

MAX_LENGTH = 64 * 1024
MAX_DEPTH = 8
MAX_EIP = 99_999

_OPENING = re.compile(r"\ufeff?---[ \t]*(?:\r\n|\r|\n)")
_CLOSING = re.compile(r"(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?=[\r\n]|\Z)")
_NUMBER = re.compile(r"(?:(?:EIP|ERC)[- ]?)?([0-9]{1,5})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the header: its value as text (a list is a tuple) and `text[start:end]`, the lines it stands on."""

    values: tuple[str, ...]
    start: int
    end: int

    @property
    def value(self) -> str:
        """The value, a list joined by commas."""
        return ", ".join(self.values)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The header: `text[start:end]` without the dashes, its fields by lower-case name, and what was wrong with it."""

    start: int
    end: int
    fields: dict[str, Field] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def eip(self) -> int | None:
        """The number of the EIP whose document this is."""
        return (
            numbers(self.fields["eip"].value)[0] if "eip" in self.fields and numbers(self.fields["eip"].value) else None
        )

    def get(self, name: str) -> str:
        """The value of a field, "" if there is none."""
        return self.fields[name].value if name in self.fields else ""


@lru_cache(maxsize=4)
def front_matter(text: str) -> FrontMatter | None:
    """The header of a document, or None if it has none.

    >>> header = front_matter("---\\neip: 20\\ntitle: Token Standard\\n---\\nBody")
    >>> header.eip, header.get("title")
    (20, 'Token Standard')
    >>> front_matter("---\\n@no: [yaml\\n---\\n").warnings[0].startswith("the front matter is not YAML")
    True
    """
    opening = _OPENING.match(text)
    closing = opening and _CLOSING.search(text, opening.end() - 1)
    if not opening or not closing:
        return None
    start, end = opening.end(), closing.start()
    if end - start > MAX_LENGTH:
        return FrontMatter(
            start, end, {}, (f"the front matter has {end - start:,} characters, more than {MAX_LENGTH:,}",)
        )
    header = text[start:end]
    try:
        _check_events(header)
        fields, warnings = _fields(header, start)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" in line {where.line + 2}" if where else ""
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        return FrontMatter(start, end, {}, (f"the front matter is not YAML{line}: {what[:200]}",))
    except _Refused as error:
        return FrontMatter(start, end, {}, (f"the front matter is refused: {error}",))
    return FrontMatter(start, end, fields, tuple(warnings))


def numbers(value: str) -> list[int]:
    """The numbers of standards in a list such as "20, EIP-721"; what is no such number is left out.

    >>> numbers("20, EIP-721, soon")
    [20, 721]
    """
    matches = (_NUMBER.fullmatch(part.strip()) for part in value.split(","))
    return [int(match[1]) for match in matches if match]


@dataclass(frozen=True, slots=True)
class Author:
    """An author as the header names them; `start..end` counts from the start of the value; no e-mail address."""

    name: str
    handle: str
    start: int
    end: int


def authors(value: str) -> list[Author]:
    """The authors in a header's `author` value; e-mail addresses are dropped.

    >>> [(a.name, a.handle) for a in authors("Nick Mudge (@mudgen), Dan <dan@example.org>, et al.")]
    [('Nick Mudge', 'mudgen'), ('Dan', '')]
    """
    found = []
    for first, last in _split(value):
        part = value[first:last]
        named = re.split(r"[(<]", part, maxsplit=1)[0].strip().strip("\"'")
        match = re.search(r"\(\s*@([A-Za-z0-9][A-Za-z0-9_-]{0,38})\s*\)", part)
        handle = match[1] if match else ""
        name = named or handle
        if not name or "@" in name or name.lower().strip(".") in ("et al", "others"):
            continue
        begin = value.index(name, first)
        end = begin + len(name)
        # With an e-mail address between them the evidence is the name alone.
        if named and match and not re.search("[<@]", part[: match.start()]):
            end = first + match.end()
        found.append(Author(name, handle, begin, end))
    return found


def _split(value: str) -> Iterator[tuple[int, int]]:
    """The parts between commas that stand outside brackets."""
    depth = begin = 0
    for at, character in enumerate(value):
        if character in "(<":
            depth += 1
        elif character in ")>":
            depth = max(0, depth - 1)
        elif character == "," and depth == 0:
            yield begin, at
            begin = at + 1
    yield begin, len(value)


class _Refused(Exception):
    """The header is YAML that we do not read; caught in this module."""


def _check_events(header: str) -> None:
    """Refuse anchors (an alias can blow up) and deep nesting (the composer recurses)."""
    depth = 0
    for event in yaml.parse(header, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused("it has anchors or aliases")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _Refused(f"it is nested deeper than {MAX_DEPTH}")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _fields(header: str, start: int) -> tuple[dict[str, Field], list[str]]:
    node = yaml.compose(header, Loader=yaml.SafeLoader)
    if node is None:
        return {}, ["the front matter is empty"]
    if not isinstance(node, yaml.MappingNode):
        return {}, ["the front matter is no mapping of names to values"]
    fields: dict[str, Field] = {}
    warnings = []
    for key, value in node.value:
        name = key.value.strip().lower() if isinstance(key, yaml.ScalarNode) else ""
        first, last = key.start_mark.index, value.end_mark.index
        last = first + len(header[first:last].rstrip())
        if not name:
            warnings.append("the front matter has a name that is no text")
        elif name in fields:
            warnings.append(f"the front matter has {name[:40]!r} twice; the first counts")
        elif isinstance(value, yaml.ScalarNode):
            fields[name] = Field((value.value,) if value.value else (), start + first, start + last)
        elif isinstance(value, yaml.SequenceNode) and all(isinstance(entry, yaml.ScalarNode) for entry in value.value):
            fields[name] = Field(tuple(entry.value for entry in value.value), start + first, start + last)
    return fields, warnings
