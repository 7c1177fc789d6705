"""A patch leads from one version to the next, and says so when it does not."""

from __future__ import annotations

import io

import pytest
from changing_lines import built, changed_datasets, line
from hypothesis import given, settings
from hypothesis import strategies as st

from anchoring.dataset.difference import Side, changes_between
from anchoring.dataset.rdf_patch import BadPatch, PatchHeader, PatchReader, PatchRefuted, apply_patch, write_patch
from anchoring.encoding.cid import Cid
from anchoring.errors import InputRefused, TriplockError
from anchoring.rdf.lines import OutOfOrder
from anchoring.rdf.nquads import NotCanonical


def header_of(old, new, **more):
    before, after = old.commitment, new.commitment
    return PatchHeader(before.root, after.root, before.quads, after.quads, **more)


def patch_of(before, after, **more):
    """The datasets of two sets of lines, the first one's store and list, and the patch between them."""
    old, store, first = built(before)
    new, other, _ = built(after)
    sides = [
        Side(each.commitment.file, len(each.leaves), each.commitment.quads, at)
        for each, at in ((old, store), (new, other))
    ]
    stream = io.BytesIO()
    counts = write_patch(stream, header_of(old, new, **more), changes_between(*sides))
    assert counts == (len(after - before), len(before - after))
    return old, new, store, first, stream.getvalue()


@settings(max_examples=60)
@given(changed_datasets())
def test_a_patch_leads_to_the_next_version(pair):
    before, after = ({line(*item) for item in each.items()} for each in pair)
    old, new, store, first, patch = patch_of(before, after)
    update = apply_patch(old, store, PatchReader(io.BytesIO(patch)), first_lines=first, keep=store.keep)
    assert update.dataset == new
    assert all(store.has(leaf.cid) for leaf in new.leaves)


ONE, TWO = (Cid.of(b"%d" % number) for number in range(2))
words = st.binary(min_size=32, max_size=32)
cids = st.builds(Cid, st.just(0x55), words)


@given(
    st.builds(
        PatchHeader,
        *(words, words, st.integers(0, 2**50), st.integers(0, 2**50)),
        *(st.none() | cids, st.none() | cids, st.none() | words, st.none() | words),
    )
)
def test_a_header_reads_back(header):
    stream = io.BytesIO()
    write_patch(stream, header, [])
    assert PatchReader(io.BytesIO(stream.getvalue())).header == header


def small():
    before = {line(key, 80) for key in range(0, 40, 2)}
    return patch_of(before, before ^ {line(4, 80), line(5, 80), line(7, 80)}, prev=ONE, id=TWO)


def test_the_rows_are_those_of_rdf_patch():
    *_, patch = small()
    rows = patch.decode().splitlines()
    assert rows[:2] == [f"H id <ipfs://{TWO}> .", f"H prev <ipfs://{ONE}> ."]
    assert rows[6:] == [
        "TX .",
        f"D {line(4, 80).decode()}",
        f"A {line(5, 80).decode()}",
        f"A {line(7, 80).decode()}",
        "TC .",
    ]
    assert all(row.endswith(" .") for row in rows)


def read(patch, **limits):
    reader = PatchReader(io.BytesIO(patch), **limits)
    return reader.header, list(reader.changes())


def test_every_truncation_is_refused():
    *_, patch = small()
    for length in range(len(patch)):
        with pytest.raises(InputRefused):
            read(patch[:length])


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (b"TC .\n", b"TC .\nTX .\n", BadPatch),
        (b"TC .\n", b"TA .\n", BadPatch),
        (b"TX .\n", b'TX .\nPA "a" "http://example.org/" .\n', BadPatch),
        (b"H root", b"H rood", BadPatch),
        (b"H root", b"H prev-root", BadPatch),
        (b'H quads "', b'H quads "0', BadPatch),
        (b'H quads "', b'H quads "-', BadPatch),
        (b"H prev <ipfs://b", b"H prev <ipfs://Q", BadPatch),
        (b'H root "0x', b'H root "0X', BadPatch),
        (b"\n", b"\r\n", BadPatch),
        (b"D <", b"D  <", NotCanonical),
        (b"A <", b"AA <", BadPatch),
        (line(4, 80), line(6, 80), OutOfOrder),
        (line(5, 80), line(4, 80), OutOfOrder),
        (b"TX .\n", b'H x "1" .\n' * 2 + b"TX .\n", BadPatch),
        (b"TX .\n", b"".join(b'H x%d "1" .\n' % i for i in range(40)) + b"TX .\n", BadPatch),
        (b"TX .\n", b'H x "%s" .\nTX .\n' % (b"1" * 5_000), BadPatch),
    ],
)
def test_other_texts_are_refused(old, new, error):
    *_, patch = small()
    assert old in patch
    with pytest.raises(error):
        read(patch.replace(old, new))


def test_unknown_header_rows_are_passed_over():
    *_, patch = small()
    assert read(patch.replace(b"TX .\n", b'H x "1" .\nH y <urn:x> .\nTX .\n')) == read(patch)


def test_a_patch_is_read_up_to_a_limit():
    *_, patch = small()
    assert read(patch, at_most=len(patch)) == read(patch)
    with pytest.raises(BadPatch, match="longer than what is read"):
        read(patch, at_most=len(patch) - 1)
    with pytest.raises(BadPatch, match="too long"):
        read(patch.replace(b"TC .\n", b"A " + b"x" * 2_000_000 + b"\nTC .\n"))


def test_a_patch_of_another_version_is_refused():
    _, new, store, _, patch = small()
    with pytest.raises(BadPatch, match="applies to"):
        apply_patch(new, store, PatchReader(io.BytesIO(patch)))


def test_a_patch_that_leads_elsewhere_is_refuted():
    old, _, store, _, patch = small()
    dropped = b"".join(row for row in patch.splitlines(keepends=True) if not row.startswith(b"A " + line(7, 80)[:30]))
    with pytest.raises(PatchRefuted):
        apply_patch(old, store, PatchReader(io.BytesIO(dropped)))
    counted = patch.replace(b'H quads "', b'H quads "1')
    with pytest.raises(PatchRefuted):
        apply_patch(old, store, PatchReader(io.BytesIO(counted)))


def test_no_flipped_bit_of_a_change_is_accepted():
    old, new, store, _, patch = small()
    start = patch.index(b"H root")
    for at in range(start, len(patch)):
        for bit in range(8):
            damaged = bytearray(patch)
            damaged[at] ^= 1 << bit
            try:
                update = apply_patch(old, store, PatchReader(io.BytesIO(bytes(damaged))))
            except TriplockError:
                continue
            assert update.dataset == new, "accepted only what leads to the same version"
