"""The claims that fixed code reads in a document: its header and its interface declarations.

Each has trust `read` and the span it was read at. The agents' versions are constants of the readers, so a new release
that reads the same makes the same claims.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from extractors.documents import front_matter as header_reader
from extractors.documents import markdown, solidity
from extractors.documents.front_matter import Field, FrontMatter, front_matter, numbers
from extractors.documents.load import MARKDOWN
from extractors.documents.model import Document
from extractors.documents.solidity import Declaration, Form
from kg.claims import iris, vocabulary
from kg.claims.iris import Mint
from kg.claims.model import Activity, Agent, Claim, Statement, Trust

FRONT_MATTER_READER = Agent("triplock front matter", "1")
INTERFACE_READER = Agent("triplock interfaces", "1")

_STD = vocabulary.STANDARDS
_TYPE, _LABEL = vocabulary.TYPE, vocabulary.LABEL
_BOOLEAN = NamedNode(vocabulary.XSD + "boolean")
_DATE = NamedNode(vocabulary.XSD + "date")
_DAY = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
_STANDARD_INTERFACE = re.compile(r"I?(?:ERC|EIP)[-_]?([0-9]{1,5})")
_MAX_TEXT = 2000
_CATEGORIES = {
    "erc": "Erc",
    "core": "CoreStandard",
    "networking": "NetworkingStandard",
    "interface": "InterfaceStandard",
    "meta": "MetaStandard",
    "informational": "InformationalStandard",
}
_CLASSES = {Form.FUNCTION: "Function", Form.EVENT: "Event", Form.ERROR: "ErrorDeclaration"}


def read_claims(document: Document, mint: Mint) -> list[Claim]:
    """What fixed code reads in the document, in the order of the text; nothing for RDF, HTML and plain text.

    >>> from extractors.documents.load import load_document
    >>> document = load_document(b"---\\neip: 20\\ntitle: Token Standard\\n---\\n", name="erc-20.md")
    >>> [c.span.quote for c in read_claims(document, Mint("https://graph.example/"))]
    ['eip: 20', 'title: Token Standard']
    """
    if document.media_type != MARKDOWN:
        return []
    header = front_matter(document.text)
    claims = list(_Header(document, header, mint).claims()) if header else []
    return claims + list(interface_claims(document))


def read_warnings(document: Document) -> tuple[str, ...]:
    """What was wrong with the document's header, for the ledger; it is ingested all the same."""
    header = front_matter(document.text) if document.media_type == MARKDOWN else None
    return header.warnings if header else ()


def interfaces(document: Document) -> list[Declaration]:
    """The declarations in the document's fenced and indented code."""
    code = [
        (block.start, block.end)
        for block in markdown.blocks(document.text)
        if block.kind is markdown.Kind.CODE and block.language in solidity.LANGUAGES
    ]
    return solidity.declarations(document.text, code)


def interface_claims(document: Document) -> Iterator[Claim]:
    """One claim a declaration: `<standard> std:declares <declaration>` and what is known of it.

    Left out is what stands in a contract that has code of its own, an example that may declare the events of others,
    and in an interface that is named exactly as another standard is, such as `ERC20` in ERC-1363: it only repeats it.
    """
    activity = Activity("interface", document.cid, INTERFACE_READER, Trust.READ)
    for declaration in interfaces(document):
        if not declaration.implemented and not _repeated(document, declaration.container):
            yield Claim(
                tuple(_declared(NamedNode(document.subject), declaration)),
                activity,
                document.span(declaration.start, declaration.end),
            )


def _repeated(document: Document, container: str) -> bool:
    """Whether the container is the interface of another standard than the one the document is about."""
    named = _STANDARD_INTERFACE.fullmatch(container)
    if named is None or not document.subject.startswith(vocabulary.EIP):
        return False
    return document.subject != iris.eip(int(named[1])).value


def declaration_iri(standard: str, declaration: Declaration) -> NamedNode:
    """The IRI of a declaration, in its standard's: `https://eips.ethereum.org/EIPS/eip-20#event:Transfer(address,…)`.

    Brackets, which IRIs do not allow, are percent-encoded.
    """
    return _part(standard, declaration.form.value, declaration.signature or declaration.written)


def _part(standard: str, kind: str, name: str) -> NamedNode:
    return NamedNode(f"{standard}#{kind}:{quote(name, safe='(),.$')}")


