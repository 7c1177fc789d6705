"""Merges in a graph: claims like others, the same in every order, gone with what they rest on, undone for good."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import pytest
from thread_places import configuration

from kg.claims import vocabulary as v
from kg.cli.main import run
from kg.errors import NoSuchMerge
from kg.workspace import merging
from kg.workspace.ingest_chain import ChainReport, WithdrawnSource, ingest_lists
from kg.workspace.merging import merges_of, resolution_of, restore_merge, undo_merge, update_merges
from kg.workspace.workspace import Workspace

USDC = "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
PREFIXES = """
@prefix ex: <https://example.org/ns#> . @prefix e: <https://graph.example/entity/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix eip: <https://eips.ethereum.org/EIPS/eip-> .
"""
FILES = {
    "one.ttl": """e:uniswap-v3 a ex:Protocol ; rdfs:label "Uniswap v3" .
        e:uniswap-v2 a ex:Protocol ; rdfs:label "Uniswap V2" .
        e:uniswap-v3-protocol a ex:Protocol ; rdfs:label "Uniswap V3 Protocol" ; ex:uses eip:20 .
        e:fake a ex:Protocol ; rdfs:label "Uni\\u0455wap V3" .""",
    "two.ttl": """e:uniswap-version-3 a ex:Protocol ; rdfs:label "Uniswap version 3" ; ex:uses eip:20 .
        e:usdc a ex:Token ; rdfs:label "USDC" ; ex:on <eip155:1> .
        e:usdc.e a ex:Token ; rdfs:label "USDC.e" ; ex:on <eip155:1> .""",
    "three.ttl": """e:erc-20-token-standard a ex:Standard ; rdfs:label "ERC-20 token standard" .
        eip:20 a ex:Standard ; rdfs:label "EIP-20" .""",
}
TOKENS = [{"address": USDC[-42:], "symbol": "USDC", "name": "USD Coin", "decimals": 6}]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    paths = {name: tmp_path / name for name in FILES}
    for name, path in paths.items():
        path.write_text(PREFIXES + FILES[name], encoding="utf-8")
    tokens = tmp_path / "tokens.json"
    tokens.write_text(json.dumps({"name": "list", "tokens": [{**token, "chainId": 1} for token in TOKENS]}))
    return {**paths, "tokens.json": tokens}


def read(workspace: Workspace, path: Path) -> None:
    if path.suffix == ".json":
        ingest_lists(workspace, ChainReport(), token_lists=[path])
    else:
        workspace.ingest(path, model="none")


def pairs(workspace: Workspace) -> set[tuple[str, str]]:
    base = "https://graph.example/entity/"
    return {(m.alias.removeprefix(base), m.canonical.removeprefix(base)) for m in merges_of(workspace)}


@pytest.fixture
def merged(workspace: Workspace, files: dict[str, Path]) -> Workspace:
    for path in files.values():
        read(workspace, path)
    return workspace


def test_several_lists_are_resolved_once_at_the_end(
    workspace: Workspace, files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(workspace, files["three.ttl"])
    more = tmp_path / "more.json"
    more.write_text(files["tokens.json"].read_text().replace("USD Coin", "US Dollar Coin"))
    chains = tmp_path / "chains.json"
    chains.write_text('[{"name": "Ethereum Mainnet", "chainId": 1, "nativeCurrency": {"symbol": "ETH"}}]')
    resolved = []
    resolve = merging.resolution_of
    monkeypatch.setattr(merging, "resolution_of", lambda w: (resolved.append(w), resolve(w))[1])
    report = ChainReport()
    ingest_lists(workspace, report, token_lists=[files["tokens.json"], more], chain_lists=[chains])
    assert (report.listed, report.listed_chains, len(resolved)) == (2, 1, 1)


def test_what_stands_before_a_list_that_is_refused_is_resolved(workspace: Workspace, files: dict[str, Path]) -> None:
    for name in ("one.ttl", "two.ttl"):
        read(workspace, files[name])
    withdrawn = files["tokens.json"].with_name("gone.json")
    withdrawn.write_text(files["tokens.json"].read_text().replace("list", "other list"))
    read(workspace, withdrawn)
    workspace.withdraw(str(withdrawn), "a test")
    assert ("usdc", USDC) not in pairs(workspace)
    with pytest.raises(WithdrawnSource):
        ingest_lists(workspace, ChainReport(), token_lists=[files["tokens.json"], withdrawn])
    assert ("usdc", USDC) in pairs(workspace)


EXPECTED = {
    ("uniswap-v3-protocol", "uniswap-v3"),
    ("uniswap-version-3", "uniswap-v3"),
    ("usdc", USDC),
    ("erc-20-token-standard", f"{v.EIP}20"),
}


def test_things_are_merged_by_name_and_context_and_linked_to_what_is_known(merged: Workspace) -> None:
    assert pairs(merged) == EXPECTED
    rules = {m.alias.rpartition("/")[2]: m.rule for m in merges_of(merged)}
    assert rules["usdc"] == "ticker"
    assert rules["erc-20-token-standard"] == "identifier"


def test_a_merge_is_a_claim_with_its_reason_and_evidence(merged: Workspace) -> None:
    (merge,) = (m for m in merges_of(merged) if m.alias.endswith("version-3"))
    assert merge.through.endswith("uniswap-v3-protocol")
    assert merge.key == "uniswap v3 (a protocol) beside eip 20"
    (told,) = merged.why(merge.claim)
    assert (told.kind, told.trust) == ("entity-resolution", "inferred")
    assert told.statements == (f"<{merge.alias}> <{v.OWL}sameAs> <{merge.canonical}> .",)
    for claim in merge.evidence:
        assert any("label" in statement for statement in merged.why(claim)[0].statements)


def test_every_order_of_the_documents_gives_the_same_graph(tmp_path: Path, files: dict[str, Path]) -> None:
    graphs = set()
    for number, order in enumerate(permutations(files.values())):
        if number % 5 == 0:
            with Workspace.init(tmp_path / f"kg{number}", configuration()) as workspace:
                for path in order:
                    read(workspace, path)
                graphs.add(tuple(workspace.store.sorted_quads()))
    assert len(graphs) == 1


def test_a_second_run_changes_nothing(merged: Workspace, files: dict[str, Path]) -> None:
    generation = merged.store.generation
    report = merged.ingest(files["one.ttl"], model="none")
    assert merged.store.generation == generation
    assert report.merges is not None
    assert (report.merges.merges, report.merges.added, report.merges.withdrawn) == (4, 0, 0)


def test_a_graph_that_has_not_moved_is_not_resolved(
    merged: Workspace, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved: list[Workspace] = []

    def counting(workspace: Workspace) -> object:
        resolved.append(workspace)
        return resolution_of(workspace)

    monkeypatch.setattr("kg.workspace.merging.resolution_of", counting)
    merged.ingest(files["one.ttl"], model="none")
    assert not resolved
    with merged.changing():
        update_merges(merged, again=True)
    assert len(resolved) == 1
    files["two.ttl"].write_text(PREFIXES + FILES["two.ttl"] + "e:new a e:Token .")
    merged.ingest(files["two.ttl"], model="none")
    assert len(resolved) == 2
    merge = merges_of(merged)[0]
    undo_merge(merged, merge.claim, "another thing")
    restore_merge(merged, merge.claim)
    assert len(resolved) == 4
    assert pairs(merged) == EXPECTED


def test_a_merge_goes_with_the_document_it_rests_on_and_nothing_is_left_of_it(
    merged: Workspace, files: dict[str, Path]
) -> None:
    merged.withdraw(str(files["two.ttl"]), "gone")
    assert pairs(merged) == {p for p in EXPECTED if p[0] not in ("usdc", "uniswap-version-3")}
    for path in ("one.ttl", "three.ttl", "tokens.json"):
        merged.withdraw(str(files[path]), "gone")
    assert len(merged.store) == 0


def test_what_is_undone_stays_undone_until_it_is_restored(merged: Workspace, files: dict[str, Path]) -> None:
    (merge,) = (m for m in merges_of(merged) if m.alias.endswith("protocol"))
    undo_merge(merged, merge.claim.rpartition("/")[2][:12], "another thing")
    without = {p for p in EXPECTED if "protocol" not in p[0]} - {("uniswap-version-3", "uniswap-v3")}
    assert pairs(merged) == without  # the way to it led through the one that was undone
    read(merged, files["one.ttl"])
    with merged.changing():
        update_merges(merged)
    assert pairs(merged) == without
    restore_merge(merged, merge.claim)
    assert pairs(merged) == EXPECTED


def test_to_withdraw_a_merge_is_to_undo_it(merged: Workspace, files: dict[str, Path]) -> None:
    (merge,) = (m for m in merges_of(merged) if m.alias.endswith("/usdc"))
    assert merged.withdraw(merge.claim, "wrong") > 0
    read(merged, files["two.ttl"])
    assert pairs(merged) == EXPECTED - {("usdc", USDC)}


def test_a_merge_that_is_not_there(merged: Workspace) -> None:
    for name in ("", "no-such", "<>", "https://graph.example/resolution/claim/" + "a" * 32):
        with pytest.raises(NoSuchMerge):
            undo_merge(merged, name, "why")
        with pytest.raises(NoSuchMerge):
            restore_merge(merged, name)


def test_a_second_contract_of_the_symbol_takes_the_link_back(merged: Workspace, tmp_path: Path) -> None:
    """A symbol that two contracts of the chain have names neither."""
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"tokens": [{**TOKENS[0], "address": "0x" + "12" * 20, "chainId": 1}]}))
    read(merged, other)
    assert pairs(merged) == EXPECTED - {("usdc", USDC)}


def test_merging_can_be_switched_off(tmp_path: Path, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIPLOCK_ENTITIES_MERGE", "false")
    Workspace.init(tmp_path / "kg", configuration()).close()
    with Workspace.open(tmp_path / "kg") as workspace:
        read(workspace, files["one.ttl"])
        assert not pairs(workspace)


def test_the_graph_without_merges_is_what_the_sources_say(merged: Workspace) -> None:
    assert not merged.query("SELECT ?a { ?a owl:sameAs ?b }", trust=["read"]).rows  # type: ignore[union-attr]


@pytest.mark.parametrize("timeout", [None, 60.0])
def test_a_question_to_the_merged_graph_sees_one_thing(merged: Workspace, timeout: float | None) -> None:
    """What two documents say of two IRIs is found under one; what each of them said stays in its own graph."""
    question = """SELECT DISTINCT ?thing ?name {{ ?thing rdfs:label ?name ; {0} <{1}20> }} ORDER BY ?name"""
    uses = "<https://example.org/ns#uses>"

    def names(text: str, **options: object) -> set[str]:
        return {row[1].value for row in merged.query(text, **options).rows}  # type: ignore[union-attr]

    plain = question.format(uses, v.EIP)
    assert names(plain) == {"Uniswap V3 Protocol", "Uniswap version 3"}
    assert names(plain, merged=True, timeout=timeout) == {"Uniswap v3", "Uniswap V3 Protocol", "Uniswap version 3"}
    assert not names(plain, merged=True, trust=["reported"], timeout=timeout)
    path = """SELECT DISTINCT ?thing ?name {
        ?one owl:sameAs? ?thing ; rdfs:label ?name . ?other owl:sameAs? ?thing ; USES eip:20
        FILTER NOT EXISTS { ?thing owl:sameAs ?better } }""".replace("USES", uses)
    assert names(path) == names(plain, merged=True)
    said = "SELECT ?claim ?thing { GRAPH ?claim { ?thing rdfs:label 'Uniswap version 3' } }"
    (row,) = merged.query(said, merged=True, timeout=timeout).rows  # type: ignore[union-attr]
    assert row[1].value.endswith("uniswap-version-3")


def test_an_imported_file_that_says_same_as_merges_nothing(merged: Workspace, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.nq"
    act = "https://graph.example/resolution/activity/" + "a" * 32
    claim = "https://graph.example/resolution/claim/" + "b" * 32
    same = f"<https://graph.example/entity/fake> <{v.OWL}sameAs> <https://graph.example/entity/uniswap-v3> <{claim}> ."
    made = (
        f'<{claim}> <{v.PROV}wasGeneratedBy> <{act}> <{act}> .\n<{act}> <{v.LABEL.value}> "entity-resolution" <{act}> .'
    )
    hostile.write_text(f"{same}\n{made}\n")
    merged.ingest(hostile, model="none")
    assert pairs(merged) == EXPECTED
    asked = "SELECT ?n { <https://graph.example/entity/uniswap-v3> rdfs:label ?n }"
    found = {row[0].value for row in merged.query(asked, merged=True).rows}  # type: ignore[union-attr]
    assert found == {"Uniswap v3", "Uniswap V3 Protocol", "Uniswap version 3"}


def test_the_commands(merged: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    merged.close()

    def told(*words: str) -> dict[str, object]:
        assert run(["-C", str(merged.folder), "--json", "merges", *words]) == 0
        return json.loads(capsys.readouterr().out)

    listed = told()["merges"]
    assert isinstance(listed, list)
    assert len(listed) == 4
    fake = told("why", "https://graph.example/entity/fake")
    assert fake["merges"] == []
    assert fake["suspects"][0]["like"].startswith("https://graph.example/entity/uniswap-v")  # type: ignore[index]
    assert [s["iri"] for s in told("suspects")["suspects"]] == ["https://graph.example/entity/fake"]  # type: ignore[index, attr-defined]
    name = listed[0]["merge"].rpartition("/")[2][:10]
    told("undo", name, "--reason", "because")
    assert [u["reason"] for u in told("undone")["undone"]] == ["because"]  # type: ignore[attr-defined]
    assert told("update")["standing"] == 3
    told("restore", name)
    assert told("update") == {"standing": 4, "new": 0, "withdrawn": 0}
    assert isinstance(told("refused")["refused"], list)
