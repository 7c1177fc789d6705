"""What can go wrong with a document: leaves of the tree in `anchoring.errors`."""

from __future__ import annotations

from anchoring.errors import InputRefused, WrongUsage


class DocumentRefused(InputRefused):
    """The document cannot be ingested as it is."""

    code = "document-refused"


class DocumentEmpty(DocumentRefused):
    """There is nothing to read in it."""

    code = "document-empty"


class DocumentBinary(DocumentRefused):
    """It is no text in any encoding that we know."""

    code = "document-binary"


class DocumentNotJson(DocumentRefused):
    """Its name says JSON, but it is none, or nested too deeply."""

    code = "document-not-json"


class DocumentPdfRefused(DocumentRefused):
    """PDFium does not open it: it is broken, asks for a password, or takes too much time or memory."""

    code = "document-pdf-refused"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} cannot be read as PDF: {why}", remedy="save it anew without a password, or as text")


class DocumentTooLarge(DocumentRefused):
    """It is longer than the limit."""

    code = "document-too-large"


class DocumentUnreadable(DocumentRefused):
    """The file system does not give it to us."""

    code = "document-unreadable"


class DocumentNotFound(WrongUsage):
    """There is no such file or folder."""

    code = "document-not-found"
