"""Claims beside a slow, obvious reading of docs/format.md over the whole list of lines: shown if and only if so."""

from __future__ import annotations

import random
from bisect import bisect_left

import pytest

from anchoring.blockstores.memory import MemoryStore
from anchoring.dataset.version import build_version
from anchoring.encoding.deterministic_cbor import decode, encode
from anchoring.proofs.claim_proof import ParentNeeded, StatementPresent, open_claim
from anchoring.proofs.claims import BadClaim, Claim, ClaimKind, ClaimRefuted
from anchoring.proofs.line_index import LineIndex, TooManyLines
from anchoring.proofs.proof import StatementAbsent


def line(number, length=0):
    name = "".join(chr(ord("a") + int(digit)) for digit in f"{number:04}")
    return b'<http://e.example/%s> <http://e.example/p> "%s" .' % (name.encode(), b"v" * length)


def made(rng, count):
    """Some lines, so long that a block holds a few of them and borders are everywhere."""
    return sorted(line(number, rng.choice([1, 300, 3_000, 9_000])) for number in rng.sample(range(10_000), count))


class Built:
    def __init__(self, lines):
        self.lines, store = lines, MemoryStore()
        self.dataset = build_version(lines, lambda block: store.put([block], []), processes=1)
        self.index = LineIndex(self.dataset, store)
        found = self.dataset.commitment
        self.promised = {"root": found.root, "quads": found.quads, "blocks": found.blocks}

    def opened(self, positions):
        return self.index.open([self.index.at(position) for position in positions]).check(**self.promised)


# --- the slow reading: `shown` is a set of positions in the whole list ---


def naive_absent(line, lines, shown):
    if not lines:
        return True
    at = bisect_left(lines, line)
    if at < len(lines) and lines[at] == line:
        return False
    return (at == 0 or at - 1 in shown) and (at == len(lines) or at in shown)


def naive_present(line, lines, shown):
    return any(lines[position] == line for position in shown)


def naive_prefix(prefix, lines, shown):
    run = [position for position, each in enumerate(lines) if each.startswith(prefix)]
    if not run:
        return naive_absent(prefix, lines, shown)
    around = set(range(run[0] - 1, run[-1] + 2)) & set(range(len(lines)))
    return around <= shown


def naive(claim, lines, shown, before, shown_before, version):
    present = [naive_present(each, lines, shown) for each in claim.statements]
    absent = [naive_absent(each, lines, shown) for each in claim.statements]
    if claim.kind is ClaimKind.PRESENCE:
        return all(present)
    if claim.kind is ClaimKind.ABSENCE:
        return all(absent)
    if claim.kind is ClaimKind.PREFIX:
        return naive_prefix(claim.statements[0], lines, shown)
    if claim.kind is ClaimKind.ADDED:
        return all(present) and (
            version == 1 or all(naive_absent(each, before, shown_before) for each in claim.statements)
        )
    return version > 1 and all(absent) and all(naive_present(each, before, shown_before) for each in claim.statements)


def some_claim(rng, lines, before):
    kind = rng.choice(list(ClaimKind))
    pool = [*rng.sample(lines, min(4, len(lines))), *rng.sample(before, min(4, len(before))), line(0), line(9_999, 9)]
    pool += [line(rng.randrange(10_000), rng.choice([1, 300])) for _ in range(3)]
    if kind is ClaimKind.PREFIX:
        chosen = rng.choice(pool)
        cuts = [len(chosen), 20, 19, 21, 22, 23, 1, rng.randrange(1, len(chosen) + 1)]
        return Claim(kind, (rng.choice([chosen[: rng.choice(cuts)], chosen + b"x", b"\x7f"]),))
    # lines drawn at random are seldom all on one side of what a comparison says
    sides = {ClaimKind.ADDED: (lines, before), ClaimKind.REMOVED: (before, lines)}
    if kind in sides and rng.random() < 0.5:
        with_it, without = sides[kind]
        pool = sorted({*with_it} - {*without}) or pool
    return Claim(kind, tuple(sorted(set(rng.sample(pool, min(len(pool), rng.choice([1, 1, 2, 3])))))))


