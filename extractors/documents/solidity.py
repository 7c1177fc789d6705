"""Functions, events and errors that Solidity code in a document declares, each with its exact place.

A tolerant reader of declarations, not a compiler: documents hold fragments, declarations without a semicolon,
elisions and code that is no Solidity. What has no body is a declaration; what has one is an implementation.
A type that the document does not explain leaves the declaration without signature, and it is recorded so.
Grammar: https://docs.soliditylang.org/en/latest/grammar.html ; left out: inheritance, constants as array sizes,
getters of public state variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from extractors.documents.abi import Type, Types, keccak, selector

LANGUAGES = frozenset({"solidity", "sol", "js", "javascript", ""})
"""The languages of fences that are read: old documents mark Solidity as JavaScript, or not at all."""

_TOKEN = re.compile(
    r"""//[^\r\n]*+ | /\*.*?(?:\*/|\Z) | "(?:[^"\\\r\n]|\\.)*+"? | '(?:[^'\\\r\n]|\\.)*+'?
      | (?P<name>[A-Za-z_$][A-Za-z0-9_$]*+) | (?P<number>[0-9][A-Za-z0-9_.]*+) | (?P<mark>[^\s\w])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_DECLARING = frozenset(
    {"function", "event", "error", "interface", "contract", "library", "struct", "enum", "abstract", "modifier"}
    | {"constructor", "pragma", "import", "using", "mapping", "type", "fallback", "receive"}
)
_SPECIFIERS = frozenset(
    {"public", "external", "internal", "private", "view", "pure", "payable", "constant", "virtual", "override"}
    | {"nonpayable", "anonymous"}
)
_LOCATIONS = frozenset({"memory", "calldata", "storage", "payable"})
_CLOSING = {"(": ")", "[": "]", "{": "}"}


class Form(StrEnum):
    """What is declared."""

    FUNCTION = "function"
    EVENT = "event"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a declaration: its type as written, whether it is indexed, and its name or ""."""

    type: Type
    indexed: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration, `text[start:end]` of the document.

    `signature` is the name with canonical types, None if a type is unknown.
    `container` is the interface or contract around it, "" if there is none; `implemented` says that this container
    has code in it, so that it is an example of the interface rather than the interface.
    """

    form: Form
    name: str
    parameters: tuple[Parameter, ...]
    start: int
    end: int
    signature: str | None
    container: str = ""
    implemented: bool = False
    anonymous: bool = False

    @property
    def written(self) -> str:
        """The name with the types as written."""
        return f"{self.name}({','.join(str(p.type) for p in self.parameters)})"

    @property
    def indexed(self) -> int:
        """How many parameters are indexed."""
        return sum(p.indexed for p in self.parameters)

    @property
    def topic_count(self) -> int:
        """How many topics a log of the event has."""
        return self.indexed + (not self.anonymous)

    @property
    def topic0(self) -> str | None:
        """The first topic of the event's logs; None for functions, errors, anonymous and unresolved events."""
        return keccak(self.signature) if self.signature and self.form is Form.EVENT and not self.anonymous else None

    @property
    def selector(self) -> str | None:
        """The selector of a function or error; None for events and what is unresolved."""
        return selector(self.signature) if self.signature and self.form is not Form.EVENT else None


def declarations(text: str, code: Iterable[tuple[int, int]]) -> list[Declaration]:
    """What the pieces of code `text[start:end]` declare; types declared in one piece are known in all.

    >>> source = "event Transfer(address indexed _from, address indexed _to, uint256 _value)"
    >>> [(d.signature, d.topic_count) for d in declarations(source, [(0, len(source))])]
    [('Transfer(address,address,uint256)', 3)]
    """
    fragments = [_Fragment(text, start, end) for start, end in code]
    for fragment in fragments:
        fragment.read()
    types = Types(
        {name: meaning for f in reversed(fragments) for name, meaning in f.aliases.items()},
        {name: members for f in reversed(fragments) for name, members in f.structs.items()},
    )
    return [found.resolved(types) for fragment in fragments for found in fragment.found]


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int
    named: bool


