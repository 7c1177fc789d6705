"""From an ontology and the terms of a text to what a decoder may write: a GBNF grammar or a JSON schema.

An answer is a list of lines `subject | relation | object`, or the word `none`.
Which lines there are is worked out first: a relation, with a subject that fits its domain and another thing that
fits its range. The grammar then offers each of these lines once, in one order, so that an answer is on the ontology,
names only spans of the text, never relates a thing to itself and never repeats itself.
GBNF: https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md
JSON schema: https://json-schema.org/draft/2020-12
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from anchoring.encoding.bounded_json import bounded_json
from ontology.model import Ontology, Relation

EMPTY = "none"
"""The answer that says the text states none of the relations."""

SEPARATOR = " | "
MAX_TRIPLES = 160
"""The most lines a grammar offers: decoding slows down with each. The pairs closest to each other come first."""

XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"


@dataclass(frozen=True, slots=True)
class Term:
    """A span of the text that may be a subject or an object.

    `start` is where it stands (any unit, it only orders), `identity` is equal for two names of one thing.
    `classes` are the IRIs of the classes it may belong to; None means any.
    `datatypes` are the IRIs of the XSD datatypes its text is a value of.
    """

    text: str
    start: int
    identity: str
    classes: frozenset[str] | None = None
    datatypes: frozenset[str] = frozenset()
    name: str = ""
    """What labelled text calls it, where that is written otherwise than here."""

    @property
    def called(self) -> str:
        """Its name: what labelled text calls it, else its own text on one line."""
        return self.name or one_line(self.text)


@dataclass(frozen=True, slots=True)
class Triple:
    """A line that an answer may hold."""

    subject: Term
    relation: Relation
    object: Term

    @property
    def written(self) -> tuple[str, str, str]:
        """Subject, relation and object as the model writes them: on one line, without control characters."""
        return one_line(self.subject.text), one_line(self.relation.label), one_line(self.object.text)

    @property
    def line(self) -> str:
        """What the model writes for it."""
        return SEPARATOR.join(self.written)


class Answers(Protocol):
    """The answers that a decoder may give about one text."""

    @property
    def gbnf(self) -> str:
        """The grammar of the answers."""

    @property
    def json_schema(self) -> dict[str, object]:
        """The same as a JSON schema."""

    @property
    def described(self) -> str:
        """What may be written, for a reader who is not held to the grammar."""

    @property
    def may_be_none(self) -> bool:
        """Whether the answer may be `none`."""

    def __bool__(self) -> bool:
        """Whether any line may be written."""

    def accepts(self, line: str) -> bool:
        """Whether an answer may hold the line."""

    def continues(self, begun: str, lines: Sequence[str] = ()) -> bool:
        """Whether, after `lines`, a line may begin so; with a line feed at its end, whether it may be this line."""

    def read(self, answer: str) -> tuple[tuple[Triple, ...], tuple[str, ...]]:
        """The triples that an answer states, each once, and the lines that are none of the answers'."""

    def instead_of(self, refused: Sequence[Triple]) -> Answers:
        """What may be written in place of these: lines with their relations, but none of them."""

    def or_none(self) -> Answers:
        """The same, and `none` as well."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The answers over a list of triples, each at most once, in its order."""

    triples: tuple[Triple, ...]

    @property
    def may_be_none(self) -> bool:
        """Always."""
        return True

    def __bool__(self) -> bool:
        return bool(self.triples)

    @property
    def gbnf(self) -> str:
        """As `gbnf` says."""
        return gbnf(self.triples)

    @property
    def json_schema(self) -> dict[str, object]:
        """As `json_schema` says."""
        return json_schema(self.triples)

    @property
    def described(self) -> str:
        """The lines."""
        return "\n".join(triple.line for triple in self.triples)

    def accepts(self, line: str) -> bool:
        """Whether it is one of the lines."""
        return any(triple.line == line for triple in self.triples)

    def continues(self, begun: str, lines: Sequence[str] = ()) -> bool:
        """Whether one of the lines behind the last of `lines` begins so."""
        written = [triple.line for triple in self.triples]
        first = written.index(lines[-1]) + 1 if lines and lines[-1] in written else 0
        return any((line + "\n").startswith(begun) for line in written[first:])

    def read(self, answer: str) -> tuple[tuple[Triple, ...], tuple[str, ...]]:
        """As `read_answer` says."""
        return read_answer(answer, self.triples)

    def instead_of(self, refused: Sequence[Triple]) -> Listed:
        """The other lines with the relations of these."""
        relations, lines = {t.relation.iri for t in refused}, {t.line for t in refused}
        return Listed(tuple(t for t in self.triples if t.relation.iri in relations and t.line not in lines))

    def or_none(self) -> Listed:
        """The same."""
        return self


def possible_triples(ontology: Ontology, terms: Sequence[Term], *, limit: int = MAX_TRIPLES) -> tuple[Triple, ...]:
    """The triples that domain and range allow among the terms, in the order of the text.

    A thing with two names in the text goes by its first. Two triples that would be written alike are both left out.

    >>> eip = "https://example.org/Standard"
    >>> requires = Relation("https://example.org/requires", "requires", domain=(eip,), range=(eip,))
    >>> onto = Ontology("https://example.org/", "", {}, {requires.iri: requires})
    >>> terms = [Term("ERC-721", 0, "721", frozenset({eip})), Term("every NFT", 20, "nft", frozenset())]
    >>> [t.line for t in possible_triples(onto, [*terms, Term("ERC-165", 50, "165", frozenset({eip}))])]
    ['ERC-721 | requires | ERC-165', 'ERC-165 | requires | ERC-721']
    """
    first: dict[str, Term] = {}
    for term in sorted(terms, key=lambda t: (t.start, t.text)):
        if one_line(term.text):
            first.setdefault(term.identity, term)
    found = [
        Triple(subject, relation, value)
        for relation in ontology.extractable
        for subject in first.values()
        if _is_instance(ontology, subject, relation.domain)
        for value in first.values()
        if value.identity != subject.identity and _is_value(ontology, value, relation)
    ]
    found.sort(key=lambda t: (abs(t.subject.start - t.object.start), t.line))
    written: dict[str, list[Triple]] = {}
    for triple in found[:limit]:
        written.setdefault(triple.line, []).append(triple)
    clear = [triples[0] for triples in written.values() if len(triples) == 1]
    return tuple(sorted(clear, key=lambda t: (t.subject.start, t.relation.label, t.object.start, t.line)))


