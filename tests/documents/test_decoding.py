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


TEXTS = {
    "windows-1252": [
        GERMAN[:90],
        "Le jeton est émis par la société. C’est l’été — 5 € de frais.",
        "¿Quién lo autorizó en México?",
    ],
    "koi8-r": ["Протокол взимает комиссию за каждый перевод токена. Эфириум обновлён."],
    "windows-1251": ["Протокол взимает комиссию за каждый перевод.", "Україна та її громадяни мають право на активи."],
    "shift_jis": ["このトークンは標準規格を拡張し、手数料を徴収します。", "株式会社東京銀行は二〇二四年に設立された。"],
    "euc-jp": ["このトークンは標準規格を拡張し、手数料を徴収します。"],
    "gb18030": [
        "该协议扩展了代币标准，并对每笔交易收取费用。",
        "以太坊是一个开源的区块链平台，由维塔利克·布特林创立。",
    ],
    "big5": ["該協議擴展了代幣標準，並對每筆交易收取費用。", "台灣積體電路製造公司成立於一九八七年。"],
    "euc-kr": ["이 프로토콜은 토큰 표준을 확장하며 각 거래에 대해 수수료를 부과합니다."],
    "utf-16-le": ["Plain words and 代币.\n", "代币标准 1\n"],
    "utf-16-be": ["Plain words and 代币.\n", "代币标准 1\n"],
    "utf-32-le": ["Plain words.\n"],
    "utf-32-be": ["Plain words.\n"],
}


@pytest.mark.parametrize(("encoding", "text"), [(name, text) for name, texts in TEXTS.items() for text in texts])
@pytest.mark.parametrize("form", ["alone", "short", "in English", "long"])
def test_text_without_a_mark_or_declaration_is_read_in_its_encoding(encoding: str, text: str, form: str) -> None:
    shaped = {
        "alone": text,
        "short": text if encoding.startswith("utf") else text[:16],
        "in English": f"# Title\n\nSome words of English about ERC-20.\n\n{text}\n",
        "long": f"English words stand here. {text}\n" * 300,
    }[form]
    found, by = decode(shaped.encode(encoding), "a.md")
    assert found == shaped
    assert found.encode(by) == shaped.encode(encoding)


@pytest.mark.parametrize(
    ("declared", "encoding", "text"),
    [
        ("utf-8", "windows-1252", GERMAN),
        ("iso-8859-1", "utf-8", GERMAN),
        ("iso-8859-1", "windows-1252", "It’s “quoted” — for 5 €."),
        ("windows-1252", "shift_jis", TEXTS["shift_jis"][0]),
        ("gb2312", "gb18030", TEXTS["gb18030"][0] + "㐀"),
        ("no-such-charset", "koi8-r", TEXTS["koi8-r"][0]),
        ("windows-1253", "windows-1253", "Το πρωτόκολλο χρεώνει προμήθεια για κάθε συναλλαγή."),
        ("windows-1255", "windows-1255", "הפרוטוקול גובה עמלה על כל עסקה"),
    ],
)
def test_a_declaration_counts_unless_the_bytes_speak_against_it(declared: str, encoding: str, text: str) -> None:
    page = f'<meta charset="{declared}"><p>{text}</p>'
    found, by = decode(page.encode(encoding), "a.html")
    assert found == page
    assert page.encode(by) == page.encode(encoding)
    xml = f'<?xml version="1.0" encoding="{declared}"?><p>{text}</p>'
    assert decode(xml.encode(encoding), "a.html")[0] == xml


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
