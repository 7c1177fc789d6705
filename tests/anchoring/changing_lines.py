"""Datasets and changes that provoke the cut: long lines, blocks that end for lack of room, edits at boundaries."""

from __future__ import annotations

from hypothesis import strategies as st

from anchoring.blockstores.memory import MemoryStore
from anchoring.dataset.first_lines import FirstLines
from anchoring.dataset.version import build_version

LENGTHS = [40, 90, 200, 900, 3_900, 4_094, 4_095, 4_096, 8_000, 15_000, 16_381, 16_382, 16_383, 16_384, 40_000]
GIANTS = [70_000, 126_000, 131_070, 131_071, 200_000]


def line(key: int, length: int) -> bytes:
    """A canonical line that sorts by its key, of about that many bytes."""
    head = b'<http://example.org/%08d> <http://example.org/p> "%x' % (key, length)
    return head.ljust(max(length, 60), b"v") + b'" .'


class Reading(MemoryStore):
    """A store that counts what is read and what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.read = []
        self.written = []

    def get(self, cid):
        self.read.append(cid)
        return super().get(cid)

    def keep(self, block) -> None:
        self.written.append(block.cid)
        self.put([block], ())


def built(lines):
    """The dataset of lines, a store that has its blocks, and its list of first lines."""
    store, first = Reading(), FirstLines()
    dataset = build_version(sorted(lines), first.noting(store.keep))
    store.written.clear()
    return dataset, store, first


lengths = st.one_of(st.sampled_from(LENGTHS), st.integers(60, 500), st.sampled_from(GIANTS))
keyed = st.dictionaries(st.integers(0, 400), lengths, max_size=120)


@st.composite
def changed_datasets(draw):
    """Keys and lengths of the lines before and after."""
    before = draw(keyed)
    after = dict(before)
    kinds = st.sampled_from(["some", "range", "all", "boundary"])
    for _ in range(draw(st.integers(1, 3))):
        match draw(kinds):
            case "some":
                for key in draw(st.lists(st.integers(0, 400), max_size=12)):
                    after.pop(key, None)
                after |= draw(st.dictionaries(st.integers(0, 400), lengths, max_size=12))
            case "range":
                low = draw(st.integers(0, 400))
                high = draw(st.integers(low, 401))
                after = {key: length for key, length in after.items() if not low <= key < high}
            case "all":
                after = draw(st.one_of(st.just({}), keyed))
            case "boundary" if after:
                lines = sorted(line(*item) for item in after.items())
                position = 0
                firsts = []
                for leaf in build_version(lines).leaves:
                    firsts.append(position)
                    position += leaf.count
                keys = sorted(after)
                at = draw(st.sampled_from(firsts))
                for index in {at - 1, at, at + 1} & set(range(len(keys))):
                    if draw(st.booleans()):
                        del after[keys[index]]
                    else:
                        after[keys[index]] = draw(lengths)
    return before, after
