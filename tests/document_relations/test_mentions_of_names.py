"""Where a body names a thing: every spelling, no header, links that name nothing twice."""

from __future__ import annotations

import pytest

from extractors.document_relations.features import features
from extractors.document_relations.mentions import body
from extractors.document_relations.names import Names
from extractors.documents.load import load_document

STANDARDS = Names("(?:EIP|ERC)[- ]?[0-9]{1,5}")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("ERC-20, EIP 20, erc20, EIP\u201120, IERC20, ERC20Votes, ERC_20", [20] * 7),
        ("XERC-20 ERC-200000 PERC20 ERC", []),
        ("eip-721.md", [721]),
    ],
)
def test_spellings(text: str, numbers: list[int]) -> None:
    assert [int(name.identity.rsplit("-", 1)[1]) for name in STANDARDS.find(text)] == numbers


def test_every_mention_slices_back_in_any_kind_of_document() -> None:
    markdown = (
        "---\neip: 7\nrequires: 165\n---\r\n\r\n## Abstract\r\n\r\n"
        "See [ERC-20](./eip-20.md) and [tokens](./eip-721.md).\r\n\r\n"
        "| EIP |\r\n|---|\r\n| EIP-1 |\r\n\r\n```solidity\r\ncontract A is ERC777 {} // ERC-20\r\n```\r\n"
    )
    page = "<html><body><h1>A</h1><p>Uses <a href='/EIPS/eip-721'>ERC&#45;20</a> or ERC-1155.</p></body></html>"
    for name, text, expected in [
        ("a.md", markdown, ["ERC-20", "eip-721", "EIP-1", "ERC777", "ERC-20"]),
        ("a.html", page, ["ERC-1155", "eip-721"]),
        ("a.txt", "It needs ERC-20.\n\nAnd ERC-165.", ["ERC-20", "ERC-165"]),
    ]:
        document = load_document(text.encode(), name=name)
        found = body(document, STANDARDS).mentions
        assert [document.text[m.start : m.end] for m in found] == expected, name
        assert all(m.unit.start <= m.start < m.end <= m.unit.end for m in found)


def test_the_subject_itself_is_no_candidate() -> None:
    document = load_document(b"---\neip: 7\n---\n\nEIP-7 extends EIP-2.\n", name="eip-7.md")
    own = document.subject
    assert [i[-5:] for i in features(body(document, STANDARDS), STANDARDS, own)] == ["eip-2"]


def test_features_name_no_thing() -> None:
    document = load_document(b"# On ERC-20\n\nERC-721 extends ERC-165 and ERC-20.\n", name="a.md")
    shown = features(body(document, STANDARDS), STANDARDS, None)
    assert len(shown) == 3
    assert not [name for things in shown.values() for name in things if "165" in name or "721" in name or "ERC" in name]


def test_a_long_line_is_read_in_pieces() -> None:
    document = load_document(("```\n" + "ERC-20 ERC-165 " * 4_000 + "\n```\n").encode(), name="a.md")
    found = body(document, STANDARDS)
    assert len(found.mentions) == 8_000
    assert max(m.unit.end - m.unit.start for m in found.mentions) <= 1200
    assert features(found, STANDARDS, None)["https://eips.ethereum.org/EIPS/eip-20"]["mentions"] == 4_000
