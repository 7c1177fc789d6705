"""Bytes become text without losing anything, or are refused with the reason."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.documents.decoding import decode
from extractors.documents.errors import DocumentBinary, DocumentEmpty, DocumentRefused

GERMAN = "Die Gebühr für das Übertragen der Münze beträgt zwölf Gwei; größere Beträge kosten natürlich mehr. " * 3


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"plain", "utf-8"),
        ("\ufeffmarked".encode(), "utf-8"),
        ("代币\r\n事件".encode(), "utf-8"),
        ("\ufeff代币".encode("utf-16-le"), "utf-16-le"),
        ("\ufeff代币".encode("utf-16-be"), "utf-16-be"),
        ("\ufeff代币".encode("utf-32-le"), "utf-32-le"),
        (b'<meta charset="koi8-r"><p>' + "Привет".encode("koi8-r"), "koi8-r"),
    ],
)
def test_the_encoding_is_found_and_recorded(content: bytes, encoding: str) -> None:
    text, found = decode(content, "a.md")
    assert found == encoding
    assert text.encode(found) == content


def test_a_byte_order_mark_stays_in_the_text() -> None:
    assert decode("\ufeffx".encode(), "a.md")[0] == "\ufeffx"


def test_an_old_encoding_is_guessed_and_gives_the_bytes_back() -> None:
    content = GERMAN.encode("cp1252")
    text, encoding = decode(content, "a.txt")
    assert text == GERMAN
    assert text.encode(encoding) == content


@pytest.mark.parametrize("content", [b"\n \r\n\t", b"\xef\xbb\xbf", "\u00a0".encode()])
def test_nothing_but_space_is_empty(content: bytes) -> None:
    with pytest.raises(DocumentEmpty, match=r"a\.md is empty"):
        decode(content, "a.md")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"%PDF-1.7\n...", "a PDF"),
        (b"PK\x03\x04rest", "a ZIP"),
        (b"text\x00text", "NUL at character 4"),
        (bytes(range(256)) * 8, "byte 128 is not UTF-8"),
        (b"\xff\xfea", "utf-16-le"),
        ("\ufeff".encode("utf-16-le") + b"\x00\xd8", "utf-16-le"),
    ],
)
def test_binary_is_refused_with_the_place(content: bytes, why: str) -> None:
    with pytest.raises(DocumentBinary, match=why):
        decode(content, "a.md")


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_any_bytes_are_given_back_or_refused(content: bytes) -> None:
    try:
        text, encoding = decode(content, "x")
    except DocumentRefused:
        return
    assert text.encode(encoding) == content
