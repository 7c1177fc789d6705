"""Files that commands write: there whole or not at all, and in place of another only once they are whole."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def written(target: Path) -> Iterator[BinaryIO]:
    """A stream that becomes the file `target` when the block ends well; devices and pipes are written to directly."""
    place = target.resolve()
    if place.exists() and not place.is_file():
        with place.open("wb") as stream:
            yield stream
        return
    temporary = place.with_name(f".{place.name[:100]}.{secrets.token_hex(6)}")
    try:
        stream = temporary.open("xb")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from None
    try:
        with stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(place)
    except OSError as error:
        if error.filename is not None or error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO):
            raise
        raise OSError(error.errno, error.strerror, str(target)) from None
    finally:
        temporary.unlink(missing_ok=True)
