"""The canonical form of N-Quads: one statement, one line, one spelling.

Source: https://www.w3.org/TR/rdf-canon/#canonical-quads with the grammar of https://www.w3.org/TR/n-quads/.
A line here never includes its line feed.

- One space after subject, predicate, object and graph name, then `.`; nothing else.
- In literals BS, HT, LF, FF, CR, `"` and the backslash are written as `\\b \\t \\n \\f \\r \\" \\\\`;
  other C0 controls, DEL and U+FFFE, U+FFFF (which XML 1.1 has not) as `\\uXXXX` in upper-case hex;
  everything else as itself, in UTF-8.
- IRIs are absolute and hold no escape. `xsd:string` is not written.

Two points are stricter than the specification, because what is hashed needs one spelling:
language tags are in lower case (decision 0010), and blank nodes are named `_:c14nN`, as RDFC-1.0 names them.
"""

from __future__ import annotations

import re
from typing import TypeAlias

import pyoxigraph as ox

from anchoring.errors import InputRefused

XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal
Statement: TypeAlias = tuple[str, str, str, str]
"""Subject, predicate, object and graph name as N-Quads writes them; the graph name is empty for the default graph."""

_IRI = r"""<[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>"{}|^`\\]*+>"""
_BLANK = r"_:c14n(?:0|[1-9][0-9]*+)"
_PLAIN = r'[^"\\\x00-\x1f\x7f\ufffe\uffff]*+'
_ESCAPE = r'\\(?:[btnfr"\\]|u(?:00(?:0[0-7BEF]|1[0-9A-F]|7F)|FFF[EF]))'
_STRING = rf'"{_PLAIN}(?:{_ESCAPE}{_PLAIN})*+"'
_LANGUAGE = r"@[a-z]++(?:-[a-z0-9]++)*+"
_IMPLIED = "|".join(
    re.escape(f"<{datatype}>") for datatype in (XSD_STRING, f"{_RDF}langString", f"{_RDF}dirLangString")
)
_LITERAL = rf"{_STRING}(?:{_LANGUAGE}|\^\^(?!{_IMPLIED}){_IRI})?"
LINE = rf"(?:{_IRI}|{_BLANK}) {_IRI} (?:{_IRI}|{_LITERAL}|{_BLANK})(?: (?:{_IRI}|{_BLANK}))? \."
"""The canonical grammar as a regular expression over characters."""
_GROUND_TRIPLE = rf"{_IRI} {_IRI} (?:{_IRI}|{_LITERAL})"
GROUND = rf"{_GROUND_TRIPLE}(?: {_IRI})? \."
"""The same without blank nodes."""
GROUND_ALONE = rf"{_GROUND_TRIPLE} \."
"""The same without a graph name."""

_LINE = re.compile(LINE)
_GROUND = re.compile(GROUND)
_GROUND_ALONE = re.compile(GROUND_ALONE)

_PARTS = (
    ("the subject", re.compile(rf"(?:{_IRI}|{_BLANK})"), False),
    ("the predicate", re.compile(_IRI), False),
    ("the object", re.compile(rf"(?:{_IRI}|{_BLANK}|{_LITERAL})"), False),
    ("the graph name", re.compile(rf"(?:{_IRI}|{_BLANK})"), True),
)

_TO_ESCAPE = re.compile(r'["\\\x00-\x1f\x7f\ufffe\uffff]')
_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


class NotCanonical(InputRefused):
    """The line is no canonical N-Quads statement; `column` counts characters from 1 (bytes, if it is no UTF-8)."""

    code = "not-canonical"

    def __init__(self, line: bytes, column: int, reason: str) -> None:
        super().__init__(
            f"{line[:200]!r} is no canonical N-Quads line: column {column}: {reason}",
            remedy="write the dataset with `triplock canonicalize`",
        )
        self.column = column
        self.reason = reason


class NotRdf11(InputRefused):
    """The statement holds what RDF 1.1 has not: a triple term, a base direction, a variable."""

    code = "not-rdf-1-1"


def is_canonical(line: bytes) -> bool:
    r"""Whether the line, without its line feed, is a canonical statement.

    >>> is_canonical(b'<http://example.org/s> <http://example.org/p> "caf\xc3\xa9"@fr .')
    True
    >>> is_canonical(b'<http://example.org/s>  <http://example.org/p> "x"@FR.')
    False
    """
    try:
        return _LINE.fullmatch(line.decode()) is not None
    except UnicodeDecodeError:
        return False


def is_ground_canonical(line: bytes, *, graph_name: bool = True) -> bool:
    """Whether the line is a canonical statement without blank nodes; `graph_name` says that it may have one."""
    try:
        return (_GROUND if graph_name else _GROUND_ALONE).fullmatch(line.decode()) is not None
    except UnicodeDecodeError:
        return False


