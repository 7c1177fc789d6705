"""The IRIs of functions, events and errors that a document's own code declares, for the prose that names them.

So the sentence that says `Transfer` is emitted speaks of the very event whose declaration code has read.
A name that is declared twice (an overloaded function) stays a name: the prose does not say which is meant.
"""

from __future__ import annotations

from pyoxigraph import NamedNode

from extractors.documents.claims import declaration_iri, interfaces
from extractors.documents.model import Document
from kg.claims.vocabulary import STANDARDS

_FORMS = {
    STANDARDS + "Function": "function",
    STANDARDS + "Event": "event",
    STANDARDS + "ErrorDeclaration": "error",
}


class Declared:
    """Looks names up among the declarations of documents; reads each document once."""

    def __init__(self) -> None:
        self._document = ""
        self._iris: dict[tuple[str, str], NamedNode | None] = {}

    def __call__(self, document: Document, name: str, cls: str | None) -> NamedNode | None:
        """The IRI of the one declaration of that name and class (an IRI) in the document, or None."""
        if cls not in _FORMS:
            return None
        if self._document != str(document.cid):
            self._iris = _read(document)
            self._document = str(document.cid)
        return self._iris.get((_FORMS[cls], name))


def _read(document: Document) -> dict[tuple[str, str], NamedNode | None]:
    found: dict[tuple[str, str], NamedNode | None] = {}
    for declaration in interfaces(document):
        key, iri = (declaration.form.value, declaration.name), declaration_iri(document.subject, declaration)
        found[key] = iri if found.get(key, iri) == iri else None
    return found
