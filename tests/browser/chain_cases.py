"""Two versions published on the embedded chain, and bundles of both that hold the chain's part."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from anchoring.blockstores.memory import MemoryStore
from anchoring.chain.chain_proof_maker import make_chain_proof
from anchoring.chain.deploy import deploy_registry
from anchoring.chain.devchain import DevChain
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.keys import LocalKey
from anchoring.chain.publish import Publication, publish
from anchoring.chain.registry import RegistryClient
from anchoring.proofs.bundle import Bundle
from anchoring.proofs.claims import Claim, ClaimKind
from anchoring.proofs.line_index import LineIndex
from anchoring.proofs.proving import BuiltVersion, prove
from anchoring.signing.snapshot import VersionHeader, write_version

LABEL = b"\x05" * 32


@dataclass
class Published:
    """The graph, bundles by name, the hashes of all blocks they rest on, and when the newest of them was made."""

    graph: object
    bundles: dict[str, Bundle]
    hashes: list[bytes]
    time: int
    other: LocalKey


def publish_graph(folder: Path) -> Published:
    """Publishes two versions; the chain lives in an empty folder and is closed again."""
    with DevChain.open(folder) as devchain:
        endpoint = Endpoint.of_devchain(devchain)

        def new_key() -> LocalKey:
            key = LocalKey(secrets.token_bytes(32))
            endpoint.request("triplock_fund", [key.address])
            return key

        registry = RegistryClient(endpoint, deploy_registry(endpoint, new_key()))
        key, store = new_key(), MemoryStore()
        header = VersionHeader(registry.chain_id(), registry.address, key.address, LABEL, "CC-BY-4.0")
        lines = [b"<http://e.org/%05d> <h:p> <h:o> ." % i for i in range(400)]
        built, chains = [], []
        for number, content in enumerate((lines, [b"<a:new> <a:p> <a:o> .", *lines[1:]]), 1):
            snapshot = write_version(content, replace(header, version=number), {}, key.sign_digest, store)
            fields = snapshot.fields
            made = Publication(LABEL, fields.parent, fields.root, fields.quads, fields.blocks, fields.manifest)
            publish(registry, key, made, keep=lambda prepared: None)
            chains.append(make_chain_proof(registry, registry.anchors(fields.graph)[-1]))
            built.append(
                BuiltVersion(snapshot.manifest, LineIndex(snapshot.dataset, store), snapshot.signature.signature)
            )
            header = replace(header, parent=fields.head, parent_manifest=snapshot.cid)
        newest = make_chain_proof(registry, registry.anchors(fields.graph)[0])
        first, second = Claim(ClaimKind.PRESENCE, (lines[7],)), Claim(ClaimKind.ADDED, (b"<a:new> <a:p> <a:o> .",))
        bundles = {
            "first": prove(first, built[0], chain=chains[0]),
            "first, head newer": prove(first, built[0], chain=newest),
            "second": prove(second, built[1], parent=built[0], chain=chains[1]),
            "second, head older": prove(
                second, built[1], parent=built[0], chain=replace(chains[1], head=chains[0].head)
            ),
            "second, anchor alone": prove(second, built[1], parent=built[0], chain=replace(chains[1], head=None)),
            "second, head alone": prove(second, built[1], parent=built[0], chain=replace(chains[1], anchor=None)),
            "second, anchor of the first": prove(second, built[1], parent=built[0], chain=chains[0]),
        }
        parts = [part for chain in (*chains, newest) for part in (chain.anchor, chain.head)]
        time = chains[1].head.check(fields.graph).block.timestamp
        return Published(fields.graph, bundles, sorted({part.block_hash for part in parts}), time, new_key())
