"""A deadline for the head of an HTTP answer: who sends one header byte a minute is given up like who sends none.

httpx's read timeout begins anew with each byte that comes. Here the streams of a client's connections end a read at
the deadline that the reading thread has set.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

_thread = threading.local()


@contextmanager
def head_within(seconds: float) -> Iterator[None]:
    """Within it, this thread's reads together take at most so long, counted from the first one.

    What is sent before, such as a long body, does not count.
    """
    _thread.seconds, _thread.until = seconds, None
    try:
        yield
    finally:
        _thread.seconds = _thread.until = None


def lift() -> None:
    """The head is here: what follows has limits of its own."""
    _thread.seconds = _thread.until = None


def _left(timeout: float | None) -> float | None:
    seconds = getattr(_thread, "seconds", None)
    if seconds is None:
        return timeout
    if _thread.until is None:
        _thread.until = time.monotonic() + seconds
    left: float = _thread.until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout(f"the head of the answer took longer than {seconds:g} s")
    return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self._backend.connect_tcp(host, port, timeout, local_address, socket_options))

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._backend.connect_unix_socket(path, timeout, socket_options))

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


def with_deadlines(client: httpx.Client) -> httpx.Client:
    """The same client, whose connections know `head_within`; proxies of the environment stay.

    httpx hands no network backend on, so it is put where httpx 0.28 keeps its pools; a test sees that it works.
    """
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001 - see above
        pool = getattr(transport, "_pool", None)
        if isinstance(pool, httpcore.ConnectionPool):
            pool._network_backend = _Backend()  # noqa: SLF001 - see above
    return client
