"""A small graph with two published versions, and a chain that says so: what the verification tests share."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from eth_account import Account

from anchoring.blockstores.memory import MemoryStore
from anchoring.encoding.unixfs import document_blocks
from anchoring.signing.anchor import ZERO_WORD, Anchor, BlockReference
from anchoring.signing.snapshot import VersionHeader, write_version

KEY = "0x" + "5a" * 32
OWNER = Account.from_key(KEY).address.lower()
REGISTRY = "0x" + "ab" * 20
CHAIN_ID = 31337


def signer(key=KEY):
    return lambda digest: bytes(Account.unsafe_sign_hash(digest, key).signature)


@dataclass
class ChainInMemory:
    """The protocol AnchorSource over a list of anchors; `publish` does what the registry does."""

    number: int = CHAIN_ID
    listed: list = field(default_factory=list)
    heads: dict = field(default_factory=dict)
    height: int = 10

    def publish(self, fields, publisher=OWNER):
        assert self.heads.get(fields.graph, ZERO_WORD) == fields.parent
        self.height += 1
        block = BlockReference(self.height, bytes([self.height]) * 32, 1_700_000_000 + self.height)
        self.heads[fields.graph] = fields.head
        self.listed.append(
            Anchor(
                fields.graph,
                fields.head,
                fields.parent,
                fields.root,
                fields.quads,
                fields.blocks,
                fields.manifest,
                publisher,
                bytes([self.height]) * 32,
                block,
                0,
            )
        )

    def chain_id(self):
        return self.number

    def head(self, graph):
        return self.heads.get(graph, ZERO_WORD)

    def anchors(self, graph):
        return [anchor for anchor in self.listed if anchor.graph == graph]

    def latest(self):
        return BlockReference(self.height, bytes([self.height]) * 32, 1_700_000_000 + self.height)


DOCUMENT = "A contract which complies with ERC-721 «tokens» requires ERC-165.\r\n".encode() * 3
QUOTE = "ERC-721 «tokens» requires ERC-165"
DOCUMENT_CID, DOCUMENT_BLOCKS = document_blocks(DOCUMENT)


def lines(count, extra=()):
    made = {
        b'<http://example.org/s%05d> <http://example.org/p> "%s" <http://example.org/g%d> .'
        % (i, b"value " * (i % 23), i // 6)
        for i in range(count)
    }
    span = f"<{DOCUMENT_CID.iri}#char=0,5>"
    made |= {
        f"<http://example.org/c> <http://www.w3.org/ns/prov#wasDerivedFrom> {span} <http://example.org/a> .".encode(),
        f'{span} <http://www.w3.org/ns/oa#exact> "{QUOTE}" <http://example.org/a> .'.encode(),
    }
    return sorted(made | set(extra))


@dataclass
class Published:
    store: MemoryStore
    chain: ChainInMemory
    first: object
    second: object
    lines: list

    @property
    def graph(self):
        return self.first.manifest.graph


def publish_two(count=400):
    store, chain = MemoryStore(), ChainInMemory()
    store.put(DOCUMENT_BLOCKS, [DOCUMENT_CID])
    header = VersionHeader(CHAIN_ID, REGISTRY, OWNER, b"\x07" * 32, "CC-BY-4.0", sources=(DOCUMENT_CID,))
    files = {"ontology.ttl": b"# an ontology\n", "void.ttl": b"# a description\n"}
    first = write_version(lines(count), header, files, signer(), store)
    chain.publish(first.fields)
    header = replace(header, version=2, parent=first.fields.head, parent_manifest=first.cid)
    later = lines(count, [b'<http://example.org/new> <http://example.org/p> "new" .'])
    second = write_version(later, header, files, signer(), store)
    chain.publish(second.fields)
    return Published(store, chain, first, second, later)


@dataclass
class OneQuote:
    """Two statements that make one quotation."""

    document: object
    quote: str

    @property
    def lines(self):
        span = f"<{self.document.iri}#char=0,5>"
        return [
            f"<a:c> <http://www.w3.org/ns/prov#wasDerivedFrom> {span} .".encode(),
            f'{span} <http://www.w3.org/ns/oa#exact> "{self.quote}" .'.encode(),
        ]
