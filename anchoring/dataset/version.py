"""Builds the commitment to a dataset: blocks, both levels of trees, and the file that holds them.

Lines stream through; what stays in memory is a batch of them for each process and 81 bytes for each block before.
The manifest, the signature and the directory around it are in `anchoring.signing.snapshot`.
Format: docs/format.md, sections "Cut", "Top leaf" and "UnixFS".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from anchoring.dataset.checked_build import build_leaves
from anchoring.dataset.merkle import tree_levels, tree_root
from anchoring.dataset.top_index import BadIndex as BadIndex
from anchoring.dataset.top_index import TopIndex
from anchoring.dataset.top_leaf import TopLeaf
from anchoring.encoding.cid import Block, Cid
from anchoring.encoding.unixfs import Child, File, content_file
from anchoring.encoding.unixfs_reader import Blocks, read_leaves
from anchoring.rdf.line_batches import BadBlock as BadBlock
from anchoring.rdf.line_batches import LineBatch, bad_block, batches_of_blocks, batches_of_lines

Keep = Callable[[Block], None]
"""Takes a block as soon as it is made; parts of a file come before what joins them."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a version commits to: the root, the number of lines and blocks, the CID and length of `data.nq`."""

    root: bytes
    quads: int
    blocks: int
    file: Cid
    size: int

    def as_json(self) -> dict[str, object]:
        """The document that `triplock hash --json` prints."""
        return {
            "root": f"0x{self.root.hex()}",
            "quads": self.quads,
            "blocks": self.blocks,
            "cid": str(self.file),
            "size": self.size,
        }


@dataclass(frozen=True)
class Dataset:
    """The top leaves of a dataset, from which all else follows without its lines."""

    leaves: tuple[TopLeaf, ...]

    @cached_property
    def hashes(self) -> list[bytes]:
        """The leaf hashes of the upper tree."""
        return [leaf.hash for leaf in self.leaves]

    @cached_property
    def levels(self) -> list[Sequence[bytes]]:
        """The nodes of the upper tree, level by level (`dataset.merkle.tree_levels`)."""
        return tree_levels(self.hashes)

    @cached_property
    def _tree(self) -> File:
        return content_file((leaf.digest, leaf.length) for leaf in self.leaves)

    @property
    def file(self) -> Child:
        """`data.nq` as an entry of a directory."""
        return self._tree.root

    @property
    def nodes(self) -> list[Block]:
        """The blocks that join the data blocks to a file."""
        return self._tree.nodes

    @cached_property
    def commitment(self) -> Commitment:
        """The root, the counts and the file."""
        quads = self.leaves[-1].start + self.leaves[-1].count if self.leaves else 0
        return Commitment(tree_root(self.hashes), quads, len(self.leaves), self.file.cid, self.file.size)

    def index(self) -> bytes:
        """All top leaves, 81 bytes each: what proofs are made from without reading every block."""
        return b"".join(leaf.encode() for leaf in self.leaves)

    @classmethod
    def from_index(cls, index: bytes, *, root: bytes) -> Dataset:
        """Of its index, checked against the root; raises BadIndex or BadTopLeaf."""
        return cls(tuple(TopIndex(index, root=root).leaves))


def build_version(lines: Iterable[bytes], keep: Keep | None = None, *, processes: int | None = None) -> Dataset:
    """The dataset of canonical lines (no line feeds, strictly increasing), its blocks handed to `keep` one by one.

    What is longer than 8 MiB is shared among `processes`: by default one a core, at most four; 1 starts none.
    The result does not depend on it. Raises NotCanonical, OutOfOrder, LineTooLong or WorkerLost.

    >>> build_version([b'<http://example.org/s> <http://example.org/p> "o" .']).commitment.quads
    1
    """
    return _built(partial(batches_of_lines, lines), keep, processes)


def _built(batches: Callable[[int], Iterable[LineBatch]], keep: Keep | None, processes: int | None) -> Dataset:
    dataset = Dataset(build_leaves(batches, keep, processes))
    if keep:
        for node in dataset.nodes:
            keep(node)
    return dataset


def hash_dataset(lines: Iterable[bytes], *, processes: int | None = None) -> Commitment:
    """The commitment to canonical lines, nothing kept; raises what `build_version` raises.

    >>> hash_dataset([]).as_json()["cid"]
    'bafybeif7ztnhq65lumvvtr4ekcwd2ifwgm3awq4zfr3srh462rwyinlb4y'
    """
    return build_version(lines, processes=processes).commitment


def lines_of(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of consecutive blocks; raises BadBlock unless each block ends with a line feed."""
    for block in blocks:
        if block[-1:] != b"\n":
            raise bad_block(block)
        yield from block[:-1].split(b"\n")


def build_from_blocks(blocks: Iterable[bytes], *, processes: int | None = None) -> Dataset:
    """The dataset whose lines stand in these consecutive blocks, wherever they are cut; every line is checked.

    Raises BadBlock and what `build_version` raises.
    """
    return _built(partial(batches_of_blocks, blocks), None, processes)


def load_dataset(file: Cid, blocks: Blocks, *, size: int, processes: int | None = None) -> Dataset:
    """The dataset of a stored `data.nq` of `size` bytes, every line read again.

    Raises what reading and building raise; compare its commitment with the one that was promised.
    """
    return build_from_blocks(read_leaves(file, blocks, at_most=size), processes=processes)
