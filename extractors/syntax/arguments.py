"""What fills the places around a word: who does it, to what, by which preposition; what something is, and of what.

Passive and active are one: in "A extends B" and "B is extended by A" A is the subject and B the object of "extend".
Subjects are carried over to verbs that share them ("A extends B and requires C"), relative pronouns stand for what
they refer to, and a noun stands for what it is said to be ("Alien is a film directed by ..." is about Alien).
No recursion: a hostile sentence may nest as deep as it is long.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from extractors.syntax.parse import JOINED, Parse

SUBJECT, OBJECT, IS, WHEN = "subject", "object", "is", "when"
"""Places beside the prepositions, which go by their own names."""
_COPULAS = frozenset({"be", "become", "remain"})
_RELATIVE = frozenset({"WDT", "WP"})
_SUBJECTS = ("nsubj", "nsubjpass")
_NOUNS = frozenset({"NOUN", "PROPN"})
_STEPS = 12
"""So many words are followed to a shared subject or to what a noun stands for."""

Places = Mapping[str, tuple[int, ...]]
"""Tokens by the place that they fill."""


def is_passive(parse: Parse, n: int) -> bool:
    """Whether the verb is in the passive voice."""
    token = parse.tokens[n]
    if any(True for _ in parse.below(n, "auxpass", "nsubjpass")):
        return True
    return token.tag == "VBN" and not any(parse.tokens[c].dep in ("aux", "nsubj", "dobj") for c in parse.children[n])


def of_verb(parse: Parse, n: int) -> Places:
    """What fills the places of a verb."""
    passive, token = is_passive(parse, n), parse.tokens[n]
    found: dict[str, list[int]] = {}
    surface = OBJECT if passive else SUBJECT
    for subject in _surface_subjects(parse, n):
        found.setdefault(surface, []).append(subject)
    for child in parse.children[n]:
        dep = parse.tokens[child].dep
        if dep == "dobj":
            found.setdefault(OBJECT, []).append(child)
        elif dep in ("agent", "prep"):
            name = parse.tokens[child].lemma
            by = dep == "agent" or (passive and name == "by")
            found.setdefault(SUBJECT if by else name, []).extend(parse.below(child, "pobj"))
        elif dep == "npadvmod":
            found.setdefault(WHEN, []).append(child)
    if token.dep == "relcl" and not _has_relative(parse, n):
        found.setdefault(SUBJECT if OBJECT in found else OBJECT, []).append(token.head)
    return {place: tuple(_referred(parse, n, filler) for filler in fillers) for place, fillers in found.items()}


def of_noun(parse: Parse, n: int) -> Places:
    """What fills the places of a noun or adjective: what is it, and what is behind its prepositions or owns it."""
    found: dict[str, list[int]] = {}
    for child in parse.children[n]:
        dep = parse.tokens[child].dep
        if dep == "prep":
            found.setdefault(parse.tokens[child].lemma, []).extend(parse.below(child, "pobj"))
        elif dep == "poss":
            found.setdefault("of", []).append(child)
        elif dep == "appos":
            found.setdefault(IS, []).append(child)
    found.setdefault(IS, []).extend(_said_to_be(parse, n))
    return {place: tuple(dict.fromkeys(fillers)) for place, fillers in found.items()}


def named_by(parse: Parse, n: int, *, each: bool) -> tuple[int, ...]:
    """The tokens that a noun phrase with this head may name: itself, a known name in it, and what it is said to be.

    With `each`, the items joined to it and other names in it ("the Union Montreal party"), too.
    """
    found, todo = [n], [n]
    while todo and len(found) < _STEPS:
        current = todo.pop(0)
        is_common = parse.tokens[current].pos == "NOUN"
        more: list[int] = []
        if each:
            more += [c for c in parse.below(current, "conj") if parse.tokens[c].pos in _NOUNS]
        if is_common:
            more += [c for c in parse.below(current, "appos") if parse.tokens[c].pos in _NOUNS]
            more += _said_to_be(parse, current)
        more += [
            c
            for c in parse.below(current, "compound", "nmod")
            if parse.tokens[c].name == JOINED or (each and is_common and parse.tokens[c].pos == "PROPN")
        ]
        for other in more:
            if other not in found:
                found.append(other)
                todo.append(other)
    return tuple(found)


def _said_to_be(parse: Parse, n: int) -> list[int]:
    """What the noun or adjective is said of: by a copula, an apposition, or as a title before a name."""
    token = parse.tokens[n]
    for _ in range(_STEPS):
        if token.dep != "conj" or token.head == n:
            break
        n, token = token.head, parse.tokens[token.head]
    head = token.head
    if token.dep in ("attr", "acomp", "oprd") and parse.tokens[head].lemma in _COPULAS:
        return [_referred(parse, head, s) for s in _surface_subjects(parse, head)]
    if token.dep in _SUBJECTS and parse.tokens[head].lemma in _COPULAS:
        return list(parse.below(head, "attr"))
    if token.dep in ("appos", "amod", "compound", "nmod") and parse.tokens[head].pos in _NOUNS:
        return [head] if token.dep == "appos" or parse.tokens[head].pos == "PROPN" or token.pos == "ADJ" else []
    return []


def _surface_subjects(parse: Parse, n: int) -> Iterator[int]:
    """The subjects of a verb as it stands, or of the verb from which it has them."""
    for _ in range(_STEPS):
        own = list(parse.below(n, *_SUBJECTS))
        token = parse.tokens[n]
        if own:
            yield from (_referred(parse, n, s) for s in own)
            return
        if token.dep == "acl" and token.tag in ("VBN", "VBG"):
            yield from _modified(parse, n)
            return
        controls = token.dep == "xcomp" and not any(True for _ in parse.below(token.head, "dobj"))
        if token.head == n or not (token.dep == "conj" or controls or (token.dep == "advcl" and token.tag in _LOOSE)):
            return
        n = token.head


def _modified(parse: Parse, n: int) -> Iterator[int]:
    """The noun that a participle behind it is said of.

    Parsers take the nearest, but in "X is a game for the console Y, developed by Z" it is the game that is developed;
    without the comma only the writer knows.
    """
    head = parse.tokens[n].head
    predicate = head
    for _ in range(_STEPS):
        token = parse.tokens[predicate]
        if token.dep not in ("pobj", "prep", "agent", "acl", "appos", "conj", "compound"):
            break
        predicate = token.head
    if predicate == head or parse.tokens[predicate].dep != "attr":
        yield head
    elif any(parse.tokens[m].text == "," for m in range(head + 1, n)):
        yield predicate
    elif parse.tokens[head].pos == "NOUN":
        yield head


_LOOSE = frozenset({"VBG", "VBN"})


def _referred(parse: Parse, verb: int, n: int) -> int:
    """What a relative pronoun refers to, else the token itself."""
    if parse.tokens[n].tag not in _RELATIVE and parse.tokens[n].lemma != "that":
        return n
    for _ in range(_STEPS):
        token = parse.tokens[verb]
        if token.dep == "relcl":
            return token.head
        if token.dep not in ("conj", "xcomp") or token.head == verb:
            return n
        verb = token.head
    return n


def _has_relative(parse: Parse, n: int) -> bool:
    """Whether a relative pronoun stands at the verb or in a phrase below it."""
    near = [*parse.children[n], *(g for c in parse.children[n] for g in parse.children[c])]
    return any(parse.tokens[c].tag in (*_RELATIVE, "WP$") or parse.tokens[c].lemma == "that" for c in near)
