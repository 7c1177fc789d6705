"""What the registry costs in gas, measured on anvil.

python bench/gas.py                          needs TRIPLOCK_ANVIL_URL (scripts/services up anvil)
"""

from __future__ import annotations

import os
import secrets

from anchoring.anchor import ZERO_WORD
from anchoring.chain import transactions
from anchoring.chain.answers import quantity
from anchoring.chain.artifact import creation_code
from anchoring.chain.deploy import deploy_registry
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.keys import LocalKey
from anchoring.chain.publish import Publication, prepare, send, settle
from anchoring.chain.registry import RegistryClient
from anchoring.chain.statement_check import check_call
from anchoring.cid import Block, Cid
from anchoring.proof import prove_presence
from anchoring.version import build_version

QUADS = 100_000


class Memory:
    """Blocks in a dict."""

    name = "memory"

    def __init__(self) -> None:
        self.blocks: dict[Cid, bytes] = {}

    def get(self, cid: Cid) -> bytes:
        """The block's bytes."""
        return self.blocks[cid]

    def keep(self, block: Block) -> None:
        """Remember a block."""
        self.blocks[block.cid] = block.data


def used(endpoint: Endpoint, transaction: bytes) -> int:
    return quantity(transactions.wait(endpoint, transaction)["gasUsed"], "gasUsed")


def main() -> None:
    endpoint = Endpoint(os.environ["TRIPLOCK_ANVIL_URL"])
    key = LocalKey(secrets.token_bytes(32))
    endpoint.request("anvil_setBalance", [key.address, hex(10**21)])
    registry = RegistryClient(endpoint, deploy_registry(endpoint, key))
    creation = transactions.sign(
        endpoint, key, {"from": key.address, "data": "0x" + creation_code().hex()}, ceiling=None, replaces=None
    )
    transactions.send(endpoint, creation.raw)
    rows = [("deploy the registry", used(endpoint, creation.hash))]

    memory = Memory()
    lines = [f'<http://example.org/s/{n:06}> <http://example.org/p> "{"x" * 100}" .'.encode() for n in range(QUADS)]
    dataset = build_version(lines, memory.keep)
    made, parent = dataset.commitment, ZERO_WORD
    for name in ("publish the first version", "publish a later version", "publish a later version"):
        publication = Publication(
            b"bench".ljust(32), parent, made.root, made.quads, made.blocks, secrets.token_bytes(32)
        )
        prepared = prepare(registry, key, publication)
        send(registry, prepared)
        parent = settle(registry, prepared).head
        rows.append((name, used(endpoint, prepared.transaction.hash)))

    presence = prove_presence(lines[QUADS // 2], dataset, memory)
    call = check_call(publication.fields(registry, key.address), presence)
    siblings = (len(presence.line_path) + len(presence.block_path)) // 32
    message = {"from": key.address, "to": registry.address, "data": "0x" + call.hex()}
    check = transactions.sign(endpoint, key, message, ceiling=None, replaces=None)
    transactions.send(endpoint, check.raw)
    size = f"{QUADS} statements, {siblings} siblings, line of {len(presence.line)} bytes"
    rows.append((f"check a statement as a transaction ({size})", used(endpoint, check.hash)))
    rows.append(("check a statement as a call: no transaction, no gas", 0))
    for name, gas in rows:
        print(f"{gas:>10,}  {name}")


if __name__ == "__main__":
    main()
