"""What several steps of a journal come to: the lines that are new after them all, and those that are gone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kg.stores.protocol import LineChanges


class NetChange(NamedTuple):
    """Lines added and removed in total, each side strictly increasing; no line is in both."""

    added: list[bytes]
    removed: list[bytes]


def net_change(steps: Iterable[LineChanges]) -> NetChange:
    """The steps, oldest first, as one change.

    >>> net_change([LineChanges(1, [b"a", b"b"], []), LineChanges(2, [b"c"], [b"a"]), LineChanges(3, [], [b"z"])])
    NetChange(added=[b'b', b'c'], removed=[b'z'])
    """
    last: dict[bytes, bool] = {}
    first: dict[bytes, bool] = {}
    for step in steps:
        for adds, lines in ((False, step.removed), (True, step.added)):
            for line in lines:
                first.setdefault(line, adds)
                last[line] = adds
    # A line first removed and last added was there before and is there now.
    lasting = [(line, adds) for line, adds in last.items() if first[line] == adds]
    return NetChange(sorted(line for line, adds in lasting if adds), sorted(line for line, adds in lasting if not adds))
