"""What somebody asks to have proven, as the claim of a proof: statements as people type them, or all with a prefix.

A statement that names no graph is looked for in all graphs of the version, the default graph included.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import DefaultGraph, NamedNode, Quad

from anchoring.errors import WrongUsage
from anchoring.proofs.claim_proof import ParentNeeded, StatementPresent
from anchoring.proofs.claims import Claim, ClaimKind
from anchoring.proofs.line_index import LineIndex
from anchoring.rdf.nquads import serialize
from kg.errors import NoSuchStatement
from kg.workspace.statement import parse_statement


@dataclass(frozen=True, slots=True)
class Wanted:
    """A kind of claim with the statements that are typed for it; `prefix` is the bytes of a claim of prefix."""

    kind: ClaimKind = ClaimKind.PRESENCE
    statements: tuple[str, ...] = ()
    prefix: bytes = b""

    def claim(self, lines: LineIndex, parent: LineIndex | None, *, version: int) -> Claim:
        """The claim about `version` and its lines; `parent` has those of the version before, where there is one.

        Raises BadStatement, NoSuchStatement, StatementPresent, ParentNeeded and WrongUsage.
        """
        if self.kind is ClaimKind.PREFIX:
            return Claim(self.kind, (self.prefix,))
        if not self.statements:
            raise WrongUsage("nothing says what to prove", remedy="give a statement, --prefix, --subject or --triple")
        if self.kind is ClaimKind.ABSENCE:
            return self._absence(lines)
        looked_in, where = lines, f"version {version}"
        if self.kind is ClaimKind.REMOVED:
            if parent is None:
                raise ParentNeeded(
                    f"version {version} has no parent at hand, so what it removed is not known",
                    remedy="name a later version, or give the blocks of the version before",
                )
            looked_in, where = parent, f"version {version - 1}"
        return Claim(self.kind, tuple(sorted({_found(text, looked_in, where) for text in self.statements})))

    def _absence(self, lines: LineIndex) -> Claim:
        named = [text for text in self.statements if parse_statement(text)[3] is not None]
        if len(named) == len(self.statements):
            return Claim(self.kind, tuple(sorted({line_of_statement(text) for text in named})))
        if len(self.statements) > 1:
            raise WrongUsage(
                "of several statements to be shown absent one names no graph",
                remedy="name the graph of each, or prove those that should be in no graph one by one",
            )
        prefix = prefix_of_triple(self.statements[0])
        at = lines.position(prefix)
        if at < lines.quads and lines.line(lines.at(at)).startswith(prefix):
            raise StatementPresent(
                f"{lines.line(lines.at(at))[:300].decode(errors='replace')} is among the {lines.quads} statements",
                remedy="it cannot be shown to be absent; ask for the proof that it is present",
            )
        return Claim(ClaimKind.PREFIX, (prefix,))


def line_of_statement(text: str) -> bytes:
    """The canonical line of a statement, in the default graph if it names none; raises BadStatement."""
    subject, predicate, value, graph = parse_statement(text)
    return serialize(Quad(subject, predicate, value, graph or DefaultGraph()))


def prefix_of_text(text: str) -> bytes:
    """A prefix as it is typed; raises WrongUsage for what is no text."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise WrongUsage(f"{text[:200]!r} is no UTF-8", remedy="give the first characters of lines") from None


def prefix_of_triple(text: str) -> bytes:
    """What all lines begin with that state this triple, in whatever graph; raises BadStatement.

    >>> prefix_of_triple('<http://a.example/s> <http://a.example/p> "x" .')
    b'<http://a.example/s> <http://a.example/p> "x" '
    """
    subject, predicate, value, _ = parse_statement(text)
    return serialize(Quad(subject, predicate, value, DefaultGraph()))[:-1]


def prefix_of_subject(iri: str) -> bytes:
    """What all lines begin with that state something of this subject; raises WrongUsage for what is no IRI.

    >>> prefix_of_subject("http://a.example/s")
    b'<http://a.example/s> '
    """
    try:
        node = NamedNode(iri.removeprefix("<").removesuffix(">"))
    except ValueError:
        raise WrongUsage(f"{iri[:200]!r} is no IRI", remedy="give an absolute IRI") from None
    return serialize(Quad(node, node, node, DefaultGraph())).partition(b" ")[0] + b" "


def _found(text: str, lines: LineIndex, where: str) -> bytes:
    """The line that states it, the first in order where several graphs do."""
    if parse_statement(text)[3] is not None:
        line = line_of_statement(text)
        if lines.holds(line):
            return line
    else:
        prefix = prefix_of_triple(text)
        at = lines.position(prefix)
        if at < lines.quads and (line := lines.line(lines.at(at))).startswith(prefix):
            return line
    raise NoSuchStatement(
        f"{text[:300]!r} is not in {where}",
        remedy="see `triplock why` for the versions that hold it, or publish it first",
    )
