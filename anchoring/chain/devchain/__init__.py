"""The embedded development chain: a real EVM with real headers and receipts, in a folder, without a node.

Needs the extra [devchain] (py-evm).
"""

from __future__ import annotations

import sys

from anchoring.errors import MissingExtra

# py-evm raises the whole process's recursion limit when it is imported, and then a deeply nested JSON from anywhere
# ends in a segmentation fault instead of an error. `devchain.evm` raises it while it executes, and only then.
try:
    limit = sys.getrecursionlimit()
    import eth.vm.forks  # noqa: F401

    sys.setrecursionlimit(limit)
except ImportError as missing:
    raise MissingExtra("the embedded chain", extra="devchain") from missing

from anchoring.chain.devchain.chain import DevChain
from anchoring.chain.devchain.genesis import CHAIN_ID
from anchoring.chain.devchain.server import ChainServer

__all__ = ["CHAIN_ID", "ChainServer", "DevChain"]
