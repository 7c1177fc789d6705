"""A client of the IPFS Pinning Service API: asks a service to fetch and keep a DAG.

Source: https://ipfs.github.io/pinning-services-api-spec/
The service fetches the blocks itself, from the node whose addresses are given as `origins`; it is believed in nothing
but its word that it pinned, which the verification of what it hands out has to show.
The access token goes into one header and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from anchoring.blockstores.deadline import BoundedClient
from anchoring.blockstores.gateway import service_address
from anchoring.blockstores.transfer import PLAIN
from anchoring.encoding.bounded_json import bounded_json
from anchoring.encoding.cid import Cid
from anchoring.errors import ServiceFailed, WrongUsage

STATUSES = ("queued", "pinning", "pinned", "failed")
MOST_ANSWER = 4 * 1024 * 1024
_PAGE = 1000
_MOST_PAGES = 1000


class PinningUnreachable(ServiceFailed):
    """The pinning service did not answer, or not in time."""

    code = "pinning-unreachable"


class PinningRefused(ServiceFailed):
    """The pinning service answered and refused, or answered what the API does not allow."""

    code = "pinning-refused"


class PinningFailed(ServiceFailed):
    """The pinning service says that it could not pin, or has not yet after the time given."""

    code = "pinning-failed"


@dataclass(frozen=True, slots=True)
class PinStatus:
    """What the service says of one request: `status` is queued, pinning, pinned or failed."""

    request: str
    status: str
    cid: str
    name: str
    created: str
    delegates: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """The document for `--json`."""
        return {
            "request": self.request,
            "status": self.status,
            "cid": self.cid,
            "name": self.name,
            "created": self.created,
            "delegates": list(self.delegates),
        }


class PinningService:
    """The service at `url` (without `/pins`); `token` is the access token. `timeout` is in seconds for each request.

    Use it as a context manager, or `close` it.
    """

    def __init__(self, url: str, token: str, *, timeout: float = 30.0) -> None:
        address = service_address(url)
        if not token or not token.isprintable() or not token.isascii():
            raise WrongUsage("the access token is empty or has characters that no header can carry", remedy="check it")
        self.name = f"pinning service {address.netloc.decode()}"
        self._timeout = timeout
        self._client = BoundedClient(
            base_url=f"{address}/",
            headers={"Authorization": f"Bearer {token}", **PLAIN},
            timeout=timeout,
            follow_redirects=False,
        )

    def add(self, cid: Cid, *, name: str = "", origins: Sequence[str] = ()) -> PinStatus:
        """Ask for a pin; the service answers at once, mostly `queued`."""
        body: dict[str, object] = {"cid": str(cid)}
        if name:
            body["name"] = name[:255]
        if origins:
            body["origins"] = list(origins)[:20]
        return self._status(self._ask("POST", "pins", json=body), cid)

    def status(self, request: str) -> PinStatus:
        """How far a request is; raises PinningRefused for one that the service does not know."""
        return self._status(self._ask("GET", f"pins/{_segment(request)}"))

    def list(self, cid: Cid | None = None, *, statuses: Sequence[str] = STATUSES) -> Iterator[PinStatus]:
        """The requests, newest first, of one CID or of all, page by page."""
        query = {"status": ",".join(statuses), "limit": str(_PAGE), **({"cid": str(cid)} if cid else {})}
        seen: set[str] = set()
        for _ in range(_MOST_PAGES):
            answer = self._ask("GET", "pins", params=query)
            results, count = answer.get("results"), answer.get("count")
            if not isinstance(results, list) or not isinstance(count, int):
                raise self._wrong("a list without count and results")
            fresh = [found for found in map(self._status, results) if found.request not in seen]
            yield from fresh
            seen.update(found.request for found in fresh)
            if not fresh or len(results) >= count:
                return
            query["before"] = fresh[-1].created

    def remove(self, request: str) -> None:
        """Give a pin up."""
        self._ask("DELETE", f"pins/{_segment(request)}")

    def pin(
        self,
        cid: Cid,
        *,
        name: str = "",
        origins: Sequence[str] = (),
        seconds: float = 300.0,
        introduce: Callable[[Sequence[str]], None] | None = None,
        pause: float = 0.5,
    ) -> PinStatus:
        """Ask for a pin and wait until it is there; one that is there or under way is not asked for again.

        `introduce` is called with the addresses at which the service waits for the blocks, for a node to connect to.
        Raises PinningFailed where the service fails or takes longer than `seconds`.
        """
        found = next(iter(self.list(cid, statuses=("pinned", "pinning", "queued"))), None)
        current = found or self.add(cid, name=name, origins=origins)
        until = time.monotonic() + seconds
        introduced: tuple[str, ...] = ()
        while current.status in ("queued", "pinning"):
            if introduce and current.delegates and current.delegates != introduced:
                introduced = current.delegates
                introduce(introduced)
            if time.monotonic() > until:
                raise PinningFailed(
                    f"{self.name} has not pinned {cid} in {seconds:g} s: {current.status}",
                    remedy="ask again later; the request stands",
                )
            time.sleep(pause)
            current = self.status(current.request)
        if current.status != "pinned":
            raise PinningFailed(
                f"{self.name} could not pin {cid}", remedy="see that its node reaches yours, then ask again"
            )
        return current

    def _ask(self, method: str, path: str, **body: Any) -> Mapping[str, Any]:
        start = time.monotonic()
        try:
            with self._client.stream(method, path, **body) as response:
                data = b""
                for piece in response.iter_raw():
                    data += piece
                    if len(data) > MOST_ANSWER or time.monotonic() - start > 2 * self._timeout:
                        raise self._wrong("an answer without end")
                status = response.status_code
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise PinningUnreachable(
                f"{self.name}: {type(error).__name__}: {error}", remedy="check the address, or ask later"
            ) from error
        if status not in (200, 202):
            raise PinningRefused(
                f"{self.name} answers {status}: {_reason(data)}",
                remedy="check the access token" if status in (401, 403) else "see what the service says",
            )
        if method == "DELETE":
            return {}
        try:
            answer = bounded_json(data)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise self._wrong(f"{data[:100]!r}")
        return answer

    def _status(self, answer: Any, cid: Cid | None = None) -> PinStatus:
        try:
            pin = answer["pin"]
            found = PinStatus(
                request=_text(answer["requestid"]),
                status=_text(answer["status"]),
                cid=_text(pin["cid"]),
                name=_text(pin.get("name") or "", empty=True),
                created=_text(answer["created"]),
                delegates=tuple(_text(each) for each in answer["delegates"][:20]),
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise self._wrong(f"a pin without what belongs to it ({error})") from None
        if found.status not in STATUSES:
            raise self._wrong(f"the status {found.status!r}")
        if cid is not None and found.cid != str(cid):
            raise self._wrong(f"the pin of {found.cid} for {cid}")
        return found

    def _wrong(self, what: str) -> PinningRefused:
        return PinningRefused(f"{self.name} answers {what}", remedy="check that the address is a pinning service")

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def __enter__(self) -> PinningService:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _text(value: object, *, empty: bool = False) -> str:
    if not isinstance(value, str) or not (value or empty) or len(value) > 2000:
        raise ValueError(repr(value)[:80])
    return value


def _segment(request: str) -> str:
    """A request's id as one segment of a path, whatever the service calls it."""
    from urllib.parse import quote

    return quote(request, safe="")


def _reason(data: bytes) -> str:
    try:
        error = bounded_json(data)["error"]
        return f"{error['reason']}: {error.get('details', '')}"[:300]
    except (ValueError, KeyError, TypeError, AttributeError):
        return data[:200].decode(errors="replace")
