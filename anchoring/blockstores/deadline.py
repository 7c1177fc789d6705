"""A deadline for the head of an HTTP answer: who sends one header byte a minute is given up like who sends none.

httpx's read timeout begins anew with each byte that comes. Here the streams of a client's connections end a read at
the deadline that the reading thread has set.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpcore
import httpx

_thread = threading.local()


@contextmanager
def _head_within(seconds: float) -> Iterator[None]:
    """Within it, this thread's reads together take at most so long, counted from the first one.

    What is sent before, such as a long body, does not count.
    """
    _thread.seconds, _thread.until = seconds, None
    try:
        yield
    finally:
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
    def __init__(self, stream: httpcore.NetworkStream, backend: _Backend) -> None:
        self._stream, self._backend = stream, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return self._backend.kept(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Opens connections and ends them all, those too that a thread opens while the client is being closed."""

    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()
        self._open: weakref.WeakSet[_Stream] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._closed = False

    def kept(self, stream: httpcore.NetworkStream) -> httpcore.NetworkStream:
        """The stream, noted to be closed; raises httpcore.ConnectError where all are closed already."""
        opened = _Stream(stream, self)
        with self._lock:
            if not self._closed:
                self._open.add(opened)
                return opened
        stream.close()
        raise httpcore.ConnectError("the client has been closed")

    def close(self) -> None:
        with self._lock:
            self._closed = True
            left = list(self._open)
        for stream in left:
            with suppress(OSError):  # closed already; whoever reads from it sees its end, and closes it
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        return self.kept(self._backend.connect_tcp(host, port, timeout, local_address, socket_options))

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.NetworkStream:
        return self.kept(self._backend.connect_unix_socket(path, timeout, socket_options))

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


class BoundedClient(httpx.Client):
    """An httpx client that waits for the head of an answer no longer than `timeout`; proxies of the environment stay.

    What is streamed has limits of its own: `send` is over once the head is here.
    httpx hands no network backend on, so it is put where httpx 0.28 keeps its pools; a test sees that it works.
    """

    def __init__(self, *, timeout: float, **options: Any) -> None:
        super().__init__(timeout=timeout, **options)
        self._seconds = timeout
        self._network = _Backend()
        for transport in (self._transport, *self._mounts.values()):
            pool = getattr(transport, "_pool", None)
            if isinstance(pool, httpcore.ConnectionPool):
                pool._network_backend = self._network  # noqa: SLF001 - see above

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """As httpx's, which `stream` goes through; raises httpx.ReadTimeout where the head takes too long."""
        with _head_within(self._seconds):
            return super().send(request, **options)

    def close(self) -> None:
        """Close all connections; threads that still read see their end."""
        self._network.close()
        super().close()
