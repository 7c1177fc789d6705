"""Carries one JSON-RPC request: over HTTP, or to the embedded chain in this process.

Specification: https://www.jsonrpc.org/specification over POST. Nothing is tried twice here: see failover.py.
A URL may hold credentials, so no error, repr or log of ours shows more of it than scheme, host and port.
"""

from __future__ import annotations

import json
import re
import time
import weakref
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import requests

from anchoring.chain import answers
from anchoring.chain.errors import BadEndpoint, EndpointBusy, EndpointFailing, EndpointUnreachable
from anchoring.encoding.bounded_json import bounded_json

if TYPE_CHECKING:
    from anchoring.chain.devchain import DevChain

CONNECT_TIMEOUT = 5.0
"""Seconds until a machine that does not answer counts as unreachable."""

ANSWER_TIMEOUT = 60.0
"""Seconds for one whole answer."""

LARGEST_ANSWER = 256 * 1024 * 1024
"""Bytes of one answer; a block with all receipts has some 10 MB."""

_SECONDS = re.compile(r"[0-9]{1,6}")


class Transport(Protocol):
    """Carries one request; what web3 calls a provider answers to this as well."""

    def make_request(self, method: Any, params: Any) -> Any:
        """The JSON-RPC response object, with `result` or `error`."""
        ...


def public_name(url: str) -> str:
    """Scheme, host and port of an http(s) URL, which is what messages may show; raises BadEndpoint.

    >>> public_name("https://user:secret@node.example/v3/KEY")
    'https://node.example'
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if parts.scheme not in ("http", "https") or not host:
        # The text is not shown: it may be a key in the wrong place.
        raise BadEndpoint("the endpoint is no http or https URL", remedy="give --rpc http://HOST:PORT")
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


class HttpTransport:
    """Requests over one kept connection, with a limit on the size and on the whole time of an answer.

    Not web3's HTTPProvider: it takes two seconds to import, logs the URL, and knows neither limit.
    Raises EndpointUnreachable, EndpointBusy (429, 503), EndpointFailing (other 5xx, an answer broken off) and
    EndpointWrong (no JSON-RPC answer).
    """

    def __init__(self, url: str, *, connect_timeout: float = CONNECT_TIMEOUT, timeout: float = ANSWER_TIMEOUT) -> None:
        self.name = public_name(url)
        self._timeouts = (connect_timeout, timeout)
        self._url = url
        self._session = requests.Session()
        # The connection is closed with the transport, which nobody has to remember to close.
        weakref.finalize(self, self._session.close)

    def __repr__(self) -> str:
        return f"HttpTransport({self.name!r})"

    def make_request(self, method: Any, params: Any) -> Any:
        """The JSON-RPC response object."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        try:
            content = self._post(json.dumps(request).encode())
        except requests.exceptions.ChunkedEncodingError as problem:
            # `from None` everywhere: the cause's text holds the URL.
            raise self._failing(f"broke off its answer ({type(problem).__name__})") from None
        except (requests.ConnectionError, requests.Timeout) as problem:
            raise EndpointUnreachable(
                f"{self.name} cannot be reached ({type(problem).__name__})",
                remedy="check the address and that the node runs",
            ) from None
        except requests.RequestException as problem:
            raise answers.wrong(f"{self.name} broke off its answer ({type(problem).__name__})") from None
        try:
            return bounded_json(content)
        except ValueError:
            raise answers.wrong(f"{self.name} answered {method} with something that is not JSON") from None

    def _post(self, body: bytes) -> bytes:
        end = time.monotonic() + self._timeouts[1]
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "triplock"}
        with self._session.post(
            self._url, data=body, headers=headers, timeout=self._timeouts, stream=True, allow_redirects=False
        ) as response:
            status = response.status_code
            if status in (429, 503):
                raise EndpointBusy(
                    f"{self.name} asks to come back later (HTTP status {status})",
                    remedy="wait a while, or name a further endpoint",
                    retry_after=_seconds(response.headers.get("Retry-After")),
                )
            content = bytearray()
            for piece in response.iter_content(1 << 16):
                content += piece
                if len(content) > LARGEST_ANSWER:
                    raise answers.wrong(f"{self.name} answers with more than {LARGEST_ANSWER} bytes")
                if time.monotonic() > end:
                    raise EndpointUnreachable(
                        f"{self.name} did not finish its answer within {self._timeouts[1]:g} s",
                        remedy="ask for less at once, or use a faster endpoint",
                    )
            # Several nodes send the JSON-RPC error with a status of its own.
            if status != 200 and not content.lstrip().startswith(b"{"):
                if status >= 500:
                    raise self._failing(f"answered with HTTP status {status}")
                raise answers.wrong(f"{self.name} answered with HTTP status {status}")
            return bytes(content)

    def _failing(self, what: str) -> EndpointFailing:
        return EndpointFailing(f"{self.name} {what}", remedy="ask again, or use another endpoint")


def _seconds(header: str | None) -> float | None:
    """The seconds of a Retry-After header; its other form, a date, counts as none."""
    return float(header) if header and _SECONDS.fullmatch(header.strip()) else None


class DevChainTransport:
    """Requests to the embedded chain, in this process and without a socket."""

    def __init__(self, chain: DevChain) -> None:
        self.name = f"development chain {chain.folder}"
        self._chain = chain

    def make_request(self, method: Any, params: Any) -> Any:
        """The JSON-RPC response object."""
        from anchoring.chain.devchain.json_rpc import answer_request

        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        # Through JSON, so that tuples and the like are here what they are over a socket.
        return answer_request(json.loads(json.dumps(request)), self._chain.request)