def _declared(standard: NamedNode, declaration: Declaration) -> Iterator[Statement]:
    iri = declaration_iri(standard.value, declaration)
    yield standard, _std("declares"), iri
    yield iri, _TYPE, _std(_CLASSES[declaration.form])
    yield iri, _LABEL, Literal(declaration.name)
    if declaration.signature:
        yield iri, _std("signature"), Literal(declaration.signature)
    if declaration.selector:
        yield iri, _std("selector"), Literal(declaration.selector)
    if declaration.form is Form.EVENT:
        if declaration.topic0:
            yield iri, _std("topic0"), Literal(declaration.topic0)
        if declaration.anonymous:
            yield iri, _std("anonymous"), Literal("true", datatype=_BOOLEAN)
        yield iri, _std("indexedParameters"), _integer(declaration.indexed)
        yield iri, _std("topicCount"), _integer(declaration.topic_count)
    if declaration.container:
        container = _part(standard.value, "interface", declaration.container)
        yield iri, _std("declaredIn"), container
        yield container, _TYPE, _std("Interface")
        yield container, _LABEL, Literal(declaration.container)


class _Header:
    """The claims of one header."""

    def __init__(self, document: Document, header: FrontMatter, mint: Mint) -> None:
        self.document, self.header, self.mint = document, header, mint
        self.subject = NamedNode(document.subject)
        self.activity = Activity("front-matter", document.cid, FRONT_MATTER_READER, Trust.READ)

    def claims(self) -> Iterator[Claim]:
        """One claim a field, or one a member of a list; fields that say nothing we know are passed over."""
        reads = self._standard if self.header.eip is not None else self._page
        for name, field in sorted(self.header.fields.items(), key=lambda item: item[1].start):
            if name in ("author", "authors") and self.header.eip is not None:
                yield from self._authors(field)
                continue
            for statements in reads(name, field):
                yield Claim(tuple(statements), self.activity, self.document.span(field.start, field.end))

    def _page(self, name: str, field: Field) -> Iterator[list[Statement]]:
        """Fields of a document that is no EIP."""
        value = _text(field)
        if name in ("title", "description") and value:
            yield [(self.subject, NamedNode(vocabulary.DCTERMS + name), Literal(value))]
        elif name == "date" and _DAY.match(value):
            yield [(self.subject, NamedNode(vocabulary.DCTERMS + "created"), Literal(value[:10], datatype=_DATE))]

    def _standard(self, name: str, field: Field) -> Iterator[list[Statement]]:
        value, subject = _text(field), self.subject
        if not value:
            return
        if name == "eip":
            yield list(self._identity())
        elif name in ("title", "description"):
            yield [(subject, NamedNode(vocabulary.DCTERMS + name), Literal(value))]
        elif name in ("status", "type", "category"):
            said: list[Statement] = [
                (subject, _std("standardType" if name == "type" else name), Literal(value)),
            ]
            if value.lower() in _CATEGORIES:
                said.append((subject, _TYPE, _std(_CATEGORIES[value.lower()])))
            yield said
        elif name == "created" and (day := _DAY.match(value)):
            yield [(subject, _std("created"), Literal(day[0], datatype=_DATE))]
        elif name == "discussions-to" and (address := _web_address(value)):
            yield [(subject, _std("discussionsTo"), address)]
        elif name in ("requires", "replaces", "supersedes", "superseded-by"):
            for number in dict.fromkeys(numbers(field.value)):
                other = iris.eip(number)
                if name == "superseded-by":
                    yield [(other, _std("supersedes"), subject)]
                else:
                    yield [(subject, _std("requires" if name == "requires" else "supersedes"), other)]

    def _identity(self) -> Iterator[Statement]:
        number = self.header.eip or 0
        kind = "ERC" if self.header.get("category").upper() == "ERC" else "EIP"
        yield self.subject, _TYPE, _std("Standard")
        yield self.subject, _LABEL, Literal(f"{kind}-{number}")
        yield self.subject, _std("number"), _integer(number)

    def _authors(self, field: Field) -> Iterator[Claim]:
        """One claim an author, whose span is the author's part of the line, so that no e-mail address is quoted."""
        line = self.document.text[field.start : field.end]
        for author in header_reader.authors(line.split(":", 1)[1]):
            before = line.index(":") + 1
            person = (
                NamedNode(f"https://github.com/{author.handle.lower()}")
                if author.handle
                else self.mint.entity(author.name)
            )
            said: list[Statement] = [
                (self.subject, _std("authoredBy"), person),
                (person, _TYPE, _std("Person")),
                (person, _LABEL, Literal(author.name)),
            ]
            if author.handle:
                said.append((person, _std("handle"), Literal(author.handle)))
            start = field.start + before + author.start
            yield Claim(tuple(said), self.activity, self.document.span(start, field.start + before + author.end))


def _std(name: str) -> NamedNode:
    return NamedNode(_STD + name)


def _integer(value: int) -> Literal:
    return Literal(str(value), datatype=vocabulary.XSD_INTEGER)


def _text(field: Field) -> str:
    return " ".join(field.value.split())[:_MAX_TEXT]


def _web_address(value: str) -> NamedNode | None:
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]{1,1000}", value) or "@" in value.split("/")[2]:
        return None
    try:
        return NamedNode(value)
    except ValueError:
        return None
