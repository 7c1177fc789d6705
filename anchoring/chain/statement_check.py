"""Asks the registry itself whether a statement stands in a graph's current version: the contract checks the proof.

Other contracts can ask the same; what it costs them is in docs/format.md and measured by bench/gas.py.
"""

from __future__ import annotations

from eth_abi.abi import encode

from anchoring.chain import answers
from anchoring.chain.artifact import selector
from anchoring.chain.registry import RegistryClient
from anchoring.eip712 import CONTEXT_TYPE, VersionFields, keccak
from anchoring.proof import Presence

_STATEMENT = "(bytes32,uint64,uint32,uint32,uint32,uint64,uint32,uint32,bytes32,bytes,bytes,bytes)"
_CHECK = selector(f"check(bytes32,{_STATEMENT})")


def check_call(fields: VersionFields, presence: Presence) -> bytes:
    """The call data of `check` for a statement of the version."""
    context = keccak(keccak(CONTEXT_TYPE.encode()) + fields.parent + fields.manifest)
    statement = (
        *(context, fields.quads, fields.blocks),
        *(presence.block, presence.index),
        *(presence.start, presence.count, presence.length, presence.digest),
        *(presence.line_path, presence.block_path, presence.line),
    )
    return _CHECK + encode(["bytes32", _STATEMENT], [fields.graph.graph, statement])


def check_on_chain(client: RegistryClient, fields: VersionFields, presence: Presence) -> bool:
    """Whether the contract finds the statement in the graph's current version; an earlier version is False."""
    answer = client.endpoint.call(client.address, check_call(fields, presence))
    if len(answer) != 32:
        raise answers.wrong(f"the registry {client.address} answered {len(answer)} bytes to check")
    return any(answer)
