"""Mainnet blocks 17173049-17173050 from their rows: the facts that are known of them hold."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Quad, Store
from replay import Replay, served

from anchoring.encoding.cid import Cid
from extractors.chain.errors import BadRows, HeaderIncomplete, ParentMismatch
from extractors.chain.ingest import BlockResult, read_blocks
from extractors.chain.rows import RowsSource, read_rows
from extractors.chain.rpc import JsonRpc
from kg.claims.iris import Mint
from kg.claims.model import Claim, Trust
from kg.claims.quads import claim_quads
from kg.claims.vocabulary import CHAIN

Lines = Callable[[Path], list[Any]]
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
PREFIX = (
    f"PREFIX chain: <{CHAIN}> PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX tl: <https://w3id.org/triplock/ns#> "
)


@pytest.fixture(scope="module")
def results(mainnet_rows: Path, mint: Mint) -> list[BlockResult]:
    return list(read_rows(RowsSource(mainnet_rows), [], mint))


@pytest.fixture(scope="module")
def store(results: list[BlockResult], mint: Mint) -> Store:
    return loaded(mint, (claim for result in results for claim in result.claims))


def loaded(mint: Mint, claims: Iterable[Claim]) -> Store:
    store = Store()
    store.extend(claim_quads(mint, claims))
    return store


def ask(store: Store, query: str) -> list[tuple[str, ...]]:
    solutions = store.query(PREFIX + query, use_default_graph_as_union=True)
    return [tuple(term.value for term in row) for row in solutions]


def one(store: Store, query: str) -> int:
    return int(ask(store, query)[0][0])


def test_the_known_counts_hold(store: Store) -> None:
    assert one(store, "SELECT (COUNT(DISTINCT ?t) AS ?n) { ?t a chain:Transaction }") == 298
    assert one(store, "SELECT (COUNT(DISTINCT ?l) AS ?n) { ?l a chain:Log }") == 681
    assert one(store, f"SELECT (COUNT(DISTINCT ?l) AS ?n) {{ ?l chain:topic0 '{TRANSFER}' }}") == 291
    assert one(store, "SELECT (COUNT(DISTINCT ?l) AS ?n) { ?l a chain:Erc20Transfer ; chain:topicCount 3 }") == 282
    assert one(store, "SELECT (COUNT(DISTINCT ?l) AS ?n) { ?l a chain:Erc721Transfer ; chain:topicCount 4 }") == 9
    assert one(store, "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?token chain:tokenContract ?c }") == 76


def test_transfers_equal_those_that_ethereum_etl_decoded(store: Store, recorded: Path, json_lines: Lines) -> None:
    expected = json_lines(recorded / "token_transfers-17173049-17173050.jsonl.gz")
    found = ask(
        store,
        "SELECT DISTINCT ?log ?contract ?from ?to ?value { ?log chain:transferredToken/chain:tokenContract ?contract ;"
        " chain:from ?from ; chain:to ?to ; chain:amount|chain:tokenId ?value }",
    )
    assert len(found) == len(expected) == 291
    assert set(found) == {
        (
            f"eip155:1/block:{row['block_number']:012d}/log:{row['log_index']:05d}",
            f"eip155:1:{row['token_address']}",
            f"eip155:1:{row['from_address']}",
            f"eip155:1:{row['to_address']}",
            str(row["value"]),
        )
        for row in expected
    }


def test_what_comes_from_rows_is_reported_and_says_so(results: list[BlockResult], store: Store) -> None:
    assert {result.trust for result in results} == {Trust.REPORTED}
    assert all("taken as reported" in result.warnings[0] for result in results)
    trusts = ask(store, "SELECT DISTINCT ?trust { ?claim prov:wasGeneratedBy/tl:trust ?trust }")
    assert trusts == [("reported",)]


def test_each_claim_names_its_block_and_the_files_it_came_from(
    results: list[BlockResult], mint: Mint, mainnet_rows: Path
) -> None:
    cids = {
        name: Cid.of((mainnet_rows / f"{name}.jsonl.gz").read_bytes()).iri
        for name in ("blocks", "transactions", "logs")
    }
    source = {"blocks": "blocks", "transactions": "transactions", "logs": "logs", "transfers": "logs"}
    for result in results:
        for claim in result.claims:
            quads = list(claim_quads(mint, [claim]))
            derived = {q.object.value for q in quads if q.predicate.value.endswith("wasDerivedFrom")}
            assert derived == {f"eip155:1/block:{result.number:012d}", cids[source[claim.activity.kind]]}


def test_a_log_is_six_statements_and_a_transfer_five(results: list[BlockResult]) -> None:
    said = Counter(
        (claim.activity.kind, subject.value)
        for result in results
        for claim in result.claims
        for subject, _, _ in claim.statements
        if "/log:" in subject.value
    )
    assert {count for (kind, _), count in said.items() if kind == "logs"} == {6}
    assert {count for (kind, _), count in said.items() if kind == "transfers"} == {5}


def test_the_same_rows_give_the_same_quads_however_they_are_cut(
    mainnet_rows: Path, mint: Mint, results: list[BlockResult]
) -> None:
    whole = {q for result in results for q in claim_quads(mint, result.claims)}
    parts: set[Quad] = set()
    for number in (17173050, 17173049):
        for dataset in ("transfers", "blocks", "logs", "transactions"):
            for result in read_rows(RowsSource(mainnet_rows), [dataset], mint, first=number, last=number):
                parts |= set(claim_quads(mint, result.claims))
    assert parts == whole


def test_an_endpoint_that_answers_from_rows_gives_the_same_facts(
    mainnet_rows: Path, mint: Mint, results: list[BlockResult]
) -> None:
    with served(Replay().add(mainnet_rows)) as url, JsonRpc(url) as rpc:
        asked = list(read_blocks(rpc, 17173049, 17173050, [], mint))
    for there, here in zip(asked, results, strict=True):
        assert [set(c.statements) for c in there.claims] == [set(c.statements) for c in here.claims]
        assert there.trust is Trust.REPORTED
        assert "lacks mixHash" in there.warnings[0]
        assert all("/reported/loopback" in str(claim.iri) for claim in there.claims)


def test_where_hashes_are_required_an_incomplete_header_is_refused(mainnet_rows: Path, mint: Mint) -> None:
    with (
        served(Replay().add(mainnet_rows)) as url,
        JsonRpc(url) as rpc,
        pytest.raises(HeaderIncomplete, match="mixHash"),
    ):
        list(read_blocks(rpc, 17173049, 17173050, [], mint, require_hashed=True))
    with pytest.raises(HeaderIncomplete):
        list(read_rows(RowsSource(mainnet_rows), [], mint, require_hashed=True))


def changed(folder: Path, rows: Path, kind: str, change: Callable[[list[dict[str, Any]]], None]) -> Path:
    """A copy of the rows with the rows of one file changed."""
    for name in ("blocks", "transactions", "logs"):
        lines = [json.loads(line) for line in gzip.decompress((rows / f"{name}.jsonl.gz").read_bytes()).splitlines()]
        if name == kind:
            change(lines)
        (folder / f"{name}.json").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


@pytest.mark.parametrize(
    ("kind", "change", "says"),
    [
        ("logs", lambda rows: rows.pop(5), "not numbered"),
        ("logs", lambda rows: rows.append(rows[0]), "not numbered"),
        ("logs", lambda rows: rows[3].update(block_hash="0x" + 64 * "1"), "not of 0xaa5ab9bb"),
        ("logs", lambda rows: rows[3].pop("address"), "address"),
        ("logs", lambda rows: rows[3].update(topics="0xdd"), "list of topics"),
        ("transactions", lambda rows: rows.pop(), "182 transactions, and there are rows for 181"),
        ("transactions", lambda rows: rows[0].update(from_address="0x12"), "from_address"),
        ("blocks", lambda rows: rows.append(rows[0]), "2 rows claim to be block"),
        ("blocks", lambda rows: rows[0].update(number="17173049"), "block number"),
        ("blocks", lambda rows: rows[0].update(timestamp=-1), "timestamp"),
        ("blocks", lambda rows: rows.clear(), "no rows of blocks"),
    ],
)
def test_rows_that_contradict_themselves_are_refused(
    tmp_path: Path, mainnet_rows: Path, mint: Mint, kind: str, change: Callable[[list[dict[str, Any]]], None], says: str
) -> None:
    with pytest.raises(BadRows, match=says):
        list(read_rows(RowsSource(changed(tmp_path, mainnet_rows, kind, change)), [], mint))


def test_a_block_that_does_not_follow_the_one_before_is_refused(tmp_path: Path, mainnet_rows: Path, mint: Mint) -> None:
    place = changed(tmp_path, mainnet_rows, "blocks", lambda rows: rows[1].update(parent_hash="0x" + 64 * "2"))
    with pytest.raises(ParentMismatch, match="0x2222"):
        list(read_rows(RowsSource(place), [], mint))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("blocks.json", b"\xff\xfe not rows\n", "line 1 is no JSON object"),
        ("blocks.json", b"[" * 100_000, "line 1 is no JSON object"),
        ("blocks.jsonl.gz", b"not gzip", "no whole gzip"),
        ("blocks.jsonl.gz", gzip.compress(b'{"type": "block"}\n' * 9, mtime=0)[:-12], "no whole gzip|block number"),
        ("blocks.json", b"", "no rows of blocks"),
    ],
)
def test_files_that_are_no_rows_are_refused(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadRows, match=says):
        RowsSource(tmp_path)


def test_a_place_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRows, match="cannot be read"):
        RowsSource(tmp_path / "absent.json")
