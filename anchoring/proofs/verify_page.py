"""The page that checks a proof in a browser, with a proof inside: what a stranger opens who has no program of ours.

The page is docs/verify.html, made by scripts/verify_page; in an installed package it stands in the package's folder.
A proof is put into it as base64 within a `template`, so that nothing in it can become markup.
Format: docs/format.md, section "Verification".
"""

from __future__ import annotations

import base64
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_PLACES = (_PACKAGE / "verify.html", _PACKAGE.parent / "docs" / "verify.html")
_EMPTY = b'<template id="embedded"></template>'


def page_with_proof(proof: bytes = b"") -> bytes:
    """The self-contained page as UTF-8, with this proof opened in it where one is given.

    >>> page = page_with_proof(b"no proof at all")
    >>> b'<template id="embedded">bm8gcHJvb2YgYXQgYWxs</template>' in page
    True
    """
    page = next(place for place in _PLACES if place.is_file()).read_bytes()
    before, after = page.split(_EMPTY)
    return before + _EMPTY.replace(b"><", b">" + base64.b64encode(proof) + b"<") + after
