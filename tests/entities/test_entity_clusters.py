"""Clusters: the same as by all pairs, whatever the order, never against an identifier or what somebody undid."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_resolution import slow_clusters

from extractors.entities.model import Apart, Definition, Mention, Resolution, Rule
from extractors.entities.resolve import resolve

NS = "https://example.org/ns#"
TEXTS = (
    "Uniswap V3", "uniswap v3", "Uniswap V3 Protocol", "Uniswap V2", "USDC", "usdc", "USDC on Base", "UNI token",
    "ERC-20", "EIP 20", "ERC-721", "Foo Inc.", "Foo Ltd", "Foo", "Automated Market Maker", "AMM", "Arab Money Market",
    "Ann Lee", "Ann May Lee", "Lee", "Bob Lee", "Uni\u0455wap V3", "0x" + "ab" * 20, "0X" + "AB" * 20,
)  # fmt: skip
mentions = st.builds(
    Mention,
    node=st.sampled_from([f"n{i}" for i in range(9)]),
    text=st.sampled_from(TEXTS),
    source=st.sampled_from(("", "d1", "d2")),
    types=st.lists(st.sampled_from((NS + "Token", NS + "Protocol", NS + "Person")), max_size=1).map(tuple),
    identifiers=st.lists(
        st.sampled_from(("eip155:1/erc20:0x" + "1" * 40, "eip155:1/erc20:0x" + "2" * 40)), max_size=1
    ).map(tuple),
    context=st.lists(st.sampled_from(("eip155:1", "eip155:10")), max_size=2).map(tuple),
)
definitions = st.lists(
    st.builds(
        Definition,
        st.sampled_from(("d1", "d2")),
        st.just("AMM"),
        st.sampled_from(("Automated Market Maker", "Arab Money Market")),
    ),
    max_size=2,
)
aparts = st.lists(
    st.builds(
        Apart, st.sampled_from(("n0", "n1", "n2")), st.frozensets(st.sampled_from(("n0", "n3", "n4")), min_size=1)
    ),
    max_size=2,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(mentions, max_size=12), definitions, aparts)
def test_the_clusters_are_those_of_comparing_all_pairs(
    given_mentions: list[Mention], given_definitions: list[Definition], given_apart: list[Apart]
) -> None:
    found = resolve(given_mentions, definitions=given_definitions, apart=given_apart)
    assert {frozenset(c.nodes) for c in found.clusters} == slow_clusters(given_mentions, given_definitions, given_apart)


@settings(max_examples=60, deadline=None)
@given(st.lists(mentions, max_size=12), definitions, aparts, st.randoms(use_true_random=False))
def test_no_order_of_the_input_changes_anything(
    some: list[Mention], defined: list[Definition], apart: list[Apart], random: object
) -> None:
    first = resolve(some, definitions=defined, apart=apart)
    for part in (some, defined, apart):
        random.shuffle(part)  # type: ignore[attr-defined]
    assert resolve(some, definitions=defined, apart=apart) == first


@settings(max_examples=60, deadline=None)
@given(st.lists(mentions, max_size=12), definitions)
def test_the_log_says_all(some: list[Mention], defined: list[Definition]) -> None:
    """Each node of a cluster but the canonical one has its line, and the ways lead to the canonical node."""
    found = resolve(some, definitions=defined)
    for cluster in found.clusters:
        lines = {m.node: m for m in found.merges if m.canonical == cluster.canonical}
        assert set(lines) == set(cluster.nodes) - {cluster.canonical}
        for node in lines:
            steps = 0
            while node != cluster.canonical:
                node, steps = lines[node].via, steps + 1
                assert steps <= len(lines)


@settings(max_examples=60, deadline=None)
@given(st.lists(mentions, max_size=12), definitions)
def test_what_was_undone_stays_undone_and_takes_nobody_with_it_who_is_the_same_by_himself(
    some: list[Mention], defined: list[Definition]
) -> None:
    before = resolve(some, definitions=defined)
    for merge in before.merges:
        members = next(c.nodes for c in before.clusters if c.canonical == merge.canonical)
        undone = [Apart(merge.node, frozenset(members) - {merge.node})]
        after = resolve(some, definitions=defined, apart=undone)
        mine = next((c.nodes for c in after.clusters if merge.node in c.nodes), ())
        assert not set(mine) & undone[0].others


def clusters(found: Resolution) -> set[frozenset[str]]:
    return {frozenset(c.nodes) for c in found.clusters}


def test_undoing_one_of_three_leaves_the_other_two_together() -> None:
    three = [Mention(node, "Uniswap V3", "d", types=(NS + "Protocol",)) for node in "abc"]
    assert clusters(resolve(three)) == {frozenset("abc")}
    assert clusters(resolve(three, apart=[Apart("c", frozenset("a"))])) == {frozenset("ab")}
    assert clusters(resolve(three, apart=[Apart("c", frozenset("ab"))])) == {frozenset("ab")}


def test_a_name_between_two_identifiers_goes_to_neither() -> None:
    address = "eip155:1/erc20:0x{}"
    known = [
        Mention(f"t{i}", "HOT", types=(NS + "Token",), identifiers=(address.format(str(i) * 40),), home=True)
        for i in (1, 2)
    ]
    told = resolve([*known, Mention("prose", "HOT", "d", types=(NS + "Token",), context=("eip155:1",))])
    assert not told.clusters
    assert any("prose" in refused.nodes for refused in told.refused)
    alone = resolve([known[0], Mention("prose", "HOT", "d", types=(NS + "Token",), context=("eip155:1",))])
    assert clusters(alone) == {frozenset(("t1", "prose"))}


def test_a_symbol_without_chain_or_context_links_to_nothing() -> None:
    known = Mention("t", "HOT", types=(NS + "Token",), identifiers=("eip155:1/erc20:0x" + "1" * 40,), home=True)
    assert not resolve([known, Mention("prose", "HOT", "d", types=(NS + "Token",))]).clusters
    assert not resolve([known, Mention("prose", "HOT", "d", context=("eip155:1",))]).clusters


def test_a_symbol_beside_two_chains_links_to_none_of_them() -> None:
    """Also where only one of them has a contract that is known: the text may mean the other."""
    known = Mention("t", "HOT", types=(NS + "Token",), identifiers=("eip155:1/erc20:0x" + "1" * 40,), home=True)
    both = Mention("prose", "HOT", "d", types=(NS + "Token",), context=("eip155:1", "eip155:8453"))
    apart = [Mention("prose", "HOT", f"d{i}", types=(NS + "Token",), context=(f"eip155:{i}",)) for i in (1, 8453)]
    assert not resolve([known, both]).clusters
    assert not resolve([known, *apart]).clusters
    assert resolve([known, apart[0]]).clusters


def test_a_name_of_a_million_letters_costs_nothing() -> None:
    told = resolve([Mention(node, "Uni" + "\u0455" * 1_000_000, "d") for node in "ab"])
    assert told == resolve([])


def test_a_short_form_counts_only_where_it_is_defined() -> None:
    defined = [Definition("d1", "AMM", "Automated Market Maker")]
    long, short = Mention("long", "Automated Market Maker", "d1"), Mention("short", "AMM", "d1")
    assert clusters(resolve([long, short], definitions=defined)) == {frozenset(("long", "short"))}
    elsewhere = Mention("short", "AMM", "d2")
    assert not resolve([long, short, elsewhere], definitions=defined).clusters
    both = [*defined, Definition("d1", "AMM", "Arab Money Market")]
    assert not resolve([long, short, Mention("other", "Arab Money Market", "d1")], definitions=both).clusters


def test_initials_that_fit_two_names_by_one_of_the_types_fit_none() -> None:
    token, protocol = NS + "Token", NS + "Protocol"
    longer = [
        Mention("a", "Automated Market Maker", "d", types=(token,)),
        Mention("b", "Arab Money Market", "d", types=(protocol,)),
        Mention("c", "Asian Metal Mart", "d", types=(protocol,)),
    ]
    short = Mention("s", "AMM", "d", types=(token, protocol))
    assert not resolve([*longer, short]).clusters
    assert clusters(resolve([longer[0], longer[1], short])) == set()
    assert clusters(resolve([longer[0], short])) == {frozenset(("a", "s"))}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_chain_of_agreements_between_two_that_differ_is_refused_in_every_order(order: tuple[int, ...]) -> None:
    row = [
        Mention("a", "Foo Inc.", "d1", types=(NS + "Company",)),
        Mention("b", "Foo", "d1", types=(NS + "Company",)),
        Mention("b", "Foo", "d2", types=(NS + "Company",)),
        Mention("c", "Foo Ltd", "d2", types=(NS + "Company",)),
    ]
    told = resolve([row[i] for i in order] + [row[3]] + row)
    assert not told.clusters
    assert {refused.reason for refused in told.refused} == {"it may be one or another: legal form inc is not ltd"}


def test_ten_thousand_copies_are_one_cluster() -> None:
    copies = [Mention(f"n{i:05}", "Uniswap V3", "d", i, i + 10, (NS + "Protocol",)) for i in range(10_000)]
    told = resolve(copies)
    assert len(told.clusters) == 1
    assert len(told.merges) == 9_999


def test_fewer_rules_merge_less() -> None:
    row = [Mention("a", "Uniswap V3", "d"), Mention("b", "uniswap v3", "d")]
    assert resolve(row).clusters
    assert not resolve(row, rules=(Rule.IDENTIFIER,)).clusters
