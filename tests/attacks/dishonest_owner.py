"""What a dishonest owner can sign and publish: any lines in any order, any top leaves, any file, any manifest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

import forged_block
from world import KEYS, LABEL, World

from anchoring.blockstores.memory import MemoryStore
from anchoring.dataset.cut import cut
from anchoring.dataset.merkle import leaf_hash, tree_root
from anchoring.dataset.multipath import make_multipath
from anchoring.dataset.top_leaf import TopLeaf
from anchoring.dataset.version import Dataset
from anchoring.encoding.cid import Block, Cid
from anchoring.signing.anchor import Anchor, BlockReference
from anchoring.signing.eip712 import keccak
from anchoring.signing.manifest import Manifest
from anchoring.signing.snapshot import Snapshot, VersionHeader, assemble
from anchoring.verification.check_anchor import Chain
from anchoring.verification.verify import verify_version

OWNER = KEYS[0]


@dataclass
class OneVersion:
    """A chain on which one version was published, as an AnchorSource."""

    anchor: Anchor

    def chain_id(self) -> int:
        return self.anchor.graph.chain_id

    def head(self, graph) -> bytes:
        return self.anchor.head

    def anchors(self, graph) -> list[Anchor]:
        return [self.anchor]

    def latest(self) -> BlockReference:
        return self.anchor.block


@dataclass
class Published:
    """A version over the lines as they came, each block's lines, its blocks and its manifest as bytes."""

    snapshot: Snapshot
    cuts: list[list[bytes]]
    store: MemoryStore = field(default_factory=MemoryStore)

    @property
    def manifest(self) -> Manifest:
        return self.snapshot.manifest

    @property
    def graph(self):
        return self.manifest.graph

    def verify(self, manifest: Manifest | None = None):
        """Python's verdict of the whole version, with a chain that anchors it."""
        manifest = manifest or self.manifest
        fields = manifest.fields
        signed = OWNER.sign_digest(fields.digest)
        self.store.put([manifest.block], [])
        anchor = Anchor(
            *(fields.graph, fields.head, fields.parent, fields.root, fields.quads, fields.blocks, fields.manifest),
            *(OWNER.address, bytes(32), BlockReference(1, bytes(32), 1_700_000_000), 0),
        )
        signature = replace(self.snapshot.signature, digest=fields.digest, signature=signed)
        return verify_version(
            manifest.block.cid,
            graph=fields.graph,
            readers=[self.store],
            chain=Chain(OneVersion(anchor)),
            signature=signature.encode(),
        )

    def opening(self, positions: Sequence[int]) -> dict:
        """The lines at these positions, opened truly."""
        opened, start = [], 0
        for number, lines in enumerate(self.cuts):
            indexes = [position - start for position in positions if start <= position < start + len(lines)]
            if indexes:
                leaf = self.snapshot.dataset.leaves[number]
                opened.append(
                    {
                        "block": number,
                        "start": leaf.start,
                        "count": leaf.count,
                        "length": leaf.length,
                        "digest": leaf.digest,
                        "indexes": indexes,
                        "lines": [lines[index] for index in indexes],
                        "path": make_multipath([leaf_hash(line) for line in lines], indexes),
                    }
                )
            start += len(lines)
        path = make_multipath(self.snapshot.dataset.hashes, [each["block"] for each in opened])
        return {"blocks": opened, "path": path}

    def item(self, kind: str, statements: Sequence[bytes], positions: Sequence[int], **more) -> dict:
        """The item of a bundle about the version, with a block that anchors it."""
        return bundle_item(
            self.manifest.encode(), self.manifest.fields, kind, statements, self.opening(positions), **more
        )


def bundle_item(manifest: bytes, fields, kind, statements, opening, excerpts=(), parent=None, signature=None) -> dict:
    """The item of a bundle, signed by the owner and anchored in a block of one's own."""
    receipt = forged_block.receipt([forged_block.version_log(fields, OWNER.address)])
    signature = OWNER.sign_digest(fields.digest) if signature is None else signature
    return {
        "format": "triplock-proof/2",
        "claim": {"kind": kind, "statements": sorted(statements)},
        "version": {"manifest": manifest, "signature": signature, "opening": opening},
        "parent": parent or {},
        "excerpts": list(excerpts),
        "chain": {"anchor": forged_block.anchor([receipt], 0)},
        "ext": {},
        "integrity": bytes(32),
    }


def brought(item: dict, graph) -> dict:
    """The graph, and the hashes of the headers of a bundle, as if the verifier knew them to be the chain's."""
    return {"graph": graph, "block_hashes": [keccak(part["header"]) for part in item["chain"].values()]}


def header_of(world: World) -> VersionHeader:
    """The first version of the owner's graph."""
    return VersionHeader(world.graph.chain_id, world.graph.registry, OWNER.address, LABEL, "CC-BY-4.0")


def publish_lines(world: World, lines: Sequence[bytes], *, leaves=None, files=None) -> Published:
    """A version over these lines as they stand; `leaves` changes the top leaves before they are committed to."""
    cuts = [block.lines for block in cut(lines)]
    made, blocks, start = [], [], 0
    for each in cuts:
        content = b"".join(line + b"\n" for line in each)
        line_root = tree_root([leaf_hash(line) for line in each])
        made.append(TopLeaf(start, len(each), len(content), line_root, sha256(content).digest()))
        blocks.append(Block(Cid.of(content), content))
        start += len(each)
    dataset = Dataset(tuple(leaves(made) if leaves else made))
    snapshot = assemble(dataset, header_of(world), files or {}, OWNER.sign_digest)
    published = Published(snapshot, cuts)
    published.store.put([*blocks, *dataset.nodes, *snapshot.blocks], [])
    return published
