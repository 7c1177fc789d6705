"""The cases of tests/vectors: enough of version format 1 for another implementation to check itself against."""

from __future__ import annotations

from bundle_cases import bundles
from canonical_form_cases import canonical_form
from fraud_cases import fraud
from published import CHAIN_ID, DOCUMENT, DOCUMENT_BLOCKS, DOCUMENT_CID, KEY, OWNER, QUOTE, REGISTRY, lines, signer

from anchoring.blockstores.memory import MemoryStore
from anchoring.dataset.merkle import inclusion_path, leaf_hash, tree_root
from anchoring.dataset.version import build_version, hash_dataset
from anchoring.encoding.unixfs import content_file, document_file
from anchoring.proofs.excerpt import make_excerpt
from anchoring.proofs.former_bundle import FormerBundle
from anchoring.proofs.proof import prove_presence
from anchoring.signing.eip712 import VersionFields, graph_id
from anchoring.signing.snapshot import VersionHeader, write_version

RELAY_DEADLINE = 1_800_000_000


def hexed(content):
    return f"0x{content.hex()}"


def numbered(count, width):
    """The lines of the rule that `datasets` states."""
    return [
        b'<http://example.org/%08d> <http://example.org/p> "%s" .' % (i, b"v" * (i * 7919 % width))
        for i in range(count)
    ]


def merkle():
    cases = []
    for count in (0, 1, 2, 3, 5, 8, 13):
        hashes = [leaf_hash(b"entry %d" % i) for i in range(count)]
        paths = [hexed(inclusion_path(hashes, i)) for i in range(count)]
        cases.append(
            {"entries": [f"entry {i}" for i in range(count)], "root": hexed(tree_root(hashes)), "paths": paths}
        )
    return {"about": "RFC 9162 trees over SHA-256; entries are UTF-8 text", "cases": cases}


def datasets():
    cases = []
    for count, width in ((0, 1), (1, 10), (100, 50), (3_000, 97), (60_000, 600), (20, 40_000)):
        dataset = build_version(numbered(count, width))
        cases.append(
            {
                "count": count,
                "width": width,
                **dataset.commitment.as_json(),
                "blockLengths": [leaf.length for leaf in dataset.leaves][:8],
                "firstTopLeaf": hexed(dataset.leaves[0].encode()) if dataset.leaves else None,
            }
        )
    rule = '<http://example.org/%08d> <http://example.org/p> "%s" . with i and "v" repeated i*7919 mod width'
    return {"about": "root, counts and CID of data.nq for lines made by a rule", "rule": rule, "cases": cases}


def unixfs():
    leaves = [(leaf_hash(b"%d" % i), i % 20_000 + 1) for i in range(5_000)]
    files = [{"count": n, "cid": str(content_file(leaves[:n]).root.cid)} for n in (0, 1, 2, 32, 33, 512, 513, 5_000)]
    documents = []
    for size in (0, 1, 262_144, 1_048_576, 1_048_577, 46_000_000):
        root = document_file((b"abcdefgh" * (size // 8 + 1))[:size]).root
        documents.append({"size": size, "cid": str(root.cid), "tsize": root.tsize})
    return {
        "about": "files over raw leaves with digest SHA-256(00 ‖ decimal i) and length i mod 20000 + 1;"
        " documents of 'abcdefgh' repeated",
        "files": files,
        "documents": documents,
    }


def anchors():
    graph = graph_id(CHAIN_ID, REGISTRY, OWNER, b"\x07" * 32)
    fields = VersionFields(
        graph, 2, b"\x01" * 32, 1_000_000, 8_703, b"\x00\x00\x00\x00\x01" + b"\x02" * 27, b"\x03" * 32
    )
    return {
        "about": "graph id, EIP-712 digest, head word and signature of one version, and of its relay",
        "key": KEY,
        "owner": OWNER,
        "chainId": CHAIN_ID,
        "registry": REGISTRY,
        "label": hexed(b"\x07" * 32),
        "graph": hexed(graph.graph),
        "version": fields.version,
        "root": hexed(fields.root),
        "quads": fields.quads,
        "blocks": fields.blocks,
        "size": str(fields.size),
        "parent": hexed(fields.parent),
        "manifest": hexed(fields.manifest),
        "digest": hexed(fields.digest),
        "head": hexed(fields.head),
        "signature": hexed(signer()(fields.digest)),
        "relay": {
            "deadline": RELAY_DEADLINE,
            "digest": hexed(fields.relay_digest(RELAY_DEADLINE)),
            "signature": hexed(signer()(fields.relay_digest(RELAY_DEADLINE))),
        },
    }


def version():
    store = MemoryStore()
    store.put(DOCUMENT_BLOCKS, [])
    made = lines(40)
    header = VersionHeader(CHAIN_ID, REGISTRY, OWNER, b"\x07" * 32, "CC-BY-4.0", sources=(DOCUMENT_CID,))
    snapshot = write_version(made, header, {"void.ttl": b"# a description\n"}, signer(), store)
    where = DOCUMENT.index(QUOTE.encode())
    excerpt = make_excerpt(DOCUMENT_CID, where, where + len(QUOTE.encode()), QUOTE, store)
    bundle = FormerBundle(
        manifest=snapshot.manifest,
        signature=snapshot.signature.signature,
        presence=prove_presence(made[10], snapshot.dataset, store),
        attachments=tuple(prove_presence(line, snapshot.dataset, store) for line in made if b"ipfs://" in line),
        excerpts=(excerpt,),
    )
    assert hash_dataset(made) == snapshot.dataset.commitment
    return {
        "about": "a whole version, block by block, and a proof bundle of the first format of its eleventh statement",
        "graph": str(header.graph),
        "directory": str(snapshot.directory),
        "manifest": str(snapshot.cid),
        "head": hexed(snapshot.fields.head),
        "blocks": {str(cid): store.get(cid).hex() for cid in sorted(store, key=str)},
        "bundle": bundle.encode().hex(),
    }


CASES = {
    "canonical-form": canonical_form,
    "merkle": merkle,
    "datasets": datasets,
    "unixfs": unixfs,
    "anchors": anchors,
    "version": version,
    "bundles": bundles,
    "fraud": fraud,
}
