"""From quads to a commitment and back, for any RDF dataset.

Knows nothing of claims and is usable alone. The names below are the public face; each is loaded when it is first
asked for, so that `import anchoring` costs next to nothing and never loads web3.

>>> import anchoring
>>> anchoring.hash_dataset([b'<http://example.org/s> <http://example.org/p> "o" .']).quads
1
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anchoring.blockstores.car import CarReader, write_car
    from anchoring.blockstores.car_writer import CarWriter
    from anchoring.blockstores.folder import FolderStore
    from anchoring.blockstores.gateway import GatewayReader
    from anchoring.blockstores.ipfshttpclient_store import IpfsHttpClientStore
    from anchoring.blockstores.kubo import KuboStore
    from anchoring.blockstores.memory import MemoryStore
    from anchoring.blockstores.pinning_service import PinningService
    from anchoring.blockstores.protocol import BlockReader, BlockStore
    from anchoring.blockstores.retrieval import retrieve
    from anchoring.blockstores.sending import send
    from anchoring.chain_proof.proof import ChainProof
    from anchoring.dataset.difference import Side, changes_between
    from anchoring.dataset.document_build import build_document, canonical_document, hash_document
    from anchoring.dataset.first_lines import FirstLines
    from anchoring.dataset.incremental import update_version
    from anchoring.dataset.rdf_patch import PatchHeader, PatchReader, apply_patch, write_patch
    from anchoring.dataset.top_index import TopIndex
    from anchoring.dataset.version import Commitment, Dataset, build_version, hash_dataset, load_dataset
    from anchoring.encoding.cid import Block, Cid
    from anchoring.encoding.unixfs import document_blocks
    from anchoring.encoding.unixfs_reader import read_file
    from anchoring.errors import TriplockError
    from anchoring.fraud.auditing import audit_version
    from anchoring.fraud.fraud_proof import FraudProof, verify_fraud
    from anchoring.proofs.bundle import Bundle
    from anchoring.proofs.claims import Claim, ClaimKind
    from anchoring.proofs.excerpt import Excerpt, make_excerpt
    from anchoring.proofs.line_index import LineIndex
    from anchoring.proofs.opening import Opening
    from anchoring.proofs.proving import BuiltVersion, prove
    from anchoring.proofs.verify_page import page_with_proof
    from anchoring.rdf.canonical import canonical_lines
    from anchoring.signing.anchor import Anchor, AnchorSource, BlockReference, GraphId
    from anchoring.signing.document_version import write_document_version
    from anchoring.signing.eip712 import VersionFields, graph_id
    from anchoring.signing.manifest import Manifest
    from anchoring.signing.snapshot import Snapshot, VersionHeader, write_version
    from anchoring.verification.check_anchor import Chain
    from anchoring.verification.verdict import Verdict
    from anchoring.verification.verify import verify_version
    from anchoring.verification.verify_bundle import verify_proof

_HOMES = {
    "signing.anchor": ("Anchor", "AnchorSource", "BlockReference", "GraphId"),
    "fraud.auditing": ("audit_version",),
    "blockstores.car": ("CarReader", "write_car"),
    "blockstores.car_writer": ("CarWriter",),
    "blockstores.folder": ("FolderStore",),
    "blockstores.gateway": ("GatewayReader",),
    "blockstores.ipfshttpclient_store": ("IpfsHttpClientStore",),
    "blockstores.kubo": ("KuboStore",),
    "blockstores.memory": ("MemoryStore",),
    "blockstores.pinning_service": ("PinningService",),
    "blockstores.protocol": ("BlockReader", "BlockStore"),
    "blockstores.retrieval": ("retrieve",),
    "blockstores.sending": ("send",),
    "proofs.bundle": ("Bundle",),
    "rdf.canonical": ("canonical_lines",),
    "chain_proof.proof": ("ChainProof",),
    "verification.check_anchor": ("Chain",),
    "encoding.cid": ("Block", "Cid"),
    "proofs.claims": ("Claim", "ClaimKind"),
    "dataset.difference": ("Side", "changes_between"),
    "dataset.document_build": ("build_document", "canonical_document", "hash_document"),
    "signing.document_version": ("write_document_version",),
    "signing.eip712": ("VersionFields", "graph_id"),
    "errors": ("TriplockError",),
    "proofs.excerpt": ("Excerpt", "make_excerpt"),
    "dataset.first_lines": ("FirstLines",),
    "fraud.fraud_proof": ("FraudProof", "verify_fraud"),
    "dataset.incremental": ("update_version",),
    "proofs.line_index": ("LineIndex",),
    "signing.manifest": ("Manifest",),
    "proofs.opening": ("Opening",),
    "proofs.proving": ("BuiltVersion", "prove"),
    "dataset.rdf_patch": ("PatchHeader", "PatchReader", "apply_patch", "write_patch"),
    "signing.snapshot": ("Snapshot", "VersionHeader", "write_version"),
    "dataset.top_index": ("TopIndex",),
    "encoding.unixfs": ("document_blocks",),
    "encoding.unixfs_reader": ("read_file",),
    "verification.verdict": ("Verdict",),
    "verification.verify": ("verify_version",),
    "verification.verify_bundle": ("verify_proof",),
    "proofs.verify_page": ("page_with_proof",),
    "dataset.version": ("Commitment", "Dataset", "build_version", "hash_dataset", "load_dataset"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Anchor",
    "AnchorSource",
    "Block",
    "BlockReader",
    "BlockReference",
    "BlockStore",
    "BuiltVersion",
    "Bundle",
    "CarReader",
    "CarWriter",
    "Chain",
    "ChainProof",
    "Cid",
    "Claim",
    "ClaimKind",
    "Commitment",
    "Dataset",
    "Excerpt",
    "FirstLines",
    "FolderStore",
    "FraudProof",
    "GatewayReader",
    "GraphId",
    "IpfsHttpClientStore",
    "KuboStore",
    "LineIndex",
    "Manifest",
    "MemoryStore",
    "Opening",
    "PatchHeader",
    "PatchReader",
    "PinningService",
    "Side",
    "Snapshot",
    "TopIndex",
    "TriplockError",
    "Verdict",
    "VersionFields",
    "VersionHeader",
    "apply_patch",
    "audit_version",
    "build_document",
    "build_version",
    "canonical_document",
    "canonical_lines",
    "changes_between",
    "document_blocks",
    "graph_id",
    "hash_dataset",
    "hash_document",
    "load_dataset",
    "make_excerpt",
    "page_with_proof",
    "prove",
    "read_file",
    "retrieve",
    "send",
    "update_version",
    "verify_fraud",
    "verify_proof",
    "verify_version",
    "write_car",
    "write_document_version",
    "write_patch",
    "write_version",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'anchoring' has no attribute {name!r}")
    return getattr(import_module(f"anchoring.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