def gbnf(triples: Sequence[Triple]) -> str:
    """The grammar of all answers over these triples: `none`, or some of the lines, each once, in this order.

    Lines are joined by a line feed and none follows the last, so that a model may end where its chat format ends.

    Every text is written by code points (`\\\\x`, `\\\\u`, `\\\\U` for all but letters, digits, blanks and hyphens),
    so no span of a hostile document can end a literal or start a rule.
    """
    if not triples:
        return f'root ::= "{EMPTY}"\n'
    last = len(triples) - 1
    rules = [f'root ::= "{EMPTY}" | s0']
    rules += [f's{n} ::= t{n} ("\\n" s{n + 1})? | s{n + 1}' for n in range(last)] + [f"s{last} ::= t{last}"]
    rules += [f't{n} ::= "{escape(triple.line)}"' for n, triple in enumerate(triples)]
    return "\n".join(rules) + "\n"


def json_schema(triples: Sequence[Triple]) -> dict[str, object]:
    """The same for servers that take a JSON schema only: one branch a relation and subject.

    >>> json_schema(())["properties"]
    {'triples': {'type': 'array', 'maxItems': 0}}
    """
    branches: dict[tuple[str, str], list[str]] = {}
    for triple in triples:
        subject, relation, value = triple.written
        branches.setdefault((subject, relation), []).append(value)
    lines = [
        ({"const": subject}, {"const": relation}, {"enum": values}) for (subject, relation), values in branches.items()
    ]
    return answer_schema(lines, len(triples))


def answer_schema(lines: Sequence[tuple[object, object, object]], most: int, least: int = 0) -> dict[str, object]:
    """The JSON schema of answers of `least` to `most` lines, each as one of `lines`: schemas of its three members."""
    items = [
        {
            "type": "object",
            "properties": {"subject": subject, "relation": relation, "object": value},
            "required": ["subject", "relation", "object"],
            "additionalProperties": False,
        }
        for subject, relation, value in lines
    ]
    listed: dict[str, object] = {"type": "array", "maxItems": most}
    if least:
        listed["minItems"] = least
    if items:
        listed |= {"items": {"anyOf": items}, "uniqueItems": True}
    return {
        "type": "object",
        "properties": {"triples": listed},
        "required": ["triples"],
        "additionalProperties": False,
    }


def read_answer(answer: str, triples: Sequence[Triple]) -> tuple[tuple[Triple, ...], tuple[str, ...]]:
    """The triples that an answer states, each once, and the lines that are none of them.

    Takes the lines of `gbnf` and the object of `json_schema`; a model that nothing constrained may write either.
    """
    by_line = {triple.line: triple for triple in triples}
    return read_lines(answer, by_line.get, len(by_line))


def read_lines(
    answer: str, triple_of: Callable[[str], Triple | None], most: int
) -> tuple[tuple[Triple, ...], tuple[str, ...]]:
    """The triples of the first `most` lines that state one by `triple_of`, each once, and the lines left over."""
    stated: dict[str, Triple] = {}
    strange: list[str] = []
    for line in _answer_lines(answer):
        if line == EMPTY or line in stated:
            continue
        triple = triple_of(line)
        if triple is None or len(stated) == most:
            strange.append(line)
        else:
            stated[line] = triple
    return tuple(stated.values()), tuple(strange)


def escape(text: str) -> str:
    """The text as the inside of a GBNF literal, in ASCII letters, digits, blanks, hyphens and escapes only.

    >>> print(escape('a" | root ::= é\\\\n'))
    a\\x22 \\x7C root \\x3A\\x3A\\x3D \\xE9\\x5Cn
    """
    return "".join(c if c.isascii() and (c.isalnum() or c in " -") else _code_point(ord(c)) for c in text)


def _code_point(number: int) -> str:
    if number <= 0xFF:
        return f"\\x{number:02X}"
    return f"\\u{number:04X}" if number <= 0xFFFF else f"\\U{number:08X}"


def one_line(text: str) -> str:
    """The text with its white space and control characters as single blanks: a line holds one triple."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _answer_lines(answer: str) -> list[str]:
    """The lines of an answer, whether it is written as lines or as the object of a JSON schema."""
    lines = [line.strip() for line in answer.split("\n") if line.strip()]
    if not answer.lstrip().startswith("{"):
        return lines
    try:
        listed = bounded_json(answer)["triples"]
        return [SEPARATOR.join((t["subject"], t["relation"], t["object"])) for t in listed]
    except (ValueError, KeyError, TypeError):
        return lines  # a bracket is a term of the text, too


def _is_instance(ontology: Ontology, term: Term, classes: Sequence[str]) -> bool:
    if not classes or term.classes is None:
        return True
    return any(ontology.is_a(mine, wanted) for mine in term.classes for wanted in classes)


def _is_value(ontology: Ontology, term: Term, relation: Relation) -> bool:
    if relation.datatype is not None:
        return relation.datatype == XSD_STRING or relation.datatype in term.datatypes
    return _is_instance(ontology, term, relation.range)
