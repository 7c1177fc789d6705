"""A proof that shows nothing proves nothing."""

from __future__ import annotations

import pytest
from opened import blocks, openings, paths

KINDS = ("presence", "several", "absence", "prefix", "added", "removed", "excerpt")


def nothing_opened(item, source):
    source.choice(openings(item)).update(blocks=[], path=b"")


def no_blocks(item, source):
    source.choice(openings(item))["blocks"] = []


def a_block_without_lines(item, source):
    source.choice(blocks(item)).update(indexes=[], lines=[])


def a_block_without_anything(item, source):
    source.choice(blocks(item)).update(indexes=[], lines=[], path=b"", count=source.choice([0, 1]), length=0)


def fewer_lines_than_places(item, source):
    source.choice(blocks(item))["lines"].pop()


def fewer_places_than_lines(item, source):
    source.choice(blocks(item))["indexes"].pop()


def an_empty_line(item, source):
    block = source.choice(blocks(item))
    block["lines"][source.randrange(len(block["lines"]))] = b""


def no_path(item, source):
    holder, key = source.choice(paths(item))
    holder[key] = b""


def no_statements(item, source):
    item["claim"]["statements"] = []


def no_nodes(item, source):
    part, key = source.choice((("anchor", "receipt"), ("head", "account"), ("head", "storage")))
    item["chain"][part][key] = source.choice(([], [b""]))


def no_header(item, source):
    item["chain"][source.choice(("anchor", "head"))]["header"] = source.choice((b"", b"\xc0", b"\x80"))


def empty_values(item, source):
    """An empty value of the right kind in the place of some other."""
    at = item
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = source.choice(keys)
        if key in ("integrity", "signature", "ext"):
            continue
        if isinstance(at[key], (dict, list)) and at[key] and source.random() < 0.8:
            at = at[key]
            continue
        empty = type(at[key])()
        if at[key] == empty or (at is item and key in ("chain", "excerpts")):
            at = item
            continue
        at[key] = empty
        return


MUTATIONS = [
    *(nothing_opened, no_blocks, a_block_without_lines, a_block_without_anything, fewer_lines_than_places),
    *(fewer_places_than_lines, an_empty_line, no_path, no_statements, no_nodes, no_header, empty_values),
]


@pytest.mark.soak
def test_an_empty_proof_is_refused(court, source, rounds):
    for kind in KINDS:
        court.accepts(court.world.item(kind))
    for _ in rounds:
        item = court.world.item(source.choice(KINDS))
        source.choice(MUTATIONS)(item, source)
        court.refuses(item)


@pytest.mark.parametrize("length", [0, 1, 101, 102, 103, 134])
def test_the_contract_finds_nothing_in_a_proof_without_a_line(court, length):
    assert not court.contract_finds(bytes(length))


def test_bytes_that_are_nothing_are_refused(court):
    for content in (b"", b"\x00", b"\xa0", b"\x80", b"\xf6", b"{}", b"\xff" * 64):
        court.refuses(content)
