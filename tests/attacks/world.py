"""A graph with three versions on a chain that runs, and true proofs about it: what the attacks begin with."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256

from anchoring.blockstores.memory import MemoryStore
from anchoring.chain.chain_proof_maker import make_anchor_proof, make_head_proof
from anchoring.chain.deploy import deploy_registry
from anchoring.chain.devchain import DevChain
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.keys import LocalKey
from anchoring.chain.publish import Publication, publish
from anchoring.chain.registry import RegistryClient
from anchoring.chain_proof.proof import ChainProof
from anchoring.encoding import dag_pb
from anchoring.encoding.cid import DAG_PB, Block, Cid
from anchoring.encoding.dag_pb import Link
from anchoring.encoding.deterministic_cbor import decode, encode
from anchoring.encoding.unixfs import file_data
from anchoring.proofs.bundle import Bundle
from anchoring.proofs.claims import Claim, ClaimKind
from anchoring.proofs.excerpt import make_excerpt
from anchoring.proofs.line_index import LineIndex
from anchoring.proofs.proving import BuiltVersion, prove
from anchoring.signing.anchor import GraphId
from anchoring.signing.snapshot import Snapshot, VersionHeader, write_version

LABEL = b"\x0a" * 32
QUOTE = "requires ERC-165"
KEYS = [LocalKey(sha256(b"key %d" % number).digest()) for number in range(3)]
"""The owner of the graph, the owner of another one, and a stranger."""


def small_document(content: bytes, leaf: int = 64) -> tuple[Cid, list[Block]]:
    """A document in raw leaves of so few bytes that the blocks of an excerpt fit a test."""
    leaves = [Block(Cid.of(part), part) for part in (content[at : at + leaf] for at in range(0, len(content), leaf))]
    links = [Link(block.cid, "", len(block.data)) for block in leaves]
    root = dag_pb.encode(links, file_data([len(block.data) for block in leaves]))
    top = Block(Cid.of(root, DAG_PB), root)
    return top.cid, [top, *leaves]


def statements(count: int, seed: int) -> list[bytes]:
    """So many lines of several kinds of terms."""
    source = random.Random(seed)
    return sorted(
        {
            b'<http://example.org/s%05d> <http://example.org/p%d> "%s"@en <http://example.org/g> .'
            % (number, number % 7, b"word " * source.randrange(30))
            for number in range(count)
        }
    )


@dataclass
class World:
    """The chain, the registry on it, the versions of one graph and those of another, and their blocks."""

    chain: DevChain
    registry: RegistryClient
    store: MemoryStore
    versions: list[Snapshot]
    foreign: Snapshot
    lines: list[list[bytes]]
    document: Cid
    excerpt: tuple[Cid, int, int]

    @property
    def graph(self) -> GraphId:
        return self.versions[0].manifest.graph

    @cached_property
    def anchors(self):
        return self.registry.anchors(self.graph)

    @cached_property
    def head(self):
        return make_head_proof(self.registry, self.graph)

    @cached_property
    def now(self) -> int:
        """Ten minutes after the head's block."""
        return self.head.check(self.graph).block.timestamp + 600

    def chain_proof(self, version: int) -> ChainProof:
        return ChainProof(make_anchor_proof(self.registry, self.anchors[version - 1]), self.head)

    @cached_property
    def block_hashes(self) -> list[bytes]:
        """What a verifier who follows the chain knows: every block of it."""
        latest = self.registry.latest().number
        return [self.registry.endpoint.block(number).hash for number in range(latest + 1)]

    def built(self, version: int) -> BuiltVersion:
        snapshot = self.versions[version - 1]
        return BuiltVersion(snapshot.manifest, LineIndex(snapshot.dataset, self.store), snapshot.signature.signature)

    def prove(self, kind: ClaimKind, statements_: tuple[bytes, ...], version: int = 3, **more) -> Bundle:
        parent = self.built(version - 1) if kind in (ClaimKind.ADDED, ClaimKind.REMOVED) and version > 1 else None
        return prove(Claim(kind, statements_), self.built(version), parent=parent, **more)

    @cached_property
    def items(self) -> dict[str, dict]:
        """True bundles by name, as the items of their CBOR, the chain's own proof in each."""
        before, now = self.lines[1], self.lines[2]
        made = {
            "presence": self.prove(ClaimKind.PRESENCE, (now[len(now) // 2],)),
            "several": self.prove(ClaimKind.PRESENCE, tuple(now[3::60]), beside=now[:2]),
            "absence": self.prove(ClaimKind.ABSENCE, (now[100].replace(b"/g> .", b"/ga> ."),)),
            "prefix": self.prove(ClaimKind.PREFIX, (b"<http://example.org/s0010",)),
            "added": self.prove(ClaimKind.ADDED, tuple(sorted(set(now) - set(before))[:2])),
            "removed": self.prove(ClaimKind.REMOVED, tuple(sorted(set(before) - set(now))[:2])),
        }
        said = [line for line in now if QUOTE.encode() in line or b"#char" in line]
        excerpt = make_excerpt(*self.excerpt, QUOTE, self.store)
        made["excerpt"] = self.prove(ClaimKind.PRESENCE, tuple(said), excerpts=[excerpt])
        proof = self.chain_proof(3).item()
        return {name: decode(bundle.encode()) | {"chain": proof} for name, bundle in made.items()}

    def item(self, name: str) -> dict:
        """A copy of a true bundle's item, to be changed."""
        return copy.deepcopy(self.items[name])


def sealed(item: dict) -> bytes:
    """The file that an item is, with the digest at its end that anybody can compute."""
    content = encode(item)
    return content[:-32] + sha256(content[:-32]).digest()


def publish_versions(registry, key, store, contents, label=LABEL):
    """Versions with these lists of lines, each the child of the one before."""
    header = VersionHeader(registry.chain_id(), registry.address, key.address, label, "CC-BY-4.0")
    made = []
    for content in contents:
        snapshot = write_version(content, header, {"note.txt": b"a note\n"}, key.sign_digest, store)
        fields = snapshot.fields
        publication = Publication(label, fields.parent, fields.root, fields.quads, fields.blocks, fields.manifest)
        publish(registry, key, publication, keep=lambda prepared: None)
        made.append(snapshot)
        header = replace(header, version=header.version + 1, parent=fields.head, parent_manifest=snapshot.cid)
    return made


def open_world(folder) -> World:
    """Deploys, publishes and proves; takes some seconds."""
    chain = DevChain.open(folder)
    endpoint = Endpoint.of_devchain(chain)
    for key in KEYS:
        endpoint.request("triplock_fund", [key.address])
    registry = RegistryClient(endpoint, deploy_registry(endpoint, KEYS[0]))
    store = MemoryStore()
    text = (b"A contract which complies with ERC-721 " + QUOTE.encode() + b" and more. ") * 9
    document, blocks = small_document(text)
    store.put(blocks, [document])
    place = text.index(QUOTE.encode(), 200)
    quoting = [
        f"<a:claim> <http://www.w3.org/ns/prov#wasDerivedFrom> <{document.iri}#char=0,5> .".encode(),
        f'<{document.iri}#char=0,5> <http://www.w3.org/ns/oa#exact> "{QUOTE}" .'.encode(),
    ]
    base = statements(1_100, 1)
    contents = [
        sorted(base[:-3]),
        sorted({*base, b"<a:only> <a:in> <a:two> .", b"<a:soon> <a:goes> <a:away> ."}),
        sorted({*base, *quoting, b"<a:new> <a:in> <a:three> ."}),
    ]
    versions = publish_versions(registry, KEYS[0], store, contents)
    (foreign,) = publish_versions(registry, KEYS[1], store, [statements(130, 2)])
    excerpt = (document, place, place + len(QUOTE))
    return World(chain, registry, store, versions, foreign, contents, document, excerpt)
