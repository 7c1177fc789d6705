"""The names of a class's members in a text, by the class's name pattern, and which of them name one thing.

The pattern is the ontology's (`tl:namePattern`). A name that ends in a number is known in any case, with any hyphen,
and as the beginning of a longer name in code: `IERC20Metadata` names ERC-20. Others stand as the pattern has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.claims import iris

_HYPHENS = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u00a0": " ", "_": "-"})
_NUMBERED = re.compile(r"(.*?)[^\w]*([0-9]{1,18})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Name:
    """`text[start:end]` names the thing `identity`."""

    start: int
    end: int
    identity: str


class Names:
    """Finds the names that match `pattern`, a regular expression for a whole name.

    >>> [n.identity for n in Names("(?:EIP|ERC)[- ]?[0-9]{1,5}").find("IERC20 and eip-721, not ERC-1234567")]
    ['https://eips.ethereum.org/EIPS/eip-20', 'https://eips.ethereum.org/EIPS/eip-721']
    >>> [n.identity for n in Names("RFC ?[0-9]+|[A-Z]{2}-Law").find("RFC 2616, rfc2616 and UK-Law")]
    ['rfc 2616', 'rfc 2616', 'UK-Law']
    """

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._whole = re.compile(pattern, re.IGNORECASE)
        self._exact = re.compile(pattern)
        self._found = re.compile(
            rf"(?<![^\W_])I?(?P<name>{pattern})(?:(?<=[0-9])(?![0-9])|(?<![0-9])(?!\w))", re.IGNORECASE
        )

    def find(self, text: str) -> Iterator[Name]:
        """The names in the text, in order, none overlapping another."""
        for match in self._found.finditer(text.translate(_HYPHENS)):
            first, last = match.span("name")
            identity = self.identity(text[first:last])
            if identity is not None and first < last:
                yield Name(first, last, identity)

    def identity(self, name: str) -> str | None:
        """What two names of one thing share: an IRI where it has a home, else its spelling; None if it is no name."""
        spelt = " ".join(name.translate(_HYPHENS).split())
        if not self._whole.fullmatch(spelt):
            return None
        if (number := iris.eip_number(spelt)) is not None:
            return iris.eip(number).value
        if numbered := _NUMBERED.fullmatch(spelt):
            return f"{numbered[1].casefold()} {int(numbered[2])}".strip()
        return spelt if self._exact.fullmatch(spelt) else None


def number_of(identity: str) -> int | None:
    """The number that an identity ends in; None where there is none.

    >>> number_of("https://eips.ethereum.org/EIPS/eip-20"), number_of("UK-Law")
    (20, None)
    """
    numbered = _NUMBERED.fullmatch(identity)
    return int(numbered[2]) if numbered else None
