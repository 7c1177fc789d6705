"""What every list of lines must be before it is committed to: canonical, strictly increasing, none too long.

Order makes absence and completeness provable; one spelling makes equal datasets have equal roots.
Format: docs/format.md, section "Line".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from anchoring.errors import InputRefused
from anchoring.rdf.nquads import check_canonical

MAX_LINE_BYTES = 1_048_575
"""With its line feed, the longest line fills 1 MiB."""


class LineTooLong(InputRefused):
    """A statement is longer than a block may be."""

    code = "line-too-long"


class OutOfOrder(InputRefused):
    """The lines do not strictly increase by their bytes: one repeats, or stands too late."""

    code = "out-of-order"


def checked(lines: Iterable[bytes], *, after: bytes = b"", first: int = 1) -> Iterator[bytes]:
    """The same lines, each checked before it is handed on; the first has this number and stands after that line.

    Raises NotCanonical, LineTooLong or OutOfOrder, naming the line by its number from 1.

    >>> list(checked([b'<a:b> <a:p> "1" .', b'<a:b> <a:p> "1" .']))
    Traceback (most recent call last):
        ...
    anchoring.rdf.lines.OutOfOrder: line 2 repeats or precedes line 1: b'<a:b> <a:p> "1" .'; sort the lines by their \
bytes and drop repeats, as `triplock canonicalize` does
    """
    previous = after
    for number, line in enumerate(lines, first):
        if line <= previous:
            raise OutOfOrder(
                f"line {number} repeats or precedes line {number - 1}: {line[:200]!r}",
                remedy="sort the lines by their bytes and drop repeats, as `triplock canonicalize` does",
            )
        if len(line) > MAX_LINE_BYTES:
            raise LineTooLong(
                f"line {number} has {len(line)} bytes, more than {MAX_LINE_BYTES}: {line[:80]!r}…",
                remedy="keep the long text as a document of its own and state its CID",
            )
        check_canonical(line)
        previous = line
        yield line
