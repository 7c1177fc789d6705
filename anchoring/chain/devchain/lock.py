"""One writer at a time: a lock on a file of the chain's folder, which the system drops when the process dies.

The file says who holds it, so that whoever comes second is told where to go.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

from anchoring.chain.errors import DevChainBusy


class WriterLock:
    """The exclusive right to write the chain in `folder`; raises DevChainBusy when another process has it."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(self._file)
            os.close(self._file)
            url = holder.get("url")
            raise DevChainBusy(
                f"the development chain in {folder} is open in process {holder.get('pid', 'unknown')}"
                + (f", which serves it at {url}" if url else ""),
                remedy=f"use it as an endpoint: --rpc {url}" if url else "wait until that process ends",
                url=str(url) if url else None,
            ) from None
        try:
            self.announce(None)
        except OSError:
            os.close(self._file)
            raise

    def announce(self, url: str | None) -> None:
        """Write down who holds the lock and where it serves the chain."""
        text = json.dumps({"pid": os.getpid(), "url": url}).encode()
        os.pwrite(self._file, text, 0)
        os.ftruncate(self._file, len(text))

    def release(self) -> None:
        """Let the next process in."""
        os.ftruncate(self._file, 0)
        os.close(self._file)


def _holder(file: int) -> dict[str, object]:
    """What the holder wrote; empty when it is just writing."""
    try:
        said = json.loads(os.pread(file, 4096, 0))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
