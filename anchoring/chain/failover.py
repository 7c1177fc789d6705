"""Several endpoints of one chain as one: the next is asked where one fails, and all are witnesses of facts.

- A request goes to the endpoint that answered last; when that one fails, to the next, and round again after a pause.
- A fact bound to a block (see witnesses.py) is asked of all that can be reached. Where two that have the block differ,
  nothing is believed: EndpointsDisagree.
- The newest block is the lowest that the endpoints name, so that all of them can witness it. One that does not follow
  the chain any more is left out, or refused where the caller is strict.
- An endpoint of another chain is dropped. A transaction is sent to all.

Left out: agreement by majority. Two that lie alike are not noticed where no third one is honest.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Literal, Protocol

from anchoring.chain import answers
from anchoring.chain.errors import (
    EndpointBusy,
    EndpointFailing,
    EndpointsDisagree,
    EndpointUnreachable,
    EndpointWrong,
    WrongChain,
)
from anchoring.chain.retries import Retries
from anchoring.chain.transport import Transport
from anchoring.chain.witnesses import agree, block_number, height, is_fact, is_stuck
from anchoring.errors import ServiceFailed

_log = logging.getLogger("anchoring.chain")

_REST: Final = 30.0
"""Seconds for which an endpoint that failed is asked only where no other answers."""

_ASKED_AGAIN: Final = 3
_SETTLING: Final = 0.5
"""How often endpoints that differ are asked, and the seconds between: a new block takes a moment to reach all."""

_REVERTED: Final = 3

Stuck = Literal["left out", "refused"]
"""What becomes of an endpoint that stands far behind another."""


class NamedTransport(Transport, Protocol):
    """A transport with a name fit for messages."""

    name: str


class _Source:
    """One endpoint and what is known of it."""

    def __init__(self, transport: NamedTransport) -> None:
        self.transport = transport
        self.name = transport.name
        self.chain_id: int | None = None
        self.rests_until = 0.0
        self.busy_until = 0.0

    def unless_busy(self) -> None:
        """Raises EndpointBusy before the time to which the endpoint put us off."""
        left = self.busy_until - time.monotonic()
        if left > 0:
            raise EndpointBusy(
                f"{self.name} asks to come back in {left:.0f} s",
                remedy="wait that long, or name a further endpoint",
                retry_after=left,
            )


class FailoverTransport:
    """Carries requests to the best of several endpoints; implements Transport.

    `chain_id` is the chain they must serve; without it, the one that the first to answer serves.
    Raises what the transports raise, EndpointsDisagree, and WrongChain when none serves the chain.
    """

    def __init__(
        self,
        transports: Sequence[NamedTransport],
        *,
        chain_id: int | None = None,
        retries: Retries | None = None,
        stuck: Stuck = "left out",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sources = [_Source(transport) for transport in transports]
        self._expected = chain_id
        self._check_chain = chain_id is not None or len(self._sources) > 1
        self._retries = retries or Retries()
        self._stuck = stuck
        self._sleep = sleep
        self._said: set[str] = set()
        self.name = ", ".join(source.name for source in self._sources)

    def make_request(self, method: Any, params: Any) -> Any:
        """The JSON-RPC response object."""
        if len(self._sources) == 1:
            return self._first(method, params)
        if method == "eth_sendRawTransaction":
            return self._to_all(method, params)
        if method == "eth_getTransactionByHash":
            return self._from_any(method, params)
        if method == "eth_getBlockByNumber" and block_number(params[0]) is None:
            return self._common_block(params)
        if method == "eth_call" and params[1:] == ["latest"]:
            newest = self._common_block(["latest", False])
            if "result" not in newest:
                return newest
            params = [params[0], newest["result"]["number"]]
        return self._agreed(method, params) if is_fact(method, params) else self._first(method, params)

    # -- one answer ---------------------------------------------------------------------------------------------------

    def _first(self, method: str, params: Any) -> Any:
        """The first answer, in rounds with pauses between; a refusal counts where no endpoint has anything better."""
        began, done = time.monotonic(), 0
        while True:
            done += 1
            failures: list[ServiceFailed] = []
            refusal: Any = None
            for source in self._in_order():
                try:
                    response = self._ask(source, method, params)
                except ServiceFailed as failed:
                    failures.append(failed)
                    if len(self._sources) > 1:
                        self._say(f"{failed.what}: the next is asked")
                    continue
                if "result" in response or _is_final(response["error"]):
                    self._prefer(source)
                    return response
                refusal = refusal or response
            if refusal is not None:
                return refusal
            self._wait(done, time.monotonic() - began, failures)

    def _wait(self, done: int, elapsed: float, failures: list[ServiceFailed]) -> None:
        """The pause after a round that failed; raises the failure when there is none to come."""
        if not self._sources:
            raise self._no_chain()
        may_pass = [each for each in failures if isinstance(each, EndpointUnreachable | EndpointFailing)]
        pauses = [each.retry_after or 0.0 for each in may_pass if isinstance(each, EndpointBusy)]
        asked = min(pauses) if may_pass and len(pauses) == len(failures) else None
        pause = self._retries.pause(done, elapsed, asked, random.random()) if may_pass else None  # noqa: S311 - jitter
        if pause is None:
            if len(failures) == 1:
                raise failures[0]
            kind = EndpointUnreachable if may_pass else EndpointWrong
            raise kind(
                f"none of {len(failures)} endpoints answers: " + "; ".join(each.what for each in failures),
                remedy="check the addresses, or name a further endpoint",
            )
        self._sleep(pause)

    def _ask(self, source: _Source, method: str, params: Any) -> Any:
        """One try at one endpoint, whose chain was seen to be the right one; a failure puts it to rest."""
        source.unless_busy()
        try:
            if self._check_chain and source.chain_id is None:
                self._learn_chain(source)
            return _response(source, method, source.transport.make_request(method, params))
        except ServiceFailed as failed:
            source.rests_until = time.monotonic() + _REST
            if isinstance(failed, EndpointBusy):
                source.busy_until = time.monotonic() + (failed.retry_after or 0.0)
            raise

    def _learn_chain(self, source: _Source) -> None:
        response = _response(source, "eth_chainId", source.transport.make_request("eth_chainId", []))
        if "result" not in response:
            raise answers.wrong(f"{source.name} refuses to name its chain")
        source.chain_id = answers.quantity(response["result"], "eth_chainId")
        if self._expected is None:
            self._expected = source.chain_id
        if source.chain_id != self._expected:
            self._sources.remove(source)
            what = f"{source.name} serves chain {source.chain_id}, not {self._expected}"
            self._say(f"{what}: it is left out")
            raise answers.wrong(what) if self._sources else self._no_chain(what)

    def _no_chain(self, what: str = "") -> WrongChain:
        return WrongChain(
            what or f"no endpoint of {self.name} serves chain {self._expected}",
            remedy="name an endpoint of the graph's chain",
        )

    # -- the answers of several ---------------------------------------------------------------------------------------

    def _each(self, method: str, params: Any) -> Iterator[tuple[_Source, Any]]:
        """The responses of those that answer now."""
        for source in self._in_order(resting=False):
            try:
                yield source, self._ask(source, method, params)
            except ServiceFailed as failed:
                self._say(f"{failed.what}: the others are asked")

    def _results(self, method: str, params: Any) -> list[tuple[_Source, Any]]:
        return [(source, each["result"]) for source, each in self._each(method, params) if "result" in each]

    def _agreed(self, method: str, params: Any) -> Any:
        """A fact on which all agree that have its block; raises EndpointsDisagree."""
        for turn in range(_ASKED_AGAIN):
            if turn:
                self._sleep(_SETTLING)
            found = self._results(method, params)
            if not found:
                return self._first(method, params)
            if not _differing(method, found):
                return {"jsonrpc": "2.0", "id": 1, "result": found[0][1]}
            witnesses = self._with_block(method, params, found)
            if witnesses and not _differing(method, witnesses):
                return {"jsonrpc": "2.0", "id": 1, "result": witnesses[0][1]}
        pair = _differing(method, witnesses or found) or (found[0][0], found[-1][0])
        raise EndpointsDisagree(
            f"{' and '.join(source.name for source in pair)} contradict each other in {method}",
            remedy="one of them is wrong or on another branch; ask again later, or leave out the one you trust less",
        )

    def _with_block(self, method: str, params: Any, found: list[tuple[_Source, Any]]) -> list[tuple[_Source, Any]]:
        """Those that have the block that the fact is bound to; who states something about a receipt has it."""
        highest = max((height(method, params, result) or 0 for _, result in found), default=0)
        by_content = method in ("eth_getTransactionReceipt", "eth_getBlockByNumber")
        return [
            (source, result)
            for source, result in found
            if (by_content and result is not None) or self._height_of(source) >= highest
        ]

    def _height_of(self, source: _Source) -> int:
        try:
            return block_number(self._ask(source, "eth_blockNumber", []).get("result")) or 0
        except ServiceFailed:
            return 0

    def _common_block(self, params: Any) -> Any:
        """The newest block (or the newest safe, finalized one) that all have."""
        found = [(s, r) for s, r in self._results("eth_getBlockByNumber", params) if _number(r) >= 0]
        if not found:
            return self._first("eth_getBlockByNumber", params)
        first, newest = max(found, key=lambda each: _number(each[1]))
        following = []
        for source, block in found:
            if is_stuck(block, newest):
                what = (
                    f"{source.name} stands at block {_number(block)}, {first.name} at {_number(newest)}: "
                    "one of them does not follow the chain"
                )
                if self._stuck == "refused":
                    raise EndpointsDisagree(what, remedy="leave out the one that is wrong")
                self._say(f"{what}; {source.name} is left out")
                source.rests_until = time.monotonic() + 2 * _REST
            else:
                following.append((source, block))
        _, lowest = min(following, key=lambda each: _number(each[1]))
        return {"jsonrpc": "2.0", "id": 1, "result": lowest}

    def _from_any(self, method: str, params: Any) -> Any:
        """What one endpoint knows, though others do not: a transaction is not in every pool."""
        found = self._results(method, params)
        known = [result for _, result in found if result is not None]
        if known or found:
            return {"jsonrpc": "2.0", "id": 1, "result": known[0] if known else None}
        return self._first(method, params)

    def _to_all(self, method: str, params: Any) -> Any:
        """The first acceptance, else the first refusal; all are asked."""
        responses = [response for _, response in self._each(method, params)]
        for response in responses:
            if "result" in response:
                return response
        return responses[0] if responses else self._first(method, params)

    # -- order --------------------------------------------------------------------------------------------------------

    def _in_order(self, *, resting: bool = True) -> list[_Source]:
        """Those to ask, the preferred first and the resting last (or not at all where another is awake)."""
        moment = time.monotonic()
        awake = [source for source in self._sources if source.rests_until <= moment]
        asleep = [source for source in self._sources if source.rests_until > moment]
        return [*awake, *asleep] if resting or not awake else awake

    def _prefer(self, source: _Source) -> None:
        source.rests_until = 0.0
        if source in self._sources:
            self._sources.remove(source)
            self._sources.insert(0, source)

    def _say(self, what: str) -> None:
        if what not in self._said:
            self._said.add(what)
            _log.warning("%s", what)


def _response(source: _Source, method: str, response: object) -> Any:
    if not isinstance(response, dict):
        raise answers.wrong(f"{source.name} answered {method} with no JSON-RPC object")
    if response.get("error") is None:
        if "result" not in response:
            raise answers.wrong(f"{source.name} answered {method} with neither result nor error")
        return {"result": response["result"]}
    return {"error": response["error"]}


def _is_final(error: object) -> bool:
    """Whether a refusal is the chain's, not the node's: a contract reverted."""
    return isinstance(error, dict) and (error.get("code") == _REVERTED or isinstance(error.get("data"), str))


def _differing(method: str, found: list[tuple[_Source, Any]]) -> tuple[_Source, _Source] | None:
    """Two that differ, if any do."""
    for source, result in found[1:]:
        if not agree(method, found[0][1], result):
            return found[0][0], source
    return None


def _number(block: object) -> int:
    found = block_number(block.get("number")) if isinstance(block, dict) else None
    return -1 if found is None else found
