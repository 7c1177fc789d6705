"""The errors of reading chains.

::

    TriplockError
    ├── WrongUsage
    │   ├── BadBlockRange        the text is no range of blocks, or the range is empty
    │   ├── BadEndpoint          the address is no http or https URL, or the environment's proxy cannot be used
    │   └── UnknownDataset       no dataset has this name
    ├── InputRefused
    │   ├── BadRows              a file of ethereum-etl rows cannot be read, or contradicts itself
    │   ├── BadChainList         a file is no list of chains
    │   └── BadTokenList         a file is no token list of a known format
    └── ServiceFailed
        ├── RpcUnreachable       no connection, or none that lasted
        ├── RpcLimited           the endpoint refuses for now: too many requests
        ├── RpcAnsweredWrongly   the answer is no JSON-RPC, or contradicts itself or the question
        ├── RpcRefused           the endpoint answered the call with an error
        ├── BlockAbsent          the endpoint does not have the block
        ├── HeaderMismatch       the header does not re-hash to the hash that is claimed for it
        ├── HeaderIncomplete     fields of the header are missing, so it cannot be re-hashed
        └── ParentMismatch       a block does not follow the one before it
"""

from __future__ import annotations

from anchoring.errors import InputRefused, ServiceFailed, WrongUsage


class BadBlockRange(WrongUsage):
    """The text is no range of blocks, or the range holds none."""

    code = "bad-block-range"


class BadEndpoint(WrongUsage):
    """The address of the endpoint is no http or https URL, or the proxy that the environment names cannot be used."""

    code = "bad-rpc-address"


class UnknownDataset(WrongUsage):
    """No dataset has this name."""

    code = "unknown-dataset"


class BadRows(InputRefused):
    """A file of ethereum-etl rows cannot be read, or the rows contradict each other."""

    code = "bad-rows"


class BadChainList(InputRefused):
    """The file is no list of chains."""

    code = "bad-chain-list"


class BadTokenList(InputRefused):
    """The file is no token list of a known format."""

    code = "bad-token-list"


class RpcUnreachable(ServiceFailed):
    """No connection to the endpoint, or none that lasted."""

    code = "rpc-unreachable"


class RpcLimited(ServiceFailed):
    """The endpoint refuses for now: too many requests."""

    code = "rpc-limited"


class RpcAnsweredWrongly(ServiceFailed):
    """The answer is no JSON-RPC answer to what was asked, or contradicts itself."""

    code = "rpc-answered-wrongly"


class RpcRefused(ServiceFailed):
    """The endpoint answered a call with an error of its own; the same call will fail again."""

    code = "rpc-call-refused"
    retryable = False


class BlockAbsent(ServiceFailed):
    """The endpoint does not have the block (not yet, or not any more)."""

    code = "block-absent"


class HeaderMismatch(ServiceFailed):
    """The header does not re-hash to the hash that the source claims for it."""

    code = "header-mismatch"
    retryable = False


class HeaderIncomplete(ServiceFailed):
    """Fields of the header are missing, so it cannot be re-hashed."""

    code = "header-incomplete"
    retryable = False


class ParentMismatch(ServiceFailed):
    """A block does not follow the one before it."""

    code = "parent-mismatch"
