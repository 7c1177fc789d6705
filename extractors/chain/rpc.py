"""JSON-RPC 2.0 over HTTP, with the raw answers: batches, retries, limits.

Source: https://www.jsonrpc.org/specification
An answer counts only if its ids are those that were asked, each once. Nothing is cached and no redirect is followed.
The address may hold credentials (before an @, in the path or the query): errors and `name` show the host alone.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Literal

import httpx

from anchoring.encoding.bounded_json import bounded_json
from extractors.chain.errors import BadEndpoint, RpcAnsweredWrongly, RpcLimited, RpcRefused, RpcUnreachable
from extractors.chain.wire import wrong

LIMIT_EXCEEDED = -32005
"""Means a rate limit here. (On eth_getLogs it means a range too large for some nodes, but none is asked for.)"""

_BUSY = {408, 425, 429, 500, 502, 503, 504}
_LONGEST_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class Call:
    """A method and its parameters."""

    method: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class CallFailed:
    """The error that an endpoint answered to one call. `message` is the endpoint's own text, cut and made printable."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class _Again:
    """Why an attempt has to be repeated, and how many seconds the endpoint asked to wait."""

    reason: str
    limited: bool
    wait: float | None = None


class JsonRpc:
    """One endpoint.

    `url` is http or https; `batch` is the most calls in one request, `max_bytes` the longest answer that is read,
    `timeout` the seconds between two bytes (a whole answer may take four times as long), `attempts` how often a
    request is sent before it counts as failed.
    """

    def __init__(
        self,
        url: str,
        *,
        batch: int = 100,
        attempts: int = 5,
        timeout: float = 30.0,
        max_bytes: int = 64 * 2**20,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        try:
            address = httpx.URL(url)
        except (httpx.InvalidURL, TypeError, ValueError):
            address = httpx.URL("")
        if address.scheme not in ("http", "https") or not address.host:
            raise BadEndpoint(
                "the address of the endpoint is no http or https URL", remedy="give --rpc http://HOST:PORT"
            )
        self._url, self.name = address, endpoint_name(address.host)
        self._batch, self._attempts, self._deadline, self._max_bytes = batch, attempts, 4 * timeout, max_bytes
        self._sleep = sleep
        self._next_id = 1
        # A proxy must not see what goes to this machine itself.
        try:
            self._client = httpx.Client(timeout=timeout, trust_env=self.name != "loopback")
        except (ImportError, ValueError, OSError) as error:
            # httpx reads proxies and certificates from the environment when a client is made.
            raise BadEndpoint(
                f"no client for {self.name} can be made with the proxy and certificate variables set here"
                f" ({type(error).__name__})",
                remedy="check ALL_PROXY, HTTPS_PROXY, HTTP_PROXY, SSL_CERT_FILE and SSL_CERT_DIR",
            ) from None

    def __enter__(self) -> JsonRpc:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"JsonRpc({self.name})"

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def call(self, method: str, *params: Any) -> Any:
        """The result of one call.

        Raises RpcRefused if the endpoint answers with an error, and what `calls` raises.
        """
        (answer,) = self.calls([Call(method, params)])
        if isinstance(answer, CallFailed):
            raise RpcRefused(
                f"{self.name} refused {method}: {answer.message} ({answer.code})",
                remedy="check that the endpoint serves this method and has the state of that block",
            )
        return answer

    def calls(self, calls: Sequence[Call]) -> list[Any]:
        """The results of many calls, in the order asked; a `CallFailed` for each that the endpoint refused.

        Raises RpcUnreachable, RpcLimited, RpcAnsweredWrongly.
        """
        answers: list[Any] = []
        for start in range(0, len(calls), self._batch):
            answers += self._some(calls[start : start + self._batch])
        return answers

    def _some(self, calls: Sequence[Call]) -> list[Any]:
        """The results of one batch; halved if the answer is too long, one by one if the endpoint takes no batches."""
        answer = self._ask(calls)
        if answer == "too long":
            if len(calls) == 1:
                raise wrong(f"{self.name} answered {calls[0].method} with more than {self._max_bytes} bytes")
            half = len(calls) // 2
            return self._some(calls[:half]) + self._some(calls[half:])
        if answer == "no batches":
            self._batch = 1
            return [result for call in calls for result in self._some([call])]
        return answer

    def _ask(self, calls: Sequence[Call]) -> list[Any] | Literal["too long", "no batches"]:
        for attempt in range(1, self._attempts + 1):
            ids = range(self._next_id, self._next_id + len(calls))
            self._next_id += len(calls)
            asked = [
                {"jsonrpc": "2.0", "id": number, "method": call.method, "params": list(call.params)}
                for number, call in zip(ids, calls, strict=True)
            ]
            outcome = self._send(asked, calls[0].method)
            if not isinstance(outcome, _Again):
                if outcome is None:
                    return "too long"
                read = self._read(outcome, ids, calls)
                if not isinstance(read, _Again):
                    return read
                outcome = read
            if attempt == self._attempts:
                kind = RpcLimited if outcome.limited else RpcUnreachable
                raise kind(
                    f"{self.name} {outcome.reason}, {attempt} times",
                    remedy="wait, or use an endpoint that allows more"
                    if outcome.limited
                    else "check that it is running",
                )
            self._sleep(min(_LONGEST_WAIT, 0.25 * 2**attempt if outcome.wait is None else outcome.wait))
        raise AssertionError("attempts is at least 1")

    def _send(self, asked: list[dict[str, Any]], method: str) -> bytes | _Again | None:
        """The body of the answer, why to try again, or None if the body is longer than allowed."""
        body: object = asked if len(asked) > 1 else asked[0]
        until = time.monotonic() + self._deadline
        try:
            with self._client.stream("POST", self._url, json=body) as response:
                if response.status_code in _BUSY:
                    limited = response.status_code in (429, 503)
                    return _Again(f"answered {response.status_code} to {method}", limited, _retry_after(response))
                received = bytearray()
                for piece in response.iter_bytes():
                    received += piece
                    if len(received) > self._max_bytes:
                        return None
                    if time.monotonic() > until:
                        return _Again(f"took longer than {self._deadline:g} s to answer {method}", limited=False)
                # Some servers answer a JSON-RPC error with status 400 or 405; a body that is JSON is read all the same.
                if response.status_code != 200 and not received.lstrip().startswith((b"{", b"[")):
                    raise wrong(f"{self.name} answered {method} with HTTP status {response.status_code}")
                return bytes(received)
        except (httpx.ConnectError, httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError) as error:
            return _Again(f"could not be reached for {method} ({type(error).__name__})", limited=False)
        except httpx.HTTPError as error:
            raise wrong(f"{self.name} did not answer {method} in HTTP ({type(error).__name__})") from None

    def _read(self, body: bytes, ids: range, calls: Sequence[Call]) -> list[Any] | _Again | Literal["no batches"]:
        try:
            document = bounded_json(body)
        except ValueError:
            raise wrong(f"{self.name} answered {calls[0].method} with {body[:60]!r}, which is no JSON") from None
        answers = document if isinstance(document, list) else [document]
        if len(calls) > 1 and isinstance(document, dict):
            # A single object in answer to a batch: the batch as a whole was refused.
            refusal = _failure(document)
            if refusal is None:
                raise wrong(f"{self.name} answered a batch of {len(calls)} calls with a single result")
            if refusal.code == LIMIT_EXCEEDED:
                return _Again(f"limits requests: {refusal.message}", limited=True)
            return "no batches"
        found: dict[int, Any] = {}
        for answer in answers:
            number = answer.get("id") if isinstance(answer, dict) else None
            failure = _failure(answer) if isinstance(answer, dict) else None
            if failure is not None and failure.code == LIMIT_EXCEEDED:
                return _Again(f"limits requests: {failure.message}", limited=True)
            if failure is not None and number is None and len(calls) == 1:
                return [failure]
            if not isinstance(number, int) or isinstance(number, bool) or number not in ids or number in found:
                raise RpcAnsweredWrongly(
                    f"{self.name} answered the ids {ids[0]}-{ids[-1]} with the id {repr(number)[:60]}",
                    remedy="check that the endpoint speaks JSON-RPC 2.0 and that nothing between caches its answers",
                )
            if failure is None and "result" not in answer:
                raise wrong(f"{self.name} answered {calls[number - ids[0]].method} with neither result nor error")
            found[number] = answer["result"] if failure is None else failure
        if len(found) != len(ids):
            missing = next(number for number in ids if number not in found)
            raise wrong(
                f"{self.name} left {len(ids) - len(found)} of {len(ids)} calls unanswered, the id {missing} first"
            )
        return [found[number] for number in ids]


def endpoint_name(host: str) -> str:
    """How a host is called in claims: "loopback" for this machine, else its name, without port and credentials.

    >>> [endpoint_name(h) for h in ("127.0.0.1", "localhost", "Mainnet.Example.org")]
    ['loopback', 'loopback', 'mainnet.example.org']
    """
    bare = host.strip("[]").rstrip(".").lower()
    if bare == "localhost" or bare.endswith(".localhost"):
        return "loopback"
    try:
        return "loopback" if ipaddress.ip_address(bare).is_loopback else bare
    except ValueError:
        return bare


def _failure(answer: dict[str, Any]) -> CallFailed | None:
    error = answer.get("error")
    if error is None:
        return None
    if not isinstance(error, dict):
        return CallFailed(0, _printable(str(error)))
    code = error.get("code")
    return CallFailed(code if isinstance(code, int) else 0, _printable(str(error.get("message", ""))))


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in text[:200])


def _retry_after(response: httpx.Response) -> float | None:
    """The seconds in Retry-After, which holds a number or a date (RFC 9110 section 10.2.3)."""
    text = response.headers.get("retry-after", "")
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
