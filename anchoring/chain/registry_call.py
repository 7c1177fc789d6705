"""One transaction to the registry, from its price to its receipt, where there is nothing to resume.

Who is cut off may call again: what the registry has done it refuses or repeats without harm.
Publishing a version has more to lose, and goes by `anchoring.chain.advance`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anchoring.chain import transactions
from anchoring.chain.advance import Consent, Declined, willing
from anchoring.chain.errors import PublishReverted
from anchoring.chain.keys import Signer
from anchoring.chain.registry import RegistryClient
from anchoring.chain.reverts import understood
from anchoring.signing.anchor import ZERO_WORD


def call_registry(
    client: RegistryClient,
    signer: Signer,
    data: bytes,
    *,
    parent: bytes = ZERO_WORD,
    ceiling: int | None = None,
    consent: Consent = willing,
) -> Mapping[str, Any]:
    """Send `data` to the registry and wait for the block; the receipt.

    `parent` is the head word that it builds on, for the words of StaleParent;
    `ceiling` is the most wei it may cost, `consent` is shown the cost before anything is signed.
    Raises Declined where that says no, what the registry refuses with (NotPublisher, StaleParent, RelayRefused),
    FeeAboveCeiling, InsufficientFunds, PublishPending, and PublishReverted where the chain undid it.
    """
    endpoint = client.endpoint
    message = {"from": signer.address, "to": client.address, "data": "0x" + data.hex()}
    transactions.wait_for_account(endpoint, signer.address)
    with understood(parent):
        quoted = transactions.quote(endpoint, message, ceiling=ceiling, replaces=None)
        if not consent(quoted.cost):
            raise Declined
        signed = transactions.sign(
            endpoint, signer, message, ceiling=ceiling, replaces=None, quoted=quoted, chain_id=client.chain_id()
        )
    transactions.send(endpoint, signed.raw)
    receipt = transactions.wait(endpoint, signed.hash)
    if receipt.get("status") != "0x1":
        raise PublishReverted(
            f"the chain undid the transaction 0x{signed.hash.hex()}: what it was to do was no longer allowed",
            remedy="look at the graph's head and owner, and try again",
        )
    return receipt