def versions(rng):
    """A version and the one before, which shares most of its lines."""
    before = made(rng, rng.choice([0, 1, 2, 9, 30, 60]))
    kept = [each for each in before if rng.random() < 0.8]
    return sorted({*kept, *made(rng, rng.choice([0, 1, 3]))}), before


@pytest.mark.soak
def test_a_claim_is_shown_if_and_only_if_the_slow_reading_says_so(seed, soak_scale):
    rng = random.Random(seed)
    shown_claims, refuted_claims, borders = set(), set(), 0
    for _ in range(soak_scale(10_000)):
        lines, before = versions(rng)
        now, then = Built(lines), Built(before)
        borders += len(now.dataset.leaves)
        for _ in range(8):
            claim, version = some_claim(rng, lines, before), rng.choice([1, 2, 7])
            share = rng.choice([0.2, 0.7, 1.0])
            # an opening opens at least one line of a version that has any
            shown = {position for position in range(len(lines)) if rng.random() < share} or set(
                range(min(1, len(lines)))
            )
            earlier = {position for position in range(len(before)) if rng.random() < share} or set(
                range(min(1, len(before)))
            )
            expected = naive(claim, lines, shown, before, earlier, version)
            opened = now.opened(sorted(shown))
            parent = then.opened(sorted(earlier)) if claim.compares(version) else None
            try:
                claim.check(opened, parent, version=version)
                found = True
            except ClaimRefuted:
                found = False
            assert found == expected, (claim, sorted(shown), len(lines), version)
            (shown_claims if found else refuted_claims).add(claim.kind)
    assert shown_claims == refuted_claims == set(ClaimKind)
    assert borders > 200


@pytest.mark.soak
def test_what_holds_can_be_shown_with_few_lines_and_what_does_not_cannot(seed, soak_scale):
    rng = random.Random(seed)
    made_kinds = set()
    for _ in range(soak_scale(10_000)):
        lines, before = versions(rng)
        now, then = Built(lines), Built(before)
        for _ in range(8):
            claim, version = some_claim(rng, lines, before), rng.choice([1, 2])
            everything, earlier = set(range(len(lines))), set(range(len(before)))
            true = naive(claim, lines, everything, before, earlier, version)
            try:
                openings = open_claim(claim, now.index, version=version, parent=then.index)
            except (StatementAbsent, StatementPresent, ParentNeeded):
                assert not true, claim
                continue
            assert true, claim
            made_kinds.add(claim.kind)
            opened = openings.version.check(**now.promised)
            assert (openings.parent is None) == (not claim.compares(version))
            parent = openings.parent.check(**then.promised) if openings.parent else None
            claim.check(opened, parent, version=version)
            run = sum(each.startswith(claim.statements[0]) for each in lines)
            needed = run + 2 if claim.kind is ClaimKind.PREFIX else 2 * len(claim.statements)
            assert len(opened.lines) <= needed
    assert made_kinds == set(ClaimKind)


def test_lines_beside_the_claim_are_opened_too():
    built = Built(made(random.Random(1), 40))
    claim = Claim(ClaimKind.PREFIX, (built.lines[7],))
    openings = open_claim(claim, built.index, version=1, beside=built.lines[20:22])
    opened = openings.version.check(**built.promised)
    assert list(opened.lines) == [*built.lines[6:9], *built.lines[20:22]]
    claim.check(opened, None, version=1)
    with pytest.raises(StatementAbsent):
        open_claim(claim, built.index, version=1, beside=[line(0)])


