"""Blocks in a Kubo node, through its RPC (https://docs.ipfs.tech/reference/kubo/rpc/).

Blocks are built here and sent as one CAR to `dag/import`, because the CIDs that `add` gives depend on the node.
A node can answer 200 and have done less than it was asked; each known case is checked for:

- a pin that failed is a `PinErrorMsg` inside a 200: one `Root` line without it is demanded for each root;
- an import that ended early says so in an HTTP trailer only: the count of blocks in the `Stats` line must agree;
- an incomplete DAG makes an online node search for ever: a `timeout=` goes with every request;
- a 0-byte raw block is kept but never sent on to others: it is refused here;
- bytes that rotted on the node's disk are served: every block's hash is checked.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

import httpx

from anchoring.blockstores.car import write_car
from anchoring.blockstores.deadline import BoundedClient
from anchoring.blockstores.errors import (
    BlockCorrupt,
    BlockNotFound,
    BlockTooLarge,
    KuboRefused,
    KuboUnfinished,
    KuboUnreachable,
)
from anchoring.blockstores.gateway import service_address
from anchoring.blockstores.transfer import LARGEST_BLOCK, PLAIN, document, lines, read_block
from anchoring.encoding.bounded_json import bounded_json
from anchoring.encoding.cid import RAW, BadCid, Block, Cid
from anchoring.errors import InputRefused, WrongUsage

_IN_MEMORY = 8 * 1024 * 1024
_GRACE = 5.0
"""Seconds by which we wait longer than the node was told to, so that its own words are heard."""

_ABSENT = ("could not find", "not found locally", "not found")
_TOO_LATE = ("context deadline exceeded", "timeout", "context canceled")


class EmptyRawBlock(InputRefused):
    """A raw block of 0 bytes, which nodes keep but never hand on."""

    code = "empty-raw-block"


class KuboStore:
    """A block store in the node whose RPC listens at `url` (`http://127.0.0.1:5001`).

    `auth` is (user, password), a bearer token, or None; `timeout` is in seconds for each request.
    With `offline`, `get` only looks into the node's own storage; otherwise the node may ask the network.
    Use it as a context manager, or `close` it.
    """

    def __init__(
        self,
        url: str,
        auth: tuple[str, str] | str | None = None,
        timeout: float = 60.0,
        *,
        offline: bool = False,
    ) -> None:
        address = service_address(url)
        if timeout <= 0:
            raise WrongUsage(f"a timeout of {timeout} s", remedy="give a number of seconds above 0")
        self._timeout = timeout
        self._offline = offline
        self.name = f"kubo {address.netloc.decode()}"
        self._client = BoundedClient(
            base_url=f"{address}/api/v0/",
            auth=auth if isinstance(auth, tuple) else None,
            headers={**PLAIN, **({"Authorization": f"Bearer {auth}"} if isinstance(auth, str) else {})},
            timeout=timeout + _GRACE,
            follow_redirects=False,
        )

    def has(self, cid: Cid) -> bool:
        """Whether the node itself has the block; the network is not asked."""
        try:
            with self._ask("block/stat", {"arg": str(cid), "offline": "true"}) as response:
                document(response, self._timeout + _GRACE)
        except _Absent:
            return False
        return True

    def get(self, cid: Cid) -> bytes:
        """The block's bytes; raises BlockNotFound, BlockCorrupt, BlockTooLarge, KuboUnreachable or KuboRefused."""
        options = {"offline": "true"} if self._offline else {}
        try:
            with self._ask("block/get", {"arg": str(cid), **options}) as response:
                return read_block(response, cid, self.name, self._timeout + _GRACE)
        except _Absent as absent:
            raise BlockNotFound(
                cid, self.name, remedy=f"it said: {absent.said}; connect it to a node that has it"
            ) from None

    def put(self, blocks: Iterable[Block], roots: Sequence[Cid]) -> None:
        """Keep the blocks and pin the roots with all that they link to, some of which may be there already.

        Raises KuboUnfinished when the node does not confirm every block and every pin,
        KuboUnreachable, KuboRefused, and InputRefused for a block that no node would hand on.
        """
        count = 0

        def counted() -> Iterator[Block]:
            nonlocal count
            for block in blocks:
                _check(block)
                count += 1
                yield block

        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as car:
            write_car(car, roots, counted())  # type: ignore[arg-type]  # a spooled file is a binary stream
            if count or roots:
                car.seek(0)
                self._import(car, count, roots)  # type: ignore[arg-type]

    def _import(self, car: BinaryIO, count: int, roots: Sequence[Cid]) -> None:
        options = {"pin-roots": "true" if roots else "false", "stats": "true", "allow-big-block": "false"}
        pinned: dict[str, str] = {}
        imported: int | None = None
        try:
            with self._ask(
                "dag/import", options, files={"file": ("blocks.car", car, "application/vnd.ipld.car")}
            ) as answer:
                for line in lines(answer):
                    said = self._object(line)
                    if "Root" in said:
                        pinned[said["Root"]["Cid"]["/"]] = said["Root"].get("PinErrorMsg", "")
                    elif "Stats" in said:
                        imported = said["Stats"]["BlockCount"]
        except _Absent as absent:
            raise KuboRefused(f"{self.name}: dag/import: {absent.said}", remedy="send the missing blocks too") from None
        except (KeyError, TypeError) as error:
            raise self._unfinished(f"an answer that Kubo does not give ({error!r})") from error
        for root in roots:
            if problem := pinned.get(str(root), "no word of it"):
                raise self._unfinished(f"pinning {root}: {problem}")
        if imported != count:
            raise self._unfinished(f"{count} blocks sent, {imported} confirmed")

    def _unfinished(self, problem: str) -> KuboUnfinished:
        return KuboUnfinished(
            f"{self.name}: dag/import: {problem}", remedy="send all blocks again, with those the node lacks"
        )

    def pins(self) -> Iterator[Cid]:
        """The roots that the node has pinned recursively; pins of other kinds of CID are passed over."""
        with self._ask("pin/ls", {"type": "recursive", "stream": "true"}) as response:
            for line in lines(response):
                try:
                    yield Cid.parse(str(self._object(line).get("Cid")))
                except BadCid:
                    continue

    def complete(self, root: Cid) -> bool:
        """Whether the node itself has the block and all that hangs below it; the network is not asked."""
        try:
            with self._ask("dag/stat", {"arg": str(root), "offline": "true", "progress": "false"}) as response:
                counts = [self._object(line).get("UniqueBlocks") for line in lines(response) if line]
        except _Absent:
            return False
        return bool(counts) and isinstance(counts[-1], int) and counts[-1] > 0

    def pinned(self, root: Cid) -> bool:
        """Whether the root is pinned recursively."""
        try:
            with self._ask("pin/ls", {"arg": str(root), "type": "recursive"}) as response:
                keys = self._object(document(response, self._timeout + _GRACE)).get("Keys")
        except KuboRefused as refused:
            if "is not pinned" in refused.what:
                return False
            raise
        return isinstance(keys, dict) and str(root) in keys

    def below(self, root: Cid) -> Iterator[Cid]:
        """All that hangs below a root which the node has whole; CIDs of other formats are passed over.

        Raises BlockNotFound where the node lacks a part, of which it tells in the middle of its answer.
        """
        options = {"arg": str(root), "recursive": "true", "unique": "true", "offline": "true"}
        try:
            with self._ask("refs", options) as response:
                for line in lines(response):
                    said = self._object(line)
                    if said.get("Err"):
                        raise BlockNotFound(root, self.name, remedy=f"it said: {str(said['Err'])[:300]}")
                    try:
                        yield Cid.parse(str(said.get("Ref")))
                    except BadCid:
                        continue
        except _Absent as absent:
            raise BlockNotFound(root, self.name, remedy=f"it said: {absent.said}") from None

    def unpin(self, root: Cid) -> bool:
        """Take a recursive pin away; whether there was one. The blocks go with the node's next collection."""
        try:
            with self._ask("pin/rm", {"arg": str(root)}) as response:
                document(response, self._timeout + _GRACE)
        except KuboRefused as refused:
            if "not pinned" in refused.what:
                return False
            raise
        return True

    def addresses(self) -> list[str]:
        """The multiaddresses by which other nodes reach this one."""
        with self._ask("id", {}) as response:
            listed = self._object(document(response, self._timeout + _GRACE)).get("Addresses")
        return [str(address) for address in listed] if isinstance(listed, list) else []

    def connect(self, address: str) -> None:
        """Connect the node to another one; raises KuboRefused where it cannot."""
        with self._ask("swarm/connect", {"arg": address}) as response:
            document(response, self._timeout + _GRACE)

    def _object(self, line: str) -> Mapping[str, Any]:
        try:
            said = bounded_json(line)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise KuboRefused(f"{self.name} answers {line[:200]!r}", remedy="check that the address is a Kubo RPC")
        if said.get("Type") == "error":
            raise KuboRefused(f"{self.name}: {said.get('Message')}", remedy="see the node's log")
        return said

    @contextmanager
    def _ask(self, command: str, options: Mapping[str, str], **body: Any) -> Iterator[httpx.Response]:
        """One RPC; within it httpx's errors and the node's refusals become ours."""
        query = {**options, "timeout": f"{self._timeout:g}s"}
        try:
            with self._client.stream("POST", command, params=query, **body) as response:
                if response.status_code != 200:
                    self._refuse(command, response)
                yield response
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise KuboUnreachable(
                f"{self.name}: {command}: {type(error).__name__}: {error}",
                remedy="check that the node runs and the address is its RPC",
            ) from error

    def _refuse(self, command: str, response: httpx.Response) -> None:
        text = document(response, self._timeout + _GRACE)[:2000].strip()
        try:
            said = str(bounded_json(text)["Message"])
        except (ValueError, KeyError, TypeError):
            said = text[:300]
        if response.status_code == 403:
            raise KuboRefused(f"{self.name} refuses access ({said})", remedy="give the node's user and password")
        if response.status_code == 500 and any(words in said for words in _ABSENT):
            raise _Absent(said)
        if response.status_code == 500 and command == "block/get" and any(words in said for words in _TOO_LATE):
            raise _Absent(f"{said} after {self._timeout:g} s")
        raise KuboRefused(
            f"{self.name}: {command} answers {response.status_code}: {said[:500]}", remedy="see the node's log"
        )

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def __enter__(self) -> KuboStore:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class _Absent(Exception):  # never leaves this file
    """The node says that it has no such block."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


def _check(block: Block) -> None:
    if not block.cid.matches(block.data):
        raise BlockCorrupt(block.cid, "the blocks handed in", remedy="build the block's CID from its bytes")
    if len(block.data) > LARGEST_BLOCK:
        raise BlockTooLarge(
            f"block {block.cid} has {len(block.data)} bytes, more than {LARGEST_BLOCK}",
            remedy="cut it into smaller ones",
        )
    if not block.data and block.cid.codec == RAW:
        raise EmptyRawBlock(
            f"block {block.cid} is raw and empty", remedy="write the empty file as the dag-pb block 0a0408021800"
        )
