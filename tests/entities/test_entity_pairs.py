"""Pairs of names from the field: none of those that are two things merges, of the aliases as many as the docs say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extractors.entities.model import Mention, Resolution, Rule
from extractors.entities.resolve import resolve

PAIRS = Path(__file__).parent.parent / "data/entities"
NS = "https://example.org/ns#"


def pairs(name: str) -> list[tuple[str, str, str, str]]:
    """(kind, type, one name, the other)."""
    lines = (PAIRS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [(row["kind"], row["type"], *row["names"]) for row in map(json.loads, lines)]


def together(kind: str, one: str, other: str) -> Resolution:
    """Both in one document that speaks of one chain: where a merge is likeliest."""
    types = (NS + kind,) if kind else ()
    return resolve([Mention(text, text, "doc", types=types, context=("eip155:1",)) for text in (one, other)])


def test_the_lists_are_long_enough() -> None:
    assert len(pairs("told_apart")) >= 150
    assert len(pairs("aliases")) >= 100


@pytest.mark.parametrize("typed", [True, False])
def test_no_pair_of_two_things_merges(typed: bool) -> None:
    false = [(a, b) for _, kind, a, b in pairs("told_apart") if together(kind if typed else "", a, b).merges]
    assert not false


def test_all_of_them_in_one_document_merge_only_what_they_are_aliases_of() -> None:
    """The negatives side by side: nothing may connect two of a pair by way of a third."""
    rows = pairs("told_apart")
    mentions = {(kind, text): None for _, kind, a, b in rows for text in (a, b)}
    told = resolve([Mention(f"{k} {t}", t, "doc", types=(NS + k,), context=("eip155:1",)) for k, t in mentions])
    where = {node: cluster.canonical for cluster in told.clusters for node in cluster.nodes}
    for _, kind, a, b in rows:
        one, other = f"{kind} {a}", f"{kind} {b}"
        assert where.get(one, one) != where.get(other, other), (a, b)


def test_every_look_alike_is_pointed_out() -> None:
    for which, kind, fake, real in pairs("told_apart"):
        if which == "lookalike":
            assert {s.node for s in together(kind, fake, real).suspects} >= {fake}, fake


def test_aliases_are_found() -> None:
    missed = [(a, b) for _, kind, a, b in pairs("aliases") if not together(kind, a, b).merges]
    assert missed == [
        ("Yearn Finance", "yearn.finance"),
        ("Wrapped Bitcoin", "Wrapped BTC"),
        ("Henrik August Angell", "Henrik Angell"),
    ]


def test_in_two_documents_without_a_common_context_only_identifiers_merge() -> None:
    found = 0
    for _, kind, a, b in pairs("aliases"):
        told = resolve([Mention(text, text, f"doc {text}", types=(NS + kind,)) for text in (a, b)])
        assert all(merge.rule is Rule.IDENTIFIER for merge in told.merges), (a, b)
        found += bool(told.merges)
    assert found == 19
