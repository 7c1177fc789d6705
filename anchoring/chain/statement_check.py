"""Asks the registry itself whether a statement stands in a version: the contract checks the proof.

Other contracts can ask the same; what it costs them is in docs/gas.md.
Format: docs/format.md, section "Anchor".
"""

from __future__ import annotations

from eth_abi.abi import encode

from anchoring.chain import answers
from anchoring.chain.artifact import selector
from anchoring.chain.registry import RegistryClient
from anchoring.proofs.proof import Presence
from anchoring.signing.eip712 import VersionFields

_CHECK = selector("check(bytes32,bytes)")
_CHECK_AT = selector("checkAt(bytes32,bytes32,bytes)")
_LONGEST_PATH = 255 * 32


def packed_proof(fields: VersionFields, presence: Presence) -> bytes:
    """The proof of presence as the contract reads it: numbers, digest, lengths of both paths, paths, line.

    Raises OverflowError for what the packing has no room for, and ValueError where a path is no list of hashes; such
    a proof holds nowhere.
    """
    for path in (presence.line_path, presence.block_path):
        if len(path) % 32 or len(path) > _LONGEST_PATH:
            raise ValueError(f"a path of {len(path)} bytes")
    return b"".join(
        (
            fields.context,
            fields.quads.to_bytes(8, "big"),
            fields.blocks.to_bytes(4, "big"),
            presence.block.to_bytes(4, "big"),
            presence.index.to_bytes(4, "big"),
            presence.start.to_bytes(8, "big"),
            presence.count.to_bytes(4, "big"),
            presence.length.to_bytes(4, "big"),
            presence.digest,
            bytes([len(presence.line_path) // 32, len(presence.block_path) // 32]),
            presence.line_path,
            presence.block_path,
            presence.line,
        )
    )


def check_call(fields: VersionFields, presence: Presence) -> bytes:
    """The call data of `check`, which asks about the graph's current version; raises as `packed_proof`."""
    return _CHECK + encode(["bytes32", "bytes"], [fields.graph.graph, packed_proof(fields, presence)])


def check_at_call(fields: VersionFields, presence: Presence) -> bytes:
    """The call data of `checkAt`, which asks about the version that has `fields.head`; raises as `packed_proof`."""
    arguments = [fields.graph.graph, fields.head, packed_proof(fields, presence)]
    return _CHECK_AT + encode(["bytes32", "bytes32", "bytes"], arguments)


def check_on_chain(client: RegistryClient, fields: VersionFields, presence: Presence) -> bool:
    """Whether the contract finds the statement in the graph's current version; an earlier version is False."""
    try:
        data = check_call(fields, presence)
    except (OverflowError, ValueError):
        return False
    answer = client.endpoint.call(client.address, data)
    if len(answer) != 32:
        raise answers.wrong(f"the registry {client.address} answered {len(answer)} bytes to a check")
    return any(answer)
