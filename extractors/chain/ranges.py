"""Ranges of blocks as people write them. Both ends belong to the range.

::

    17173049:17173050   two blocks          -1000:       the last 1,000 blocks
    17173049            one block           :1000        blocks 0 to 1,000
    15.5M:              from 15,500,000     15M:+1000    1,000 blocks from 15,000,000 on

Numbers take `_` and the suffixes k, M and G. A number with a minus counts back from the head, which is -1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from extractors.chain.errors import BadBlockRange

_NUMBER = re.compile(r"([0-9][0-9_]*(?:\.[0-9]+)?)([kKmMgG]?)")
_FACTOR = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
_LARGEST = 2**63 - 1
_HELP = "write A:B with both ends in the range, such as 17173049:17173050, 15.5M:, -1000: or 15M:+1000"


@dataclass(frozen=True, slots=True)
class BlockRange:
    """A range as written: a negative end counts back from the head (-1), None is open.

    `count` is given instead of `last` for `A:+COUNT`.
    """

    first: int | None
    last: int | None
    count: int | None = None

    @property
    def needs_head(self) -> bool:
        """Whether the range says something only with the number of the newest block."""
        return self.first is None or self.first < 0 or (self.count is None and (self.last is None or self.last < 0))

    def resolve(self, head: int) -> tuple[int, int]:
        """The first and the last block, both in the range, where `head` is the newest; raises BadBlockRange.

        >>> parse_range("-1000:").resolve(17173050)
        (17172051, 17173050)
        """
        first = self._from_head(0 if self.first is None else self.first, head)
        if self.count is not None:
            last = first + self.count - 1
        else:
            last = self._from_head(-1 if self.last is None else self.last, head)
        if last < first:
            raise BadBlockRange(f"the range {first}:{last} holds no block (the newest is {head})", remedy=_HELP)
        return first, last

    @staticmethod
    def _from_head(number: int, head: int) -> int:
        return number if number >= 0 else max(0, head + 1 + number)


def parse_range(text: str) -> BlockRange:
    """The range that `text` writes; raises BadBlockRange.

    >>> parse_range("17173049:17173050").resolve(20_000_000)
    (17173049, 17173050)
    >>> parse_range("15M:+1000").resolve(0)
    (15000000, 15000999)
    """
    left, colon, right = text.strip().partition(":")
    if not colon:
        if not left:
            raise BadBlockRange(f"{text!r} is no range of blocks", remedy=_HELP)
        return BlockRange(_signed(left, text), _signed(left, text))
    first = _signed(left, text) if left.strip() else None
    right = right.strip()
    if right.startswith("+"):
        count = _number(right[1:], text)
        if count < 1 or first is None:
            raise BadBlockRange(f"{text!r} holds no block", remedy=_HELP)
        return BlockRange(first, None, count)
    if first is None and right:
        first = 0
    return BlockRange(first, _signed(right, text) if right else None)


def _signed(part: str, text: str) -> int:
    part = part.strip()
    return -_number(part[1:], text, least=1) if part.startswith("-") else _number(part, text)


def _number(part: str, text: str, least: int = 0) -> int:
    match = _NUMBER.fullmatch(part.strip())
    value = Decimal(match[1].replace("_", "")) * _FACTOR[match[2].lower()] if match and len(part) <= 40 else None
    if value is None or value != int(value) or not least <= value <= _LARGEST:
        raise BadBlockRange(f"{text[:80]!r} is no range of blocks", remedy=_HELP)
    return int(value)
