"""Many versions told of by one root: whoever shows an entry's path shows that the publisher knew that version then.

An entry is graph ‖ head word, 64 bytes; entries strictly increase, and the tree is that of RFC 9162
(https://www.rfc-editor.org/rfc/rfc9162#section-2.1). Such a root moves no head and checks no parent.
Format: docs/format.md, section "Anchor".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from anchoring.dataset.merkle import BadPath, inclusion_path, leaf_hash, root_from_path, tree_root
from anchoring.errors import InputRefused, Refuted
from anchoring.signing.eip712 import VersionFields

ENTRY_BYTES = 64
MAX_ENTRIES = 1 << 20


class BadBatch(InputRefused):
    """The versions make no batch."""

    code = "bad-batch"


class BatchRefuted(Refuted):
    """The path does not show this version in that batch."""

    code = "batch-refuted"


def entry_of(fields: VersionFields) -> bytes:
    """The entry of a version: its graph and its head word."""
    return fields.graph.graph + fields.head


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries of 64 bytes, strictly increasing."""

    entries: tuple[bytes, ...]

    @classmethod
    def of(cls, versions: Iterable[VersionFields]) -> Batch:
        """Of versions in any order, each once. Raises BadBatch for none, for too many, and for one that stands twice.

        >>> from anchoring.signing.anchor import GraphId
        >>> graph = GraphId(1, "0x" + "11" * 20, bytes(32))
        >>> version = VersionFields(graph, 1, bytes(32), 0, 0, bytes(32), bytes(32))
        >>> batch = Batch.of([version])
        >>> BatchProof(0, 1, batch.prove(version).path).check(version, batch.root)
        """
        entries = sorted(map(entry_of, versions))
        if not 0 < len(entries) <= MAX_ENTRIES:
            raise BadBatch(f"a batch of {len(entries)} versions", remedy=f"give 1 to {MAX_ENTRIES}")
        if len(set(entries)) != len(entries):
            raise BadBatch("a version stands twice in the batch", remedy="give each once")
        return cls(tuple(entries))

    @property
    def root(self) -> bytes:
        """The Merkle Tree Hash of the entries."""
        return tree_root([leaf_hash(entry) for entry in self.entries])

    def prove(self, version: VersionFields) -> BatchProof:
        """That the version is in the batch; raises BadBatch where it is not."""
        entry = entry_of(version)
        index = bisect_left(self.entries, entry)
        if self.entries[index : index + 1] != (entry,):
            raise BadBatch(
                f"version {version.version} of {version.graph} is not in the batch", remedy="name one that is"
            )
        return BatchProof(index, len(self.entries), inclusion_path([leaf_hash(each) for each in self.entries], index))


@dataclass(frozen=True, slots=True)
class BatchProof:
    """The place of an entry among `count`, and its siblings from the leaf upwards, 32 bytes each."""

    index: int
    count: int
    path: bytes

    def check(self, version: VersionFields, root: bytes) -> None:
        """Raises BatchRefuted unless the version stands there in the batch of this root."""
        try:
            found = root_from_path(leaf_hash(entry_of(version)), self.index, self.count, self.path)
        except BadPath as error:
            raise BatchRefuted(error.what, remedy="ask for the path again") from None
        if found != root:
            raise BatchRefuted(
                f"the path of {version.graph} leads to the root 0x{found.hex()}, not to 0x{root.hex()}",
                remedy="do not believe that the version was in this batch",
            )