def check_canonical(line: bytes) -> None:
    """Raises NotCanonical, with column and reason, unless the line is a canonical statement."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise NotCanonical(line, error.start + 1, f"{error.object[error.start : error.end]!r} is not UTF-8") from None
    if _LINE.fullmatch(text) is None:
        column, reason = _first_fault(text)
        raise NotCanonical(line, column, reason)


def _first_fault(text: str) -> tuple[int, str]:
    """Where a line that does not match goes wrong: column from 1, and why."""
    at = 0
    for part, pattern, optional in _PARTS:
        match = pattern.match(text, at)
        if match is None:
            if optional and text[at : at + 1] == ".":
                break
            return at + 1, _why(part, text[at:])
        if text[match.end() : match.end() + 1] in ("^", "@", "-"):  # a datatype or language tag that did not match
            return at + 1, _why(part, text[at:])
        at = match.end()
        if text[at : at + 1] != " ":
            return at + 1, f"{text[at : at + 1]!r} where the one space after {part} must stand"
        at += 1
    if text[at:] == ".":  # the parts match one by one, so the whole does
        return at + 1, "the parts do not make a statement"
    return at + 1, f"{text[at : at + 40]!r} where the final '.' must stand"


_REASONS = (
    (re.compile("<<"), "is a triple term, which RDF 1.1 does not have"),
    (re.compile(r"<(?![A-Za-z][A-Za-z0-9+.\-]*:)[^>]*>"), "is a relative IRI: canonical IRIs begin with a scheme"),
    (re.compile(r"<[^>]*\\"), "is an IRI with an escape: canonical IRIs hold characters as themselves"),
    (re.compile(r"<[^>]*(?:>|$)"), "is no IRI: a character that IRIs cannot hold, or no end"),
    (re.compile(r"_:"), "is a blank node not named _:c14nN"),
    (re.compile(r'"[^"\\]*[\x00-\x1f\x7f\ufffe\uffff]'), "has a control character that must be escaped"),
    (re.compile(rf"{_STRING}\^\^(?:{_IMPLIED})"), "has a datatype that is never written"),
    (re.compile(rf"{_STRING}\^\^"), "has a datatype that is no absolute IRI"),
    (re.compile(rf"{_STRING}@"), "has a language tag that is not of letters and digits in lower case"),
    (re.compile(r'".*\\'), "has an escape that is not the canonical one"),
)


def _why(part: str, rest: str) -> str:
    if part == "the predicate" and rest.startswith("_:"):
        return f"{rest[:60]!r} is a blank node, which no predicate can be"
    for pattern, reason in _REASONS:
        if pattern.match(rest):
            return f"{part} {rest[:60]!r} {reason}"
    return f"{rest[:60]!r} where {part} must stand"


def parse_line(line: bytes) -> ox.Quad:
    """The statement of a canonical line; raises NotCanonical.

    >>> line = b'<http://example.org/s> <http://example.org/p> "x" <http://example.org/g> .'
    >>> serialize(parse_line(line)) == line
    True
    """
    check_canonical(line)
    # `lenient`: the line is checked above, against the grammar that the format promises, and no other
    (quad,) = ox.parse(line, format=ox.RdfFormat.N_QUADS, lenient=True)
    if not isinstance(quad, ox.Quad):
        raise NotCanonical(line, 1, "it is no quad")
    return quad


def escape(text: str) -> str:
    r"""A literal's text as it stands between the quotes.

    >>> print(escape('tab \t, bell \x07, "é"'))
    tab \t, bell \u0007, \"é\"
    """
    return _TO_ESCAPE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    return _SHORT.get(character) or f"\\u{ord(character):04X}"


def write_term(term: object) -> str:
    """A term as canonical N-Quads writes it (a blank node keeps its label); raises NotRdf11."""
    if isinstance(term, ox.NamedNode):
        return f"<{term.value}>"
    if isinstance(term, ox.Literal):
        if term.direction is not None:
            raise _refused(term, "a base direction")
        quoted = f'"{escape(term.value)}"'
        if term.language is not None:
            return f"{quoted}@{term.language.lower()}"
        datatype = term.datatype.value
        return quoted if datatype == XSD_STRING else f"{quoted}^^<{datatype}>"
    if isinstance(term, ox.BlankNode):
        return f"_:{term.value}"
    raise _refused(term, "a triple term" if isinstance(term, ox.Triple) else "no RDF term")


def _refused(term: object, what: str) -> NotRdf11:
    return NotRdf11(
        f"{str(term)[:200]} is {what}, which RDF 1.1 does not have",
        remedy="state it with plain triples, for instance with rdf:reifies replaced by named graphs",
    )


def write_statement(quad: ox.Quad | ox.Triple) -> Statement:
    """The four parts of a statement as strings; raises NotRdf11."""
    graph = getattr(quad, "graph_name", None)
    return (
        write_term(quad.subject),
        write_term(quad.predicate),
        write_term(quad.object),
        "" if graph is None or isinstance(graph, ox.DefaultGraph) else write_term(graph),
    )


def join(statement: Statement) -> str:
    """The line of a statement, without the line feed."""
    subject, predicate, object_, graph = statement
    return f"{subject} {predicate} {object_} {graph} ." if graph else f"{subject} {predicate} {object_} ."


def serialize(quad: ox.Quad | ox.Triple) -> bytes:
    """The statement's line in UTF-8, without the line feed; canonical if its blank nodes are named c14nN."""
    return join(write_statement(quad)).encode()