@dataclass(slots=True)
class _Container:
    """An interface, contract or library: whether any of its functions has a body is known at its end."""

    name: str
    depth: int
    implemented: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    form: Form
    name: str
    parameters: tuple[Parameter, ...]
    start: int
    end: int
    container: _Container | None
    anonymous: bool

    def resolved(self, types: Types) -> Declaration:
        kinds = [types.canonical(p.type) for p in self.parameters]
        known = [kind for kind in kinds if kind is not None]
        return Declaration(
            form=self.form,
            name=self.name,
            parameters=self.parameters,
            start=self.start,
            end=self.end,
            signature=f"{self.name}({','.join(known)})" if len(known) == len(kinds) else None,
            container=self.container.name if self.container else "",
            implemented=bool(self.container and self.container.implemented),
            anonymous=self.anonymous,
        )


@dataclass
class _Fragment:
    """One piece of code: its tokens, and what was found in them."""

    text: str
    start: int
    end: int
    found: list[_Found] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    structs: dict[str, tuple[Type, ...]] = field(default_factory=dict)

    def read(self) -> None:
        """Walk the tokens once; each step consumes at least one."""
        self.tokens = list(self._tokens())
        self.closing = _matching(self.tokens)
        stack: list[_Container] = []
        depth = at = 0
        while at < len(self.tokens):
            word = self.tokens[at].text
            container = stack[-1] if stack else None
            if word == "{":
                depth += 1
            elif word == "}":
                depth = max(0, depth - 1)
                if stack and depth < stack[-1].depth:
                    stack.pop()
            elif not self.tokens[at].named:
                pass
            elif word in ("interface", "contract", "library") and self._is_name(at + 1):
                if opening := self._header_end(at + 2):
                    name = self.tokens[at + 1].text
                    self.aliases.setdefault(name, "address")
                    depth += 1
                    stack.append(_Container(name, depth))
                    at = opening
            elif word == "struct" and self._is_name(at + 1) and self._word(at + 2) == "{":
                at = self._struct(at)
            elif word == "enum" and self._is_name(at + 1) and self._word(at + 2) == "{":
                self.aliases.setdefault(self.tokens[at + 1].text, "uint8")
                at = self.closing.get(at + 2, at + 2)
            elif word == "type" and self._is_name(at + 1) and self._word(at + 2) == "is" and self._is_name(at + 3):
                self._value_type(at)
            elif word in ("function", "event", "error") and self._is_name(at + 1) and self._word(at + 2) == "(":
                at = self._declaration(at, container)
            elif word in ("modifier", "constructor", "fallback", "receive"):
                at = self._body(at, container)
            at += 1

    def _tokens(self) -> Iterator[_Token]:
        for match in _TOKEN.finditer(self.text, self.start, self.end):
            if match.lastgroup:
                yield _Token(match[0], match.start(), match.end(), match.lastgroup == "name")

    def _word(self, at: int) -> str:
        return self.tokens[at].text if at < len(self.tokens) else ""

    def _is_name(self, at: int) -> bool:
        return at < len(self.tokens) and self.tokens[at].named

    def _header_end(self, at: int) -> int:
        """The opening brace after `contract X is A, B`, or 0 if this is no header."""
        for row in range(at, min(at + 200, len(self.tokens))):
            word = self.tokens[row].text
            if word == "{":
                return row
            if not self.tokens[row].named and word not in ",.()":
                return 0
        return 0

    def _value_type(self, at: int) -> None:
        meaning = Types({}, {}).canonical(Type(self.tokens[at + 3].text))
        if meaning:
            self.aliases.setdefault(self.tokens[at + 1].text, meaning)

    def _struct(self, at: int) -> int:
        last = self.closing.get(at + 2, len(self.tokens))
        members, row = [], at + 3
        while row < last:
            end = row
            while end < last and self._word(end) != ";":
                end = self.closing.get(end, end) + 1
            if end > row:
                members.append(self._type(row, end)[0])
            row = end + 1
        self.structs.setdefault(self.tokens[at + 1].text, tuple(members))
        return last

    def _body(self, at: int, container: _Container | None) -> int:
        """Skip a modifier, constructor or the like with its body."""
        row = at + 1
        while row < len(self.tokens) and self._word(row) not in ("{", ";", "}"):
            row = self.closing.get(row, row) + 1
        if self._word(row) == "{":
            if container:
                container.implemented = True
            return self.closing.get(row, len(self.tokens))
        return row - 1

    def _declaration(self, at: int, container: _Container | None) -> int:
        """Read a function, event or error; the last token of it."""
        close = self.closing.get(at + 2)
        if close is None:
            return at + 2
        specifiers, last, opening = self._tail(close)
        if opening:
            if container:
                container.implemented = True
            return self.closing.get(opening, len(self.tokens))
        if specifiers & {"internal", "private"}:
            return last
        parameters = self._parameters(at + 3, close)
        if parameters is not None:
            found = _Found(
                form=Form(self.tokens[at].text),
                name=self.tokens[at + 1].text,
                parameters=parameters,
                start=self.tokens[at].start,
                end=self.tokens[last].end,
                container=container,
                anonymous="anonymous" in specifiers,
            )
            self.found.append(found)
        return last

    def _tail(self, close: int) -> tuple[set[str], int, int]:
        """What follows the parameters: specifiers, the last token that belongs, and an opening brace or 0."""
        specifiers: set[str] = set()
        row = close + 1
        while row < len(self.tokens):
            token = self.tokens[row]
            if token.text == ";":
                return specifiers, row, 0
            if token.text == "{":
                return specifiers, row, row
            if token.text == "returns" and self._word(row + 1) == "(":
                row = self.closing.get(row + 1, row + 1)
            elif token.named and token.text in _SPECIFIERS:
                specifiers.add(token.text)
                if self._word(row + 1) == "(":
                    row = self.closing.get(row + 1, row + 1)
            elif token.named and token.text not in _DECLARING and self._same_line(row):
                # A modifier, with or without arguments.
                if self._word(row + 1) == "(":
                    row = self.closing.get(row + 1, row + 1)
            else:
                break
            row += 1
        return specifiers, row - 1, 0

    def _same_line(self, row: int) -> bool:
        between = self.text[self.tokens[row - 1].end : self.tokens[row].start]
        return "\n" not in between and "\r" not in between

    def _parameters(self, first: int, last: int) -> tuple[Parameter, ...] | None:
        """The parameters between the brackets; None if this is no Solidity."""
        found = []
        row = first
        while row < last:
            end = row
            while end < last and self._word(end) != ",":
                end = self.closing.get(end, end) + 1
            end = min(end, last)
            if end == row:
                return None
            written, rest = self._type(row, end)
            words = [token.text for token in self.tokens[rest:end]]
            if any(not token.named for token in self.tokens[rest:end]) and written.name:
                return None
            names = [word for word in words if word not in _LOCATIONS and word != "indexed"]
            if len(names) > 1 and written.name:
                return None
            found.append(Parameter(written, "indexed" in words, names[-1] if names else ""))
            row = end + 1
        return tuple(found)

    def _type(self, row: int, end: int) -> tuple[Type, int]:
        """The type at the start of a parameter or member, and the token after it."""
        name = self._word(row) if self._is_name(row) else ""
        if name in ("mapping", "function") and self._word(row + 1) == "(":
            return Type(""), self.closing.get(row + 1, end) + 1
        at = row + 1
        while self._word(at) == "." and self._is_name(at + 1) and at + 1 < end:
            name += "." + self._word(at + 1)
            at += 2
        suffix = ""
        while at < end and self._word(at) == "[":
            close = self.closing.get(at, end)
            inside = "".join(token.text for token in self.tokens[at + 1 : close])
            if inside and not inside.isdigit():
                name = ""
            suffix += f"[{inside}]"
            at = close + 1
        return Type(name, suffix), min(at, end)


def _matching(tokens: Sequence[_Token]) -> dict[int, int]:
    """For each opening bracket its closing one; unbalanced ones have none."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token.text in _CLOSING:
            opened.append(at)
        elif token.text in ")]}" and opened:
            # A stray closing bracket closes nothing; an unclosed inner one is given up.
            for back in range(len(opened) - 1, max(-1, len(opened) - 4), -1):
                if _CLOSING[tokens[opened[back]].text] == token.text:
                    pairs[opened[back]] = at
                    del opened[back:]
                    break
    return pairs
