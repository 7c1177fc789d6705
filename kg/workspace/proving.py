"""Proofs out of published versions: a statement, the provenance of its claim, and the quoted bytes of its document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from anchoring.bundle import Bundle
from anchoring.cid import Cid
from anchoring.claims import Claim, ClaimKind
from anchoring.excerpt import BadExcerpt, Excerpt, make_excerpt
from anchoring.line_index import LineIndex
from anchoring.manifest import Manifest
from anchoring.nquads import serialize
from anchoring.proving import BuiltVersion, prove
from anchoring.signature_file import Signature
from anchoring.unixfs_reader import read_directory, read_file
from anchoring.version import Dataset, load_dataset
from kg.claims import vocabulary as v
from kg.errors import NoSuchStatement, NoSuchVersion
from kg.jobs.versions import VersionRecord
from kg.workspace.provenance import about_claim, value_of
from kg.workspace.statement import parse_statement

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace


def dataset_of(workspace: Workspace, record: VersionRecord) -> Dataset:
    """The top leaves of a version, from the index kept beside it or from its blocks."""
    root = bytes.fromhex(record.root[2:])
    index = workspace.state / "versions" / f"{record.head[2:]}.index"
    if index.is_file():
        return Dataset.from_index(index.read_bytes(), root=root)
    manifest = Manifest.decode(workspace.blocks.get(Cid.parse(record.manifest)))
    dataset = load_dataset(manifest.data.cid, workspace.blocks, size=manifest.data.size)
    keep_index(workspace, record, dataset)
    return dataset


def keep_index(workspace: Workspace, record: VersionRecord, dataset: Dataset) -> None:
    """Keep the top leaves of a version, from which proofs are made without reading every block."""
    index = workspace.state / "versions" / f"{record.head[2:]}.index"
    index.parent.mkdir(exist_ok=True)
    temporary = index.with_suffix(".tmp")
    temporary.write_bytes(dataset.index())
    temporary.replace(index)


def holds(workspace: Workspace, record: VersionRecord, quad: Quad) -> bool:
    """Whether a version has a statement."""
    return LineIndex(dataset_of(workspace, record), workspace.blocks).holds(serialize(quad))


def version_of(workspace: Workspace, number: int | None = None) -> VersionRecord:
    """The version with this number, or the newest that is on the chain; raises NoSuchVersion.

    Where the settings named another chain, registry or label before, the versions of that graph do not count.
    """
    settled = [record for record in workspace.versions.all() if record.anchored]
    if len({record.graph for record in settled}) > 1:
        current = str(workspace.chain.graph)
        settled = [record for record in settled if record.graph == current]
    found = [record for record in settled if number is None or record.number == number]
    if not found:
        known = ", ".join(str(record.number) for record in settled) or "none"
        raise NoSuchVersion(
            f"there is no published version {number if number is not None else ''}".rstrip(),
            remedy=f"publish one with `triplock publish`; published so far: {known}",
        )
    return found[-1]


def prove_statement(workspace: Workspace, text: str, *, number: int | None = None) -> Bundle:
    """The proof bundle of a statement in a published version (the newest by default).

    A line without a graph is looked up in all graphs of the workspace and the first in order is proven.
    For a claim the bundle also has its provenance, and the quoted bytes of the document where there is a quote.
    Raises BadStatement, NoSuchVersion, NoSuchStatement.
    """
    record = version_of(workspace, number)
    subject, predicate, value, graph = parse_statement(text)
    if graph is not None:
        candidates = [Quad(subject, predicate, value, graph)]
    else:
        candidates = sorted(workspace.store.match(subject, predicate, value), key=serialize)
    lines = LineIndex(dataset_of(workspace, record), workspace.blocks)
    for quad in candidates:
        if not lines.holds(serialize(quad)):
            continue
        claim = quad.graph_name
        about = list(dict.fromkeys(about_claim(workspace.store, claim))) if isinstance(claim, NamedNode) else []
        directory = read_directory(Cid.parse(record.directory), workspace.blocks)
        manifest = Manifest.decode(workspace.blocks.get(Cid.parse(record.manifest)))
        signature = Signature.decode(workspace.blocks.get(directory["signature.json"]))
        return prove(
            Claim(ClaimKind.PRESENCE, (serialize(quad),)),
            BuiltVersion(manifest, lines, signature.signature),
            beside=[line for line in map(serialize, about) if lines.holds(line)],
            excerpts=_excerpts(workspace, about),
        )
    raise NoSuchStatement(
        f"{text[:300]!r} is not in version {record.number}",
        remedy="see `triplock why` for the versions that hold it, or publish it first",
    )


def _excerpts(workspace: Workspace, about: list[Quad]) -> Iterator[Excerpt]:
    """The quotes among these statements, as bytes of their documents."""
    for quad in about:
        if quad.predicate != v.EXACT or not isinstance(quad.subject, NamedNode):
            continue
        span = {q.predicate: q.object for q in about if q.subject == quad.subject}
        start, end, quote = span.get(v.START), span.get(v.END), quad.object
        cid = Cid.parse(quad.subject.value.partition("#")[0])
        if not (isinstance(start, Literal) and isinstance(end, Literal) and isinstance(quote, Literal)):
            continue
        if not workspace.blocks.has(cid):
            continue
        stated = value_of(workspace.store, NamedNode(cid.iri), v.ENCODING, workspace.mint.of_document_itself(cid))
        encoding = stated.value if stated else "utf-8"
        text = read_file(cid, workspace.blocks).decode(encoding)
        first = len(text[: int(start.value)].encode(encoding))
        last = first + len(text[int(start.value) : int(end.value)].encode(encoding))
        try:
            yield make_excerpt(cid, first, last, quote.value, workspace.blocks)
        except BadExcerpt:
            # A quote in an encoding that verifiers do not know is left out; its statements stay.
            continue
