"""The other side of `anchoring.rdf.worker_pool`: a process that answers one call after another until its input ends.

Run as `python -c "from anchoring.rdf.worker_process import serve; serve()"`.
Requests come on standard input and answers leave on standard output,
each a length of eight bytes (big-endian) and a pickle; whoever started the process owns both ends.
What the calls print goes to standard error, so that it cannot stand between two answers.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from typing import BinaryIO, cast

FRAME_HEAD = 8


def send(stream: BinaryIO, message: object) -> None:
    """Writes one message."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(len(body).to_bytes(FRAME_HEAD, "big"))
    stream.write(body)
    stream.flush()


def receive(stream: BinaryIO) -> object:
    """Reads one message; raises EOFError where the other side is gone, in the middle of a message too."""
    head = _exactly(stream, FRAME_HEAD)
    return pickle.loads(_exactly(stream, int.from_bytes(head, "big")))  # noqa: S301 - of our own process


def _exactly(stream: BinaryIO, length: int) -> bytes:
    found = stream.read(length)
    if len(found) < length:
        raise EOFError
    return found


def serve() -> None:
    """Answers `(function, arguments)` with `(True, result)` or `(False, error)` until the input ends.

    An error is an OSError as it is (the disk, a path), or the text of the trace.
    Ctrl-C is for whoever started this process.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            function, arguments = cast("tuple[Callable[..., object], tuple[object, ...]]", receive(requests))
        except EOFError:
            return
        try:
            answer: tuple[bool, object] = (True, function(*arguments))
        except OSError as error:
            answer = (False, error)
        except MemoryError:
            answer = (False, "out of memory")
        except Exception:  # noqa: BLE001 - a defect, named by whoever asked
            answer = (False, traceback.format_exc())
        del function, arguments
        try:
            send(answers, answer)
        except BrokenPipeError:
            sys.exit(0)
        del answer
