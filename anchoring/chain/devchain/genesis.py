"""The first block of every embedded chain: always the same, so its hash is a constant.

It holds two accounts: the faucet, whose key is public and which pays for whoever publishes here, and the
deterministic deployer that most chains have at the same address (https://github.com/Arachnid/deterministic-deployment-proxy),
so that the registry stands at one address here and there.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from anchoring.chain.faucet import DEVCHAIN_ID

CHAIN_ID: Final = DEVCHAIN_ID

FAUCET_KEY: Final = hashlib.sha256(b"triplock development chain faucet").digest()
"""Public on purpose: whoever can reach this chain may spend here, and nothing on it has a price."""

FAUCET_ADDRESS: Final = bytes.fromhex("4a912898b2edcd0417101b8cec72e5003a82bf76")

DEPLOYER_ADDRESS: Final = bytes.fromhex("4e59b44847b379578588920ca78fbf26c0b4956c")
DEPLOYER_CODE: Final = bytes.fromhex(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0"
    "3601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
)

GENESIS_TIME: Final = 1_704_067_200
"""2024-01-01T00:00:00Z, before any block."""

GAS_LIMIT: Final = 30_000_000
FIRST_BASE_FEE: Final = 10**9

PARAMETERS: Final[dict[str, Any]] = {
    "coinbase": bytes(20),
    "difficulty": 0,
    "extra_data": b"triplock",
    "gas_limit": GAS_LIMIT,
    "mix_hash": bytes(32),
    "nonce": bytes(8),
    "timestamp": GENESIS_TIME,
    "base_fee_per_gas": FIRST_BASE_FEE,
}

STATE: Final[dict[bytes, dict[str, Any]]] = {
    FAUCET_ADDRESS: {"balance": 10**30, "nonce": 0, "code": b"", "storage": {}},
    DEPLOYER_ADDRESS: {"balance": 0, "nonce": 1, "code": DEPLOYER_CODE, "storage": {}},
}
