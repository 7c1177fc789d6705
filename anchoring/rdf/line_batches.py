"""Lines on their way to a dataset, some hundred kilobytes or megabytes at a time.

Small batches come first, so that a small dataset is held a little at a time; larger ones pay for the way to a worker.
Where reading fails, what was read before comes first, so that the first fault in the order of the lines is the one
that is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from anchoring.errors import Refuted

SMALL = 256 * 1024
LARGE = 4 * 1024 * 1024
SMALL_BEFORE = 8 * 1024 * 1024
"""Bytes that come in small batches before the first large one."""
_LINES_A_TIME = 64


class BadBlock(Refuted):
    """A block of `data.nq` does not end where a line ends."""

    code = "bad-block"


@dataclass(frozen=True, slots=True)
class LineBatch:
    """Consecutive lines as text, each with its line feed; `given` as lines, or None where they came as blocks."""

    text: bytes
    given: list[bytes] | None = None

    @property
    def lines(self) -> list[bytes]:
        """The lines without line feeds; what was given as one line stays one, whatever it holds."""
        return self.text[:-1].split(b"\n") if self.given is None else self.given

    @property
    def count(self) -> int:
        """How many lines there are."""
        return self.text.count(b"\n") if self.given is None else len(self.given)

    @property
    def last(self) -> bytes:
        """The last line."""
        return self.text[self.text.rfind(b"\n", 0, -1) + 1 : -1] if self.given is None else self.given[-1]


def batches_of_lines(lines: Iterable[bytes], largest: int = LARGE) -> Iterator[LineBatch]:
    """Batches of lines without line feeds; after the first small ones of `largest` bytes."""
    source = iter(lines)
    held: list[bytes] = []
    size = total = 0
    try:
        while True:
            before = len(held)
            held.extend(islice(source, _LINES_A_TIME))  # keeps what came before an error
            if len(held) == before:
                break
            size += sum(map(len, islice(held, before, None)))
            if size >= (SMALL if total < SMALL_BEFORE else largest):
                yield LineBatch(_text(held), held)
                total, size, held = total + size, 0, []
    except Exception:
        if held:
            yield LineBatch(_text(held), held)
        raise
    if held:
        yield LineBatch(_text(held), held)


def batches_of_blocks(blocks: Iterable[bytes], largest: int = LARGE) -> Iterator[LineBatch]:
    """Batches of consecutive blocks of lines; raises BadBlock unless each ends with a line feed."""
    held: list[bytes] = []
    size = total = 0
    try:
        for block in blocks:
            if block[-1:] != b"\n":
                raise bad_block(block)
            held.append(block)
            size += len(block)
            if size >= (SMALL if total < SMALL_BEFORE else largest):
                yield LineBatch(b"".join(held))
                total, size, held = total + size, 0, []
    except Exception:
        if held:
            yield LineBatch(b"".join(held))
        raise
    if held:
        yield LineBatch(b"".join(held))


def bad_block(block: bytes) -> BadBlock:
    """The error of a block whose last line has no line feed."""
    return BadBlock(
        f"a block of {len(block)} bytes ends with {block[-20:]!r} and not with a line feed",
        remedy="ask the publisher for the version as it was published",
    )


def _text(lines: list[bytes]) -> bytes:
    return b"\n".join([*lines, b""])
