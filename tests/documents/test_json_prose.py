"""Prose in JSON is read with the place of every character; what is no prose is left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.documents.chunks import chunks
from extractors.documents.errors import DocumentNotJson, DocumentRefused
from extractors.documents.json_prose import JsonDocument
from extractors.documents.json_strings import MAX_DEPTH, read_string, strings
from extractors.documents.load import load_document, media_type_of
from extractors.documents.model import Document

METADATA = {
    "compiler": {"version": "0.8.7+commit.e28d00a7"},
    "output": {
        "abi": [{"inputs": [{"internalType": "contract IERC20 of mine", "name": "a", "type": "address"}], "name": "f"}],
        "devdoc": {
            "author": "Ann Lee of Words <ann@example.org>",
            "methods": {
                "mint(address,uint256)": {
                    "details": "Mints tokens by ERC-20.",
                    "params": {"to": "Who gets the tokens."},
                }
            },
            "title": "The Vault",
        },
        "userdoc": {"notice": "Locks tokens for a year. It extends ERC-4626."},
    },
    "settings": {"compilationTarget": {"a.sol": "Vault"}},
    "sources": {"a.sol": {"content": "contract Vault is ERC4626 { } // words in it", "license": "MIT is a licence"}},
}


def read(value: object, **options: bool) -> tuple[Document, list[tuple[tuple[str, ...], str]]]:
    document = load_document(json.dumps(value, **options).encode(), name="a.json")  # type: ignore[arg-type]
    found = chunks(document)
    for chunk in found:
        for sentence in chunk.sentences:
            assert document.text[sentence.start : sentence.end] == sentence.text
            assert len(sentence.aligned) == len(sentence.text)
            assert "".join(sentence.aligned.split()) == "".join(sentence.words.split())
    return document, [(c.heading, c.sentences[0].text) for c in found]


def test_natspec_is_read_under_the_functions_it_documents() -> None:
    document, found = read(METADATA)
    assert found == [
        (("The Vault", "mint(address,uint256)"), "Mints tokens by ERC-20."),
        (("The Vault", "mint(address,uint256)", "params", "to"), "Who gets the tokens."),
        ((), "Locks tokens for a year."),
        ((), "It extends ERC-4626."),
    ]
    assert document.title == "Vault"
    assert document.subject_names == ("Vault", "this contract")


def test_token_metadata_and_lists_name_what_their_words_are_about() -> None:
    token = {"description": "A dollar that Maker issues.", "name": "sUSD", "image": "ipfs://some words here"}
    document, found = read(token)
    assert (document.title, document.subject_names) == ("sUSD", ("sUSD", "this token"))
    assert found == [((), "A dollar that Maker issues.")]
    _, found = read(
        {"name": "A list", "tokens": [{"symbol": "DAI", "extensions": {"description": "Made by the Maker."}}]}
    )
    assert found == [(("tokens", "DAI", "extensions"), "Made by the Maker.")]


@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_the_body_of_a_proposal_is_read_as_markdown(ensure_ascii: bool) -> None:
    body = '# Motivation\n\nIt “extends” 😀 "ERC-20" today.\n\n```\ncode is not read\n```\n\n- 它扩展了标准。\n'
    proposal = {"title": "Add sUSD", "choices": ["For it all and more"], "space": {"id": "a.eth"}, "body": body}
    document, found = read(proposal, ensure_ascii=ensure_ascii)
    assert [heading for heading, _ in found] == [("choices",), ("Motivation",), ("Motivation",)]
    assert [json.loads(f'"{text}"') for _, text in found[1:]] == ['It “extends” 😀 "ERC-20" today.', "它扩展了标准。"]
    assert document.subject_names == ("Add sUSD", "this proposal")


def test_real_metadata_of_solc_gives_its_natspec_and_nothing_else() -> None:
    path = Path(__file__).parents[1] / "data" / "documents" / "multicall3.metadata.json"
    document = load_document(path)
    judge = json.loads(document.text)["output"]
    kept: set[str] = set()

    def words(value: object) -> None:
        for key, inner in value.items() if isinstance(value, dict) else ():
            if isinstance(inner, str) and key != "author":
                kept.add(" ".join(inner.split()))
            words(inner)

    words(judge["devdoc"])
    words(judge["userdoc"])
    found = list(JsonDocument.read(document.text).passages())
    assert len(found) > 30
    assert {" ".join(p.text.split()) for p in found} <= kept
    assert document.title == "Multicall3"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a": "x",}', "'}' where a key"),
        ('{"a" "x"}', "where a colon"),
        ("[1 2]", "'2' where a comma"),
        ('["a"', "ends too early"),
        ("[] []", "something follows"),
        ("{]", "where a first key"),
        ('{"a": nope}', "'nope}' at character 6"),
        ('["open', "at character 1"),
        ("[" * (MAX_DEPTH + 1), "deeper than 64"),
        ("", "ends too early"),
    ],
)
def test_what_is_no_json_is_refused_with_the_place(text: str, why: str) -> None:
    with pytest.raises(DocumentNotJson, match=why):
        strings(text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


def leaves(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [leaf for each in inner for leaf in leaves(each)]


@settings(max_examples=150, deadline=None)
@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_strings_are_those_that_the_standard_library_reads(
    value: object, ensure_ascii: bool, indent: int | None
) -> None:
    source = json.dumps(value, ensure_ascii=ensure_ascii, indent=indent)
    found = [read_string(source, each) for each in strings(source).values]
    assert [passage.text for passage in found] == leaves(value)
    for passage in found:
        for at in range(len(passage.text)):
            start, end = passage.source_span(at, at + 1)
            assert json.loads(f'"{source[start:end]}"') == passage.text[at]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='{}[]",:\\u0ad ne1tfr\ufeff', max_size=30))
def test_what_the_standard_library_refuses_is_refused(source: str) -> None:
    try:
        json.loads(source.removeprefix("\ufeff"), strict=False)
    except ValueError:
        return
    strings(source)


def test_a_folder_or_standard_input_may_hold_json() -> None:
    assert media_type_of("x.json") == media_type_of("-", '{"a": 1}') == "application/json"
    assert media_type_of("-", "[a link](b)") == "text/plain"
    with pytest.raises(DocumentRefused):
        load_document(b"no json", name="a.json")
