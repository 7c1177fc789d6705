"""The decoded text of a document whose blocks are here, and what the graph says of the document."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from anchoring.encoding.cid import Cid
from anchoring.encoding.unixfs_reader import read_file
from anchoring.errors import TriplockError
from anchoring.proofs.excerpt import is_encoding
from kg.claims import vocabulary as v
from kg.workspace.provenance import text_of, value_of

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

PDF_DECODING = "pdf "
"""How the recorded decoding of a PDF begins; the reader and its version follow."""


def described(
    workspace: Workspace, cid: Cid, term: NamedNode, adoption: NamedNode | None = None
) -> NamedNode | Literal | None:
    """What a document's own graph says of it, else what the graph of an `adoption` says: a foreign graph's words."""
    iri, own = NamedNode(cid.iri), workspace.mint.of_document_itself(cid)
    return value_of(workspace.store, iri, term, own) or value_of(workspace.store, iri, term, adoption)


def document_text(workspace: Workspace, cid: Cid, adoption: NamedNode | None = None) -> str | None:
    """The text of a document as it was decoded; None where its blocks are not here or cannot be decoded.

    The text of a PDF is read anew, and is None without the very version of the reader that the graph records.
    """
    if not workspace.blocks.has(cid):
        return None
    encoding = text_of(described(workspace, cid, v.ENCODING, adoption))
    with suppress(LookupError, UnicodeError, TriplockError):
        if encoding.startswith(PDF_DECODING):
            from extractors.documents.pdf import decoding, read_pdf

            return read_pdf(read_file(cid, workspace.blocks)).text if decoding() == encoding else None
        return read_file(cid, workspace.blocks).decode(encoding if is_encoding(encoding) else "utf-8")
    return None