def test_every_pair_of_positions_shows_only_what_lies_between_them():
    """All openings of two lines, over the borders of blocks: an absence needs two that touch."""
    built = Built(made(random.Random(2), 14))
    assert built.promised["blocks"] >= 3
    absent = [(each[:-3] + b'!" .', number) for number, each in enumerate(built.lines)]
    for i in range(14):
        for j in range(i + 1, 14):
            opened = built.opened([i, j])
            for statement, _ in absent:
                at = bisect_left(built.lines, statement)
                claim = Claim(ClaimKind.ABSENCE, (statement,))
                shown = {at - 1, at} & set(range(14)) <= {i, j}
                if shown:
                    claim.check(opened, None, version=1)
                else:
                    with pytest.raises(ClaimRefuted):
                        claim.check(opened, None, version=1)


def test_of_the_empty_version_everything_is_absent_and_nothing_present():
    empty = Built([])
    for kind in (ClaimKind.ABSENCE, ClaimKind.PREFIX):
        claim = Claim(kind, (line(5),))
        openings = open_claim(claim, empty.index, version=3)
        claim.check(openings.version.check(**empty.promised), None, version=3)
    with pytest.raises(StatementAbsent):
        open_claim(Claim(ClaimKind.PRESENCE, (line(5),)), empty.index, version=3)


def test_version_1_adds_what_it_has_and_removes_nothing():
    built = Built(made(random.Random(3), 5))
    added = Claim(ClaimKind.ADDED, (built.lines[2],))
    added.check(open_claim(added, built.index, version=1).version.check(**built.promised), None, version=1)
    removed = Claim(ClaimKind.REMOVED, (line(0),))
    with pytest.raises(ParentNeeded):
        open_claim(removed, built.index, version=1)
    with pytest.raises(ClaimRefuted):
        removed.check(built.opened([0, 1, 2, 3, 4]), None, version=1)
    with pytest.raises(ParentNeeded):
        open_claim(added, built.index, version=2)
    with pytest.raises(ClaimRefuted):
        added.check(built.opened([2]), None, version=2)


def test_a_prefix_of_more_lines_than_a_bundle_holds_is_refused_before_they_are_read():
    count = 40_000
    lines = [b'<http://e.example/%06d> <http://e.example/p> "x" .' % number for number in range(count)]
    built = Built(lines)
    with pytest.raises(TooManyLines):
        open_claim(Claim(ClaimKind.PREFIX, (b"<http://e.example/0",)), built.index, version=1)


GOOD = line(3)


@pytest.mark.parametrize(
    ("kind", "statements"),
    [
        ("presence", []),
        ("presence", [GOOD, GOOD]),
        ("presence", [line(4), GOOD]),
        ("presence", [GOOD[:-1]]),
        ("presence", [b"\xff"]),
        ("absence", [b"_:c14n0 <a:p> <a:o> ."]),
        ("absence", [b"<a:s> <a:p> <a:o> _:c14n0 ."]),
        ("absence", [b'<a:s> <a:p> "' + b"v" * 1_048_576 + b'" .']),
        ("added", [b"_:c14n0 <a:p> <a:o> ."]),
        ("removed", []),
        ("prefix", []),
        ("prefix", [b""]),
        ("prefix", [b"<a", b"<b"]),
        ("prefix", [b"<a\xc3"]),
        ("history", [GOOD]),
        ("Presence", [GOOD]),
    ],
)
def test_what_is_no_claim_is_refused(kind, statements):
    with pytest.raises(BadClaim):
        Claim.of_item({"kind": kind, "statements": statements})


@pytest.mark.parametrize("kind", list(ClaimKind))
def test_a_claim_is_read_back(kind):
    claim = Claim(kind, (GOOD,))
    assert Claim.of_item(decode(encode(claim.as_item()))) == claim
    assert (claim.condition is None) == (kind is ClaimKind.PRESENCE)


def test_a_blank_node_can_be_present_and_begin_a_prefix():
    lines = [b"<a:s> <a:p> _:c14n0 .", b"_:c14n0 <a:p> <a:o> ."]
    built = Built(lines)
    for claim in (Claim(ClaimKind.PRESENCE, tuple(lines)), Claim(ClaimKind.PREFIX, (b"_:c14n0 ",))):
        claim.check(open_claim(claim, built.index, version=1).version.check(**built.promised), None, version=1)
