"""A slow, obvious matcher for the part of GBNF that triplock writes: literals, rule names, groups, `|` and `?`.

https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator

TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[A-Za-z][A-Za-z0-9-]*|[()|?])')
ESCAPE = re.compile(r"\\(?:x([0-9A-F]{2})|u([0-9A-F]{4})|U([0-9A-F]{8})|(.))", re.DOTALL)
PLAIN = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}


class Grammar:
    """Rules by name, each a list of alternatives, each a list of (item, optional)."""

    def __init__(self, text: str) -> None:
        self.rules = {}
        for line in text.splitlines():
            name, separator, body = line.partition(" ::= ")
            assert separator, f"no rule: {line!r}"
            assert re.fullmatch(r"[a-z][a-z0-9-]*", name), f"no name of a rule: {name!r}"
            assert name not in self.rules, f"{name} is defined twice"
            tokens, position = [], 0
            while position < len(body):
                token = TOKEN.match(body, position)
                assert token, f"no token at {body[position:][:20]!r}"
                tokens.append(token[1])
                position = token.end()
            self.rules[name] = self._alternatives(tokens)
            assert not tokens, f"left over in {line!r}: {tokens}"

    def _alternatives(self, tokens):
        found = [self._sequence(tokens)]
        while tokens and tokens[0] == "|":
            tokens.pop(0)
            found.append(self._sequence(tokens))
        return found

    def _sequence(self, tokens):
        items = []
        while tokens and tokens[0] not in ("|", ")"):
            token = tokens.pop(0)
            if token == "(":
                item = ("group", self._alternatives(tokens))
                assert tokens.pop(0) == ")"
            elif token.startswith('"'):
                item = ("literal", ESCAPE.sub(_character, token[1:-1]))
            else:
                item = ("rule", token)
            optional = bool(tokens) and tokens[0] == "?"
            if optional:
                tokens.pop(0)
            items.append((item, optional))
        return items

    def accepts(self, text: str) -> bool:
        return any(end == len(text) for end in self._any(self.rules["root"], text, 0))

    def _any(self, alternatives, text: str, start: int) -> Iterator[int]:
        for sequence in alternatives:
            yield from self._all(sequence, text, start)

    def _all(self, sequence, text: str, start: int) -> Iterator[int]:
        if not sequence:
            yield start
            return
        (item, optional), rest = sequence[0], sequence[1:]
        for end in self._one(item, text, start):
            yield from self._all(rest, text, end)
        if optional:
            yield from self._all(rest, text, start)

    def _one(self, item, text: str, start: int) -> Iterator[int]:
        kind, value = item
        if kind == "literal":
            if text.startswith(value, start):
                yield start + len(value)
        else:
            yield from self._any(value if kind == "group" else self.rules[value], text, start)


def _character(match: re.Match[str]) -> str:
    number = match[1] or match[2] or match[3]
    return chr(int(number, 16)) if number else PLAIN[match[4]]
