"""A publisher who signs what cannot be: any blocks, any entries, any file, any counts, all properly signed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from eth_account import Account

from anchoring.blockstores.memory import MemoryStore
from anchoring.dataset.cut import cut
from anchoring.dataset.merkle import leaf_hash, tree_root
from anchoring.dataset.top_leaf import TopLeaf
from anchoring.encoding.cid import Block, Cid
from anchoring.encoding.unixfs import content_file
from anchoring.fraud.known_tree import KnownTree
from anchoring.signing.manifest import FileEntry, Manifest
from anchoring.signing.snapshot import VersionHeader, write_version

KEY = "0x" + "6b" * 32
OWNER = Account.from_key(KEY).address.lower()
HEADER = VersionHeader(31337, "0x" + "cd" * 20, OWNER, b"\x09" * 32, "CC0-1.0")


def sign(digest: bytes, key: str = KEY) -> bytes:
    return bytes(Account.unsafe_sign_hash(digest, key).signature)


def made_lines(count: int, width: int = 120) -> list[bytes]:
    """Canonical lines in order, each of some 60 bytes and up to `width` more."""
    return [
        b'<http://example.org/%06d> <http://example.org/p> "%s" .' % (i, b"v" * (i * 7919 % width))
        for i in range(count)
    ]


def text_of(lines: Sequence[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


@dataclass
class Signed:
    """What the publisher hands out, and the entries, which it may keep to itself."""

    manifest: Manifest
    signature: bytes
    store: MemoryStore
    entries: list[bytes]

    @property
    def tree(self) -> KnownTree:
        """All that can be known of its trees."""
        tree = KnownTree(self.manifest)
        assert tree.take_entries(self.entries)
        return tree

    @property
    def index(self) -> bytes:
        return b"".join(self.entries)


def entries_of(contents: Sequence[bytes]) -> list[bytes]:
    """The true entry of each block; what stands behind the last line feed is a line, too."""
    entries, start = [], 0
    for content in contents:
        lines = content.split(b"\n")
        lines = lines if lines[-1] else lines[:-1]
        root = tree_root([leaf_hash(line) for line in lines])
        entries.append(TopLeaf(start, len(lines), len(content), root, sha256(content).digest()).encode())
        start += len(lines)
    return entries


def signed_version(
    contents: Sequence[bytes],
    *,
    change: Callable[[list[bytes]], list[bytes]] = list,
    quads: int | None = None,
    file: FileEntry | None = None,
) -> Signed:
    """A version of these blocks; `change` makes other entries of the true ones, `quads` and `file` are what it says."""
    store = MemoryStore()
    true = entries_of(contents)
    entries = change(true)
    made = content_file((sha256(content).digest(), len(content)) for content in contents)
    store.put([*(Block(Cid.of(content), content) for content in contents), *made.nodes], ())
    honest = write_version(made_lines(1), HEADER, {}, sign, MemoryStore()).manifest
    lines = sum(TopLeaf.decode(entry).count for entry in true)
    manifest = replace(
        honest,
        root=tree_root([leaf_hash(entry) for entry in entries]),
        quads=lines if quads is None else quads,
        blocks=len(entries),
        files=(file or FileEntry("data.nq", made.root.cid, made.root.size),),
    )
    return Signed(manifest, sign(manifest.fields.digest), store, entries)


def honest_blocks(lines: Sequence[bytes]) -> list[bytes]:
    """The blocks of lines as the rules cut them, whatever their order."""
    return [text_of(block.lines) for block in cut(lines)]
