"""Blocks from a trustless IPFS gateway: public, read-only, and believed in nothing.

Source: https://specs.ipfs.tech/http-gateways/trustless-gateway/ (`GET /ipfs/CID?format=raw`, and `format=car` for
many blocks in one answer).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import httpx

from anchoring.blockstores.car_stream import blocks_of_car
from anchoring.blockstores.deadline import BoundedClient
from anchoring.blockstores.errors import BlockNotFound, GatewayRefused, GatewayUnreachable
from anchoring.blockstores.transfer import PLAIN, body, read_block
from anchoring.encoding.cid import Block, Cid
from anchoring.errors import WrongUsage

_RAW = "application/vnd.ipld.raw"
_CAR = "application/vnd.ipld.car; version=1; order=dfs; dups=n"
_MOST_REDIRECTS = 3
_ABSENT = (404, 410, 412)


class BadAddress(WrongUsage):
    """The address of a gateway or node is no http or https URL."""

    code = "bad-service-address"


def service_address(url: str) -> httpx.URL:
    """The address without a trailing slash; raises BadAddress."""
    try:
        parsed = httpx.URL(url.rstrip("/"))
    except httpx.InvalidURL as error:
        raise BadAddress(f"{url[:200]!r}: {error}", remedy="give http://HOST:PORT or https://HOST") from None
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo:
        raise BadAddress(
            f"{parsed.copy_with(username=None, password=None)} is no plain http or https address",
            remedy="give http://HOST:PORT or https://HOST, credentials apart",
        )
    return parsed


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


class GatewayReader:
    """Reads blocks from the gateway at `url`; each one's hash is checked.

    `timeout` is in seconds, for one block. A redirect is followed on the same host and port (or from http to https),
    and to the hosts in `allow_hosts`; any other is refused, since it would tell a third party what is read, or reach
    what only this machine can reach.
    Use it as a context manager, or `close` it.
    """

    def __init__(self, url: str, *, timeout: float = 60.0, allow_hosts: Collection[str] = ()) -> None:
        self._url = service_address(url)
        self._timeout = timeout
        self._allowed = frozenset(allow_hosts)
        self._client = BoundedClient(timeout=timeout, headers=PLAIN, follow_redirects=False)
        self.name = f"gateway {self._url.netloc.decode()}"

    def get(self, cid: Cid) -> bytes:
        """The block's bytes.

        Raises BlockNotFound, BlockCorrupt, BlockTooLarge, GatewayUnreachable or GatewayRefused.
        """
        with self._answer(cid, "format=raw", _RAW) as response:
            return read_block(response, cid, self.name, self._timeout)

    def stream(self, cid: Cid) -> Iterator[Block]:
        """The blocks of the DAG below `cid` in one answer, each one's hash checked, parents before children.

        It may end early, and bring blocks that were not asked for: whoever reads decides what to take.
        Raises what `get` raises, and BadCar.
        """
        with self._answer(cid, "format=car&dag-scope=all", _CAR) as response:
            kind = response.headers.get("content-type", "")
            if not kind.startswith("application/vnd.ipld.car"):
                raise GatewayRefused(f"{self.name} gives {kind[:80]!r} for a CAR", remedy="name another gateway")
            yield from blocks_of_car(body(response, self._timeout), self.name)

    @contextmanager
    def _answer(self, cid: Cid, query: str, accept: str) -> Iterator[httpx.Response]:
        """The answer of 200 to one request; within it httpx's errors become ours."""
        url = httpx.URL(f"{self._url}/ipfs/{cid}?{query}")
        try:
            for _ in range(_MOST_REDIRECTS + 1):
                with self._client.stream("GET", url, headers={"Accept": accept}) as response:
                    if response.is_redirect:
                        url = self._next(url, response)
                        continue
                    self._check_status(response, cid)
                    yield response
                    return
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise GatewayUnreachable(
                f"{self.name}: {type(error).__name__}: {error}", remedy="check the address, or name another gateway"
            ) from error
        raise GatewayRefused(f"{self.name} redirects more than {_MOST_REDIRECTS} times", remedy="name another gateway")

    def _next(self, url: httpx.URL, response: httpx.Response) -> httpx.URL:
        target = url.join(response.headers["location"])
        if target.scheme not in ("http", "https") or not (target.host in self._allowed or self._same_place(target)):
            raise GatewayRefused(
                f"{self.name} redirects to {target.netloc.decode(errors='replace')!r}",
                remedy="name that gateway itself, or allow the host",
            )
        if url.scheme == "https" and target.scheme == "http":
            raise GatewayRefused(f"{self.name} redirects from https to http", remedy="name another gateway")
        return target

    def _same_place(self, target: httpx.URL) -> bool:
        """Whether it is the gateway's own address; the default ports of http and https count as one."""
        ports = {_port(self._url), _port(target)}
        return target.host == self._url.host and (len(ports) == 1 or ports == {80, 443})

    def _check_status(self, response: httpx.Response, cid: Cid) -> None:
        if response.status_code in _ABSENT:
            raise BlockNotFound(cid, self.name)
        if response.status_code != 200:
            raise GatewayRefused(
                f"{self.name} answers {response.status_code} {response.reason_phrase} for {cid}",
                remedy="wait and try again, or name another gateway",
            )

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def __enter__(self) -> GatewayReader:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
