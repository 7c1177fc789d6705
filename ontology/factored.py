"""Answers by parts, for texts of which too many lines can be formed to list them: subject, then relation, then object.

The answers are those of `ontology.grammar`: lines `subject | relation | object`, or the word `none`. Here each relation
is a branch that says which terms may stand at its ends, so domain and range are decided while the line is written,
and the grammar grows with the terms, not with their pairs. No line relates a term to itself, and there are as many
lines at most as differ, and never more than `MAX_LINES`. That no line comes twice a context-free grammar of this size
cannot say: repeats are dropped when the answer is read.
GBNF: https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md
JSON schema: https://json-schema.org/draft/2020-12
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product

from ontology.grammar import EMPTY, SEPARATOR, Term, Triple, answer_schema, escape, one_line, read_lines
from ontology.model import Relation

MAX_LINES = 8

_BAR = escape(SEPARATOR)


@dataclass(frozen=True, slots=True)
class Branch:
    """A relation and what may stand at its ends. A term that may stand at both never stands at both of one line."""

    relation: Relation
    subjects: tuple[Term, ...]
    objects: tuple[Term, ...]


@dataclass(frozen=True)
class Factored:
    """The answers over some branches; terms that are written alike count as the first of them.

    There are at most `limit` lines, and at least one if the answer is to state `something`.

    >>> term = {name: Term(name, n, name) for n, name in enumerate(("Alien", "Ridley Scott", "1979"))}
    >>> director = Relation("https://example.org/director", "director")
    >>> space = Factored([Branch(director, (term["Alien"], term["1979"]), (term["Alien"], term["Ridley Scott"]))])
    >>> space.accepts("Alien | director | Ridley Scott"), space.accepts("Alien | director | Alien")
    (True, False)
    >>> space.continues("1979 | director | A"), space.continues("Alien | director | A")
    (True, False)
    """

    branches: tuple[Branch, ...]
    limit: int
    something: bool

    def __init__(self, branches: Iterable[Branch], *, limit: int = MAX_LINES, something: bool = False) -> None:
        kept: dict[str, Branch] = {}
        for branch in branches:
            label = one_line(branch.relation.label)
            subjects, objects = _distinct(branch.subjects), _distinct(branch.objects)
            if len({t.identity for t in (*subjects, *objects)}) > 1 and subjects and objects and label:
                kept.setdefault(label, Branch(branch.relation, subjects, objects))
        object.__setattr__(self, "branches", tuple(kept.values()))
        object.__setattr__(self, "limit", min(limit, MAX_LINES))
        object.__setattr__(self, "something", something)

    def __bool__(self) -> bool:
        return bool(self.branches)

    @property
    def may_be_none(self) -> bool:
        """Whether the answer may be `none`."""
        return not self.something

    def or_none(self) -> Factored:
        """The same, and `none` as well."""
        return Factored(self.branches, limit=self.limit)

    @cached_property
    def most(self) -> int:
        """The most lines of an answer: an answer that repeats itself ends there.

        >>> a, b = Term("A", 0, "a"), Term("B", 9, "b")
        >>> Factored([Branch(Relation("https://example.org/r", "likes"), (a, b), (a, b))]).most
        2
        """
        pairs = (pair for b in self.branches for pair in product(b.subjects, b.objects))
        return sum(1 for _ in islice((1 for s, o in pairs if s.identity != o.identity), self.limit))

    @property
    def gbnf(self) -> str:
        """The grammar: `none`, or one to `most` lines joined by line feeds, none after the last."""
        if not self.branches:
            return f'root ::= "{EMPTY}"\n'
        tail = ""
        for _ in range(self.most - 1):
            tail = f' ("\\n" line{tail})?'
        rules = [f"root ::= line{tail}" if self.something else f'root ::= "{EMPTY}" | line{tail}']
        heads: list[str] = []
        objects = _Objects()
        for number, (subjects, group) in enumerate(self._groups.items()):
            labels = {}
            for n, (values, relations) in enumerate(group.items()):
                labels[values] = f"r{number}x{n}"
                rules.append(f"r{number}x{n} ::= " + " | ".join(_literal(r.label) for r in relations))
            for n, subject in enumerate(subjects):
                ends = [
                    f'{labels[values]} "{_BAR}" {rule}'
                    for values in group
                    if (rule := objects.without(values, subject)) is not None
                ]
                if ends:
                    rules.append(f's{number}x{n} ::= {_literal(subject.text)} "{_BAR}" ({" | ".join(ends)})')
                    heads.append(f"s{number}x{n}")
        rules.append("line ::= " + " | ".join(heads))
        return "\n".join([*rules, *objects.rules]) + "\n"

    @property
    def json_schema(self) -> dict[str, object]:
        """The same for servers that take a JSON schema only: one branch a subject and a set of relations."""
        lines: list[tuple[object, object, object]] = []
        for subjects, group in self._groups.items():
            for subject in subjects:
                for values, relations in group.items():
                    others = [one_line(v.text) for v in values if v.identity != subject.identity]
                    if others:
                        labels = [one_line(r.label) for r in relations]
                        lines.append(({"const": one_line(subject.text)}, {"enum": labels}, {"enum": others}))
        return answer_schema(lines, self.most, least=int(self.something))

    @property
    def described(self) -> str:
        """The relations, each with what may stand before and behind it."""
        return "\n".join(
            f"{' / '.join(one_line(t.text) for t in subjects)}{SEPARATOR}"
            f"{' / '.join(one_line(r.label) for r in relations)}{SEPARATOR}"
            f"{' / '.join(one_line(t.text) for t in values)}"
            for subjects, group in self._groups.items()
            for values, relations in group.items()
        )

    def triple(self, line: str) -> Triple | None:
        """The triple that a line states, or None for a line that is none of the answers'."""
        return next((triple for triple, rest in self._read(line, whole=True) if not rest), None)

    def accepts(self, line: str) -> bool:
        """Whether an answer may hold the line."""
        return self.triple(line) is not None

    def continues(self, begun: str, lines: Sequence[str] = ()) -> bool:
        """Whether some line begins so, after `lines`; with a line feed at its end, whether it is a whole line."""
        if begun.endswith("\n"):
            return self.accepts(begun[:-1])
        return len(lines) < self.most and next(self._read(begun, whole=False), None) is not None

    def read(self, answer: str) -> tuple[tuple[Triple, ...], tuple[str, ...]]:
        """The triples that an answer states, each once, and the lines that are none of the answers'."""
        return read_lines(answer, self.triple, self.most)

    def instead_of(self, refused: Sequence[Triple]) -> Factored:
        """The branches of their relations, each without the objects that were refused there."""
        wrong: dict[str, set[str]] = {}
        for triple in refused:
            wrong.setdefault(triple.relation.iri, set()).add(triple.object.identity)
        return Factored(
            Branch(b.relation, b.subjects, tuple(v for v in b.objects if v.identity not in wrong[b.relation.iri]))
            for b in self.branches
            if b.relation.iri in wrong
        )

    @cached_property
    def _groups(self) -> dict[tuple[Term, ...], dict[tuple[Term, ...], list[Relation]]]:
        """Relations by their subjects, then by their objects."""
        groups: dict[tuple[Term, ...], dict[tuple[Term, ...], list[Relation]]] = {}
        for branch in self.branches:
            groups.setdefault(branch.subjects, {}).setdefault(branch.objects, []).append(branch.relation)
        return groups

    def _read(self, text: str, *, whole: bool) -> Iterator[tuple[Triple, str]]:
        """Triples whose line begins with the text (or is it), with what is left of the line."""
        for subjects, group in self._groups.items():
            for subject in subjects:
                head = one_line(subject.text) + SEPARATOR
                if not _agree(text, head, whole):
                    continue
                for values, relations in group.items():
                    for relation in relations:
                        middle = head + one_line(relation.label) + SEPARATOR
                        if not _agree(text, middle, whole):
                            continue
                        for value in values:
                            line = middle + one_line(value.text)
                            if value.identity != subject.identity and (
                                line == text if whole else line.startswith(text)
                            ):
                                yield Triple(subject, relation, value), line[len(text) :]


