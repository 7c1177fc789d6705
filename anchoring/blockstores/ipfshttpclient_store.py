"""Blocks through a client of the `ipfshttpclient` library that the caller has made.

`ipfshttpclient.Client(address)` works with a current Kubo; its `connect()` refuses the version.
The library gives no pins' errors back and no options for the request, so `KuboStore` is the better choice
wherever one is free to choose; this is for programs that hold such a client already.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from anchoring.blockstores.car import car_bytes
from anchoring.blockstores.errors import BlockCorrupt, BlockNotFound, KuboRefused, KuboUnfinished, KuboUnreachable
from anchoring.encoding.cid import Block, Cid
from anchoring.errors import ServiceFailed


class IpfsHttpClientStore:
    """A block store in the node that `client`, an `ipfshttpclient.Client`, speaks to.

    `timeout` is in seconds for each request. The client stays the caller's, who also closes it.
    """

    name = "ipfshttpclient"

    def __init__(self, client: Any, timeout: float = 60.0) -> None:
        self._client = client
        self._timeout = timeout

    def has(self, cid: Cid) -> bool:
        """Whether the node itself has the block."""
        try:
            self._client.block.stat(str(cid), opts={"offline": "true"}, timeout=self._timeout)
        except Exception as error:  # the library's errors, known by their names: it is optional
            failure = self._mapped(error, "block/stat", cid)
            if isinstance(failure, BlockNotFound):
                return False
            raise failure from error
        return True

    def get(self, cid: Cid) -> bytes:
        """The block's bytes; raises BlockNotFound, BlockCorrupt, KuboUnreachable or KuboRefused."""
        try:
            data = bytes(self._client.block.get(str(cid), opts={"offline": "true"}, timeout=self._timeout))
        except Exception as error:
            raise self._mapped(error, "block/get", cid) from error
        if not cid.matches(data):
            raise BlockCorrupt(cid, self.name)
        return data

    def put(self, blocks: Iterable[Block], roots: Sequence[Cid]) -> None:
        """Keep the blocks and pin the roots; the pins are looked up afterwards, since the import hides failures."""
        kept: list[Block] = list(blocks)
        car = io.BytesIO(b"".join(car_bytes(roots, kept)))
        try:
            self._client.dag.imprt(car, timeout=self._timeout)
            for root in roots:
                self._client.pin.add(str(root), timeout=self._timeout)
        except Exception as error:
            raise self._mapped(error, "dag/import") from error
        missing = [cid for cid, _ in kept if not self.has(cid)]
        if missing:
            raise KuboUnfinished(f"{self.name}: {len(missing)} blocks are not there", remedy="send them again")

    def _mapped(self, error: Exception, command: str, cid: Cid | None = None) -> ServiceFailed | BlockNotFound:
        text = f"{self.name}: {command}: {type(error).__name__}: {error}"[:500]
        if type(error).__name__ == "ErrorResponse":
            if cid is not None and ("not found" in text or "could not find" in text):
                return BlockNotFound(cid, self.name)
            return KuboRefused(text, remedy="see the node's log")
        return KuboUnreachable(text, remedy="check that the node runs and the client's address is its RPC")
