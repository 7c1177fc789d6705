"""Hostile documents end in bounded time: every reader is linear in the length of the text.

Each is read at one size and at four times that size; a quadratic reader would take sixteen times as long.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable

import pytest

from extractors.documents.chunks import chunks
from extractors.documents.claims import read_claims
from extractors.documents.errors import DocumentRefused
from extractors.documents.load import load_document
from kg.claims.iris import Mint

SIZE = 50_000
"""Characters of the larger input; `make soak` reads 2 MB, so that its 128 cases end in minutes."""

SOUPS = {
    "one line of words": "word ",
    "one line without space": "x",
    "full stops": ".",
    "ellipses and letters": "…a. ",
    "backticks": "`",
    "growing backticks": "`a``b```c````d",
    "link openings": "](",
    "brackets": "[",
    "link texts": "[a](",
    "quotes": "> ",
    "list markers": "- ",
    "fences": "```\n",
    "headings": "###### h\n",
    "deepening headings": "# a\n## b\n### c\n",
    "comments": "<!-- ",
    "table rows": "| a ",
    "setext lines": "a\n=\n",
    "rules": "- - - ",
    "blank lines": "\r\n \t",
    "declarations": "function f(",
    "braces": "{([",
    "closing braces": "interface A {})]",
    "code comments": "/* ",
    "strings": '"a\\',
    "urls": "https://a.b/",
    "byte-order marks": "\ufeff",
    "tags": "<a ",
    "quoted tags": "<a '",
    "entities": "&amp",
    "scripts": "<script>",
    "skipped tags": "<pre><nav>",
    "inline tags": "<b>x",
    "open comments": "a <!-- ",
    "closed comments": "a <!--b--> ",
    "struck through": "a ~~b",
    "hidden tags": "<p hidden><li>",
    "styles": "<b style='a",
    "definitions": '(the "',
    "abbreviations": "A B (AB) ",
    "long abbreviations": "a b c d e f (ABCDEF) ",
    "called": "Aave is a a a a ",
    "names": "Aa Bb ",
    "anaphors": "The token. It ",
    "wide quotes": "「。",
    "closed quotes": "「。」",
    "escapes": "\\u00e9\\n",
}


def read(text: str, name: str) -> None:
    try:
        document = load_document(text.encode(), name=name)
    except DocumentRefused:
        return
    chunks(document)
    read_claims(document, Mint("https://graph.example/"))


def seconds(work: Callable[[], None]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


@pytest.mark.soak
@pytest.mark.parametrize("name", ["a.md", "a.html", "a.txt", "code.md", "a.json"])
@pytest.mark.parametrize("soup", SOUPS)
def test_time_grows_with_the_length_and_no_faster(soup: str, name: str, soak_scale: Callable[[int], int]) -> None:
    large = max(SIZE, soak_scale(2_000_000))

    def text(length: int) -> str:
        words = (SOUPS[soup] * (length // len(SOUPS[soup]) + 1))[:length]
        if name == "a.json":
            return json.dumps({"description": words}) if soup != "escapes" else f'{{"a": "{words}"}}'
        return f"```solidity\n{words}\n```\n" if name == "code.md" else words

    small_time = min(seconds(lambda: read(text(large // 4), name)) for _ in range(2))
    most = 9 * small_time + 0.3
    times = itertools.takewhile(lambda last: last >= most, (seconds(lambda: read(text(large), name)) for _ in range(3)))
    slow = list(times)  # one slow run may be the garbage of the tests before
    assert len(slow) < 3, f"{small_time:.2f} s for a quarter, {min(slow):.2f} s for the whole"