class _Objects:
    """Rules for sets of objects, and for such a set without one of its members."""

    def __init__(self) -> None:
        self.rules: list[str] = []
        self._numbers: dict[tuple[Term, ...], int] = {}

    def without(self, values: tuple[Term, ...], subject: Term) -> str | None:
        """What matches any of the values but the subject; None if nothing is left."""
        if values not in self._numbers:
            self._numbers[values] = self._written(values)
        number = self._numbers[values]
        at = [n for n, value in enumerate(values) if value.identity == subject.identity]
        if not at:
            return f"a{number}x{len(values)}"
        if len(at) == len(values):
            return None
        if len(at) > 1:
            others = " | ".join(f"o{number}x{n}" for n in range(len(values)) if n not in at)
            return f"({others})"
        before = f"a{number}x{at[0]}" if at[0] else ""
        after = f"z{number}x{at[0] + 1}" if at[0] + 1 < len(values) else ""
        return f"({before} | {after})" if before and after else before or after

    def _written(self, values: tuple[Term, ...]) -> int:
        """Writes the rules: `a…xN` is any of the first N values, `z…xN` any from the Nth on."""
        number = len(self._numbers)
        for n, value in enumerate(values):
            self.rules.append(f"o{number}x{n} ::= {_literal(value.text)}")
            self.rules.append(f"a{number}x{n + 1} ::= " + (f"a{number}x{n} | " if n else "") + f"o{number}x{n}")
            more = f" | z{number}x{n + 1}" if n + 1 < len(values) else ""
            self.rules.append(f"z{number}x{n} ::= o{number}x{n}{more}")
        return number


def _distinct(terms: Sequence[Term]) -> tuple[Term, ...]:
    found: dict[str, Term] = {}
    for term in terms:
        written = one_line(term.text)
        if written and SEPARATOR.strip() not in written and written != EMPTY:
            found.setdefault(written, term)
    return tuple(found.values())


def _literal(text: str) -> str:
    return f'"{escape(one_line(text))}"'


def _agree(text: str, part: str, whole: bool) -> bool:
    return text.startswith(part) or (not whole and part.startswith(text))
