"""Sorting more lines than memory holds: sorted runs in files, then one range of the order after the other.

A run is a file of sorted unique lines, with a sample of them and where they stand. The samples of all runs together
say where to part the order into ranges of about equal size, whatever the input looks like (regular sampling:
H. Shi and J. Schaeffer, Parallel sorting by regular sampling, 1992). Each range is then read out of every run.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice, pairwise
from operator import lt
from pathlib import Path
from typing import NamedTuple

SAMPLE_EVERY = 32 * 1024
"""Bytes of a run between one sample and the next."""
SAMPLE_BYTES = 2 * 1024
"""Samples are cut to this length, so that they stay few beside their lines."""


class Run(NamedTuple):
    """A file of sorted unique lines: `samples` are starts of lines, `offsets` where these lines begin."""

    path: str
    size: int
    samples: list[bytes]
    offsets: list[int]


class Window(NamedTuple):
    """The part of a run that holds all its lines of a range, and a few beside them."""

    path: str
    start: int
    end: int


class Range(NamedTuple):
    """The lines from `low` to before `high` (None: to the end) of all runs."""

    low: bytes
    high: bytes | None
    windows: list[Window]


def unique_sorted(lines: list[bytes]) -> list[bytes]:
    """The lines in the order of their bytes, each once; sorts in place.

    >>> unique_sorted([b"b", b"a", b"b"])
    [b'a', b'b']
    """
    lines.sort()
    if strictly_increasing(lines):
        return lines
    return list(dict.fromkeys(lines))


def strictly_increasing(lines: Sequence[bytes]) -> bool:
    """Whether each line is greater than the one before it."""
    return all(map(lt, lines, islice(lines, 1, None)))


def write_run(lines: list[bytes], path: str | os.PathLike[str]) -> Run:
    """Writes lines (no line feeds, any order) as a run; sorts in place. Raises OSError."""
    ordered = unique_sorted(lines)
    ends = [0, *accumulate(map(len, ordered))]

    def start(number: int) -> int:
        return ends[number] + number  # with the line feeds before it

    samples: list[bytes] = []
    offsets: list[int] = []
    number = 0
    while number < len(ordered):
        samples.append(ordered[number][:SAMPLE_BYTES])
        offsets.append(start(number))
        number = bisect_left(range(len(ordered)), start(number) + SAMPLE_EVERY, lo=number + 1, key=start)
    try:
        Path(path).write_bytes(b"\n".join([*ordered, b""]) if ordered else b"")
    except OSError as error:  # the system does not name the file of a write that fails
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error
    return Run(os.fspath(path), start(len(ordered)), samples, offsets)


def ranges(runs: Sequence[Run], size: int) -> Iterator[Range]:
    """Parts the order of all lines into ranges of some `size` bytes, in order; every line is in exactly one."""
    samples = sorted(sample for run in runs for sample in run.samples)
    total = sum(run.size for run in runs)
    step = max(1, len(samples) * size // max(1, total))
    bounds: list[bytes | None] = [b"", *dict.fromkeys(samples[step::step]), None]
    for low, high in pairwise(bounds):
        windows = [window for run in runs if (window := _window(run, low or b"", high)).end > window.start]
        yield Range(low or b"", high, windows)


def _window(run: Run, low: bytes, high: bytes | None) -> Window:
    # A cut sample that is less than a bound is so by a byte that its whole line has too: bounds are cut as short.
    first = bisect_left(run.samples, low)
    start = run.offsets[first - 1] if first else 0
    last = len(run.samples) if high is None else bisect_left(run.samples, high)
    return Window(run.path, start, run.offsets[last] if last < len(run.offsets) else run.size)


def read_range(wanted: Range) -> list[bytes]:
    """The lines of a range, sorted, each once; raises OSError."""
    lines: list[bytes] = []
    for window in wanted.windows:
        with Path(window.path).open("rb") as stream:
            stream.seek(window.start)
            found = stream.read(window.end - window.start)[:-1].split(b"\n")
        first = bisect_left(found, wanted.low)
        last = len(found) if wanted.high is None else bisect_left(found, wanted.high)
        lines += found[first:last]
    return unique_sorted(lines)
