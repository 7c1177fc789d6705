"""What fixed code claims about a document: every claim has the span that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse, serialize

from extractors.documents.claims import read_claims, read_warnings
from extractors.documents.load import load_document
from kg.claims.iris import Mint
from kg.claims.model import Claim, Trust
from kg.claims.quads import claim_quads

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted((ROOT / "data" / "documents").glob("*.md"))
MINT = Mint("https://graph.example/")
STD = "https://w3id.org/triplock/ethereum-standards#"
EIP = "https://eips.ethereum.org/EIPS/eip-"


def claims_of(content: str, name: str = "a.md") -> list[Claim]:
    return read_claims(load_document(content.encode(), name=name), MINT)


def said(claims: list[Claim]) -> set[tuple[str, str, str]]:
    return {(s.value, p.value.rsplit("#", 1)[-1], o.value) for c in claims for s, p, o in c.statements}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_claim_of_a_shipped_standard_slices_back(path: Path) -> None:
    document = load_document(path)
    claims = read_claims(document, MINT)
    assert len(claims) > 8
    for claim in claims:
        assert claim.span is not None
        assert document.text[claim.span.start : claim.span.end] == claim.span.quote
        assert claim.span.source == document.cid
        assert claim.activity.trust is Trust.READ
    quads = list(claim_quads(MINT, claims))
    assert set(parse(serialize(quads, format=RdfFormat.N_QUADS), format=RdfFormat.N_QUADS)) == set(quads)


def test_the_header_of_erc_721_is_claimed() -> None:
    claims = read_claims(load_document(ROOT / "data" / "documents" / "erc-721.md"), MINT)
    assert {
        (EIP + "721", "number", "721"),
        (EIP + "721", "label", "ERC-721"),
        (EIP + "721", "type", STD + "Standard"),
        (EIP + "721", "type", STD + "Erc"),
        (EIP + "721", "status", "Final"),
        (EIP + "721", "category", "ERC"),
        (EIP + "721", "standardType", "Standards Track"),
        (EIP + "721", "created", "2018-01-24"),
        (EIP + "721", "requires", EIP + "165"),
        (EIP + "721", "discussionsTo", "https://github.com/ethereum/eips/issues/721"),
        (EIP + "721", "authoredBy", "https://github.com/fulldecent"),
        (EIP + "721", "authoredBy", "https://graph.example/entity/dieter-shirley"),
        ("https://github.com/fulldecent", "handle", "fulldecent"),
    } <= said(claims)
    requires = next(c for c in claims if c.statements[0][1].value == STD + "requires")
    assert requires.span is not None
    assert requires.span.quote == "requires: 165"


def test_the_transfer_event_is_claimed_with_all_that_a_join_with_logs_needs() -> None:
    store = Store()
    for name in ("erc-20.md", "erc-721.md"):
        claims = read_claims(load_document(ROOT / "data" / "documents" / name), MINT)
        store.extend(claim_quads(MINT, claims))
    rows = store.query(
        f"""PREFIX std: <{STD}>
        SELECT ?standard ?event ?count ?topic WHERE {{
          ?standard std:declares ?event .
          ?event a std:Event ; std:signature ?s ; std:topic0 ?topic ; std:topicCount ?count
          FILTER (?s = "Transfer(address,address,uint256)") }} ORDER BY ?standard""",
        use_default_graph_as_union=True,
    )
    found = [(r["standard"].value, r["event"].value, r["count"].value, r["topic"].value) for r in rows]  # type: ignore
    topic = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
    assert found == [
        (EIP + "20", EIP + "20#event:Transfer(address,address,uint256)", "3", topic),
        (EIP + "721", EIP + "721#event:Transfer(address,address,uint256)", "4", topic),
    ]


def test_a_renamed_event_is_another_event() -> None:
    text = (ROOT / "data" / "documents" / "erc-20.md").read_text(encoding="utf-8")
    renamed = claims_of(text.replace("event Transfer(", "event Moved("))
    events = {o for s, p, o in said(renamed) if p == "declares" and "#event:" in o}
    assert events == {
        EIP + "20#event:Moved(address,address,uint256)",
        EIP + "20#event:Approval(address,address,uint256)",
    }


def test_a_standard_does_not_declare_what_it_repeats_of_another() -> None:
    claims = read_claims(load_document(ROOT / "data" / "documents" / "erc-1363.md"), MINT)
    declared = {o for _, p, o in said(claims) if p == "declares"}
    assert EIP + "1363#function:transferAndCall(address,uint256)" in declared
    assert not {o for o in declared if "#event:" in o or "supportsInterface" in o}


def test_line_ends_and_other_scripts_move_no_span() -> None:
    text = "---\neip: 7\ntitle: 代币 😀 a\u00a0b\n---\n\n😀\n\n```solidity\nevent A(uint b);\n```\n"
    for content in (text, text.replace("\n", "\r\n"), text.replace("\n", "\r"), "\ufeff" + text):
        document = load_document(content.encode(), name="a.md")
        quotes = [c.span.quote for c in read_claims(document, MINT) if c.span]
        assert quotes == ["eip: 7", "title: 代币 😀 a\u00a0b", "event A(uint b);"]
        assert all(
            document.text[c.span.start : c.span.end] == c.span.quote for c in read_claims(document, MINT) if c.span
        )


def test_no_e_mail_address_is_claimed_or_quoted() -> None:
    claims = claims_of("---\neip: 9\nauthor: Ann <ann@example.org>, Bo <bo@example.org> (@bo)\n---\n")
    everything = serialize(claim_quads(MINT, claims), format=RdfFormat.N_QUADS)
    assert b"Bo" in everything
    assert b"example.org" not in everything


def test_replaced_standards_point_the_right_way() -> None:
    claims = claims_of("---\neip: 9\nreplaces: 5\nsuperseded-by: EIP-12\n---\n")
    assert {(EIP + "9", "supersedes", EIP + "5"), (EIP + "12", "supersedes", EIP + "9")} <= said(claims)


def test_a_header_that_is_not_yaml_is_a_warning_and_the_code_is_still_read() -> None:
    document = load_document(b"---\neip: [20\n---\n\n```solidity\nevent A();\n```\n", name="a.md")
    assert "not YAML" in read_warnings(document)[0]
    (claim,) = read_claims(document, MINT)
    assert claim.statements[0][0] == NamedNode(document.cid.iri)
    assert claim.statements[0][2] == NamedNode(document.cid.iri + "#event:A()")


def test_a_page_that_is_no_standard_gives_its_title() -> None:
    claims = claims_of("---\ntitle: Tokens\nauthor: Ann\ndate: 2020-01-02 10:00\n---\n")
    assert {(p, o) for _, p, o in said(claims)} == {
        ("http://purl.org/dc/terms/title", "Tokens"),
        ("http://purl.org/dc/terms/created", "2020-01-02"),
    }


def test_hostile_values_make_no_bad_iri() -> None:
    header = (
        "---\neip: 9\ndiscussions-to: 'javascript:alert(1)'\nauthor: '\"><b> (@x), A\u0000'\nrequires: 20> <x\n---\n"
    )
    claims = claims_of(header.replace("\u0000", "\\0") + "```\nfunction f(uint[] a, X$.Y[3] b) external;\n```\n")
    quads = list(claim_quads(MINT, claims))
    assert list(parse(serialize(quads, format=RdfFormat.N_QUADS), format=RdfFormat.N_QUADS))
    assert not any(p == "discussionsTo" for _, p, _ in said(claims))
    declared = [o for _, p, o in said(claims) if p == "declares"]
    assert declared == [EIP + "9#function:f(uint%5B%5D,X$.Y%5B3%5D)"]


def test_the_same_document_gives_the_same_claims() -> None:
    first = [q for p in DOCUMENTS for q in claim_quads(MINT, read_claims(load_document(p), MINT))]
    second = [
        q for p in DOCUMENTS for q in claim_quads(MINT, read_claims(load_document(p.read_bytes(), name=p.name), MINT))
    ]
    assert first == second


def test_unresolved_types_are_recorded_without_a_selector() -> None:
    claims = claims_of("---\neip: 9\n---\n```solidity\nfunction f(Unknown a) external;\n```\n")
    predicates = {p for _, p, _ in said(claims)}
    assert "declares" in predicates
    assert not predicates & {"selector", "signature"}


def test_html_and_plain_text_have_nothing_that_code_reads() -> None:
    assert claims_of("event A();", "a.txt") == []
    assert claims_of("<pre>event A();</pre>", "a.html") == []


def test_labels_are_literals() -> None:
    labels = {o for c in claims_of("---\neip: 9\n---\n") for _, p, o in c.statements if p.value.endswith("#label")}
    assert labels == {Literal("EIP-9")}
