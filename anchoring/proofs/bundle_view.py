"""A proof bundle as JSON for people: lines and manifests as text, hashes as 0x hexadecimal digits, blocks in base64.

This form is not read back. Format: docs/format.md, section "Proof bundle".
"""

from __future__ import annotations

import base64

from anchoring.chain_proof.proof import ChainProof
from anchoring.proofs.bundle import FORMAT, Bundle
from anchoring.proofs.excerpt import Excerpt
from anchoring.proofs.opening import OpenedBlock, Opening
from anchoring.signing.manifest import Manifest


def bundle_view(bundle: Bundle) -> dict[str, object]:
    """The document that `triplock prove --view` prints."""
    fields = bundle.manifest.fields
    return {
        "format": FORMAT,
        "claim": {
            "kind": str(bundle.claim.kind),
            "statements": [_text(statement) for statement in bundle.claim.statements],
            "condition": bundle.claim.condition,
        },
        "about": {
            "graph": str(fields.graph),
            "version": fields.version,
            "root": _hex(fields.root),
            "quads": fields.quads,
            "blocks": fields.blocks,
            "parent": _hex(fields.parent),
            "manifest": _hex(fields.manifest),
            "head": _hex(fields.head),
        },
        "version": {
            "manifest": _manifest(bundle.manifest),
            "signature": _hex(bundle.signature),
            "opening": _opening(bundle.opening),
        },
        "parent": {
            "manifest": _manifest(bundle.parent.manifest),
            "opening": _opening(bundle.parent.opening),
        }
        if bundle.parent
        else {},
        "excerpts": [_excerpt(each) for each in bundle.excerpts],
        "chain": _chain(bundle.chain),
        "ext": {},
        "integrity": _hex(bundle.encode()[-32:]),
    }


def _chain(chain: ChainProof) -> dict[str, object]:
    parts: dict[str, object] = {}
    if chain.anchor:
        anchor = chain.anchor
        parts["anchor"] = {
            "header": _hex(anchor.header),
            "index": anchor.index,
            "log": anchor.log,
            "receipt": [_hex(node) for node in anchor.receipt],
        }
    if chain.head:
        parts["head"] = {
            "header": _hex(chain.head.header),
            "account": [_hex(node) for node in chain.head.account],
            "storage": [_hex(node) for node in chain.head.storage],
        }
    return parts


def _text(content: bytes) -> str:
    return content.decode(errors="replace")


def _hex(content: bytes) -> str:
    return f"0x{content.hex()}"


def _manifest(manifest: Manifest) -> str:
    return _text(manifest.encode())


def _opening(opening: Opening) -> dict[str, object]:
    return {"blocks": [_block(block) for block in opening.blocks], "path": _hex(opening.path)}


def _block(block: OpenedBlock) -> dict[str, object]:
    return {
        "block": block.block,
        "start": block.start,
        "count": block.count,
        "length": block.length,
        "digest": _hex(block.digest),
        "indexes": list(block.indexes),
        "lines": [_text(line) for line in block.lines],
        "path": _hex(block.path),
    }


def _excerpt(excerpt: Excerpt) -> dict[str, object]:
    return {
        "document": str(excerpt.document),
        "start": excerpt.start,
        "end": excerpt.end,
        "quote": excerpt.quote,
        "blocks": [base64.b64encode(block).decode() for block in excerpt.blocks],
    }
