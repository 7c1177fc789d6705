"""The embedded development chain: a real EVM with real headers and receipts, in a folder, without a node.

Needs the extra [devchain] (py-evm).
"""

from __future__ import annotations

from anchoring.errors import MissingExtra

try:
    import eth.vm.forks  # noqa: F401
except ImportError as missing:
    raise MissingExtra("the embedded chain", extra="devchain") from missing

from anchoring.chain.devchain.chain import DevChain
from anchoring.chain.devchain.genesis import CHAIN_ID
from anchoring.chain.devchain.server import ChainServer

__all__ = ["CHAIN_ID", "ChainServer", "DevChain"]
