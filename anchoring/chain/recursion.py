"""Importing web3 or eth_account leaves the recursion limit as it was.

py_ecc, which both import, raises the limit of the whole process to 100,000;
then a file of opening brackets ends in a segmentation fault of the JSON parser instead of an error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_recursion_limit() -> Iterator[None]:
    """For the length of an import: afterwards the limit is what it was before.

    >>> import sys
    >>> before = sys.getrecursionlimit()
    >>> with kept_recursion_limit():
    ...     sys.setrecursionlimit(100_000)
    >>> sys.getrecursionlimit() == before
    True
    """
    limit = sys.getrecursionlimit()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
