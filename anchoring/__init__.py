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
    from anchoring.anchor import Anchor, AnchorSource, BlockReference, GraphId
    from anchoring.auditing import audit_version
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
    from anchoring.bundle import Bundle
    from anchoring.canonical import canonical_lines
    from anchoring.chain_proof.proof import ChainProof
    from anchoring.check_anchor import Chain
    from anchoring.cid import Block, Cid
    from anchoring.claims import Claim, ClaimKind
    from anchoring.difference import Side, changes_between
    from anchoring.document_build import build_document, canonical_document, hash_document
    from anchoring.document_version import write_document_version
    from anchoring.eip712 import VersionFields, graph_id
    from anchoring.errors import TriplockError
    from anchoring.excerpt import Excerpt, make_excerpt
    from anchoring.first_lines import FirstLines
    from anchoring.fraud import FraudProof, verify_fraud
    from anchoring.incremental import update_version
    from anchoring.line_index import LineIndex
    from anchoring.manifest import Manifest
    from anchoring.opening import Opening
    from anchoring.proving import BuiltVersion, prove
    from anchoring.rdf_patch import PatchHeader, PatchReader, apply_patch, write_patch
    from anchoring.snapshot import Snapshot, VersionHeader, write_version
    from anchoring.top_index import TopIndex
    from anchoring.unixfs import document_blocks
    from anchoring.unixfs_reader import read_file
    from anchoring.verdict import Verdict
    from anchoring.verify import verify_version
    from anchoring.verify_bundle import verify_proof
    from anchoring.verify_page import page_with_proof
    from anchoring.version import Commitment, Dataset, build_version, hash_dataset, load_dataset

_HOMES = {
    "anchor": ("Anchor", "AnchorSource", "BlockReference", "GraphId"),
    "auditing": ("audit_version",),
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
    "bundle": ("Bundle",),
    "canonical": ("canonical_lines",),
    "chain_proof.proof": ("ChainProof",),
    "check_anchor": ("Chain",),
    "cid": ("Block", "Cid"),
    "claims": ("Claim", "ClaimKind"),
    "difference": ("Side", "changes_between"),
    "document_build": ("build_document", "canonical_document", "hash_document"),
    "document_version": ("write_document_version",),
    "eip712": ("VersionFields", "graph_id"),
    "errors": ("TriplockError",),
    "excerpt": ("Excerpt", "make_excerpt"),
    "first_lines": ("FirstLines",),
    "fraud": ("FraudProof", "verify_fraud"),
    "incremental": ("update_version",),
    "line_index": ("LineIndex",),
    "manifest": ("Manifest",),
    "opening": ("Opening",),
    "proving": ("BuiltVersion", "prove"),
    "rdf_patch": ("PatchHeader", "PatchReader", "apply_patch", "write_patch"),
    "snapshot": ("Snapshot", "VersionHeader", "write_version"),
    "top_index": ("TopIndex",),
    "unixfs": ("document_blocks",),
    "unixfs_reader": ("read_file",),
    "verdict": ("Verdict",),
    "verify": ("verify_version",),
    "verify_bundle": ("verify_proof",),
    "verify_page": ("page_with_proof",),
    "version": ("Commitment", "Dataset", "build_version", "hash_dataset", "load_dataset"),
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
