"""Names, canonical types, selectors and topics of the contract ABI.

Source: https://docs.soliditylang.org/en/latest/abi-spec.html#function-selector and #types
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sha3 import keccak_256

MAX_DEPTH = 16
"""Structs nested deeper are left unresolved."""
MAX_LENGTH = 20_000
"""A longer canonical type is left unresolved: structs of structs grow exponentially."""

_SIZED = re.compile(r"(u?int|bytes)([0-9]{1,3})")
_FIXED = re.compile(r"u?fixed([0-9]{1,3})x([0-9]{1,2})")
_ALIASES = {"uint": "uint256", "int": "int256", "byte": "bytes1", "fixed": "fixed128x18", "ufixed": "ufixed128x18"}
_PLAIN = frozenset({"address", "bool", "string", "bytes"})


def elementary(name: str) -> str | None:
    """The canonical form of an elementary type, None if it is none.

    >>> [elementary(t) for t in ("uint", "bytes32", "uint7", "IERC20")]
    ['uint256', 'bytes32', None, None]
    """
    if name in _PLAIN:
        return name
    if name in _ALIASES:
        return _ALIASES[name]
    if match := _SIZED.fullmatch(name):
        size = int(match[2])
        fits = 1 <= size <= 32 if match[1] == "bytes" else size % 8 == 0 and 8 <= size <= 256
        return name if fits and not match[2].startswith("0") else None
    if (
        (match := _FIXED.fullmatch(name))
        and int(match[1]) % 8 == 0
        and 8 <= int(match[1]) <= 256
        and int(match[2]) <= 80
    ):
        return name
    return None


@dataclass(frozen=True, slots=True)
class Type:
    """A type as written: its name, "" for one that has no ABI form, and its array suffixes such as "[]" or "[3]"."""

    name: str
    suffix: str = ""

    def __str__(self) -> str:
        return (self.name or "mapping") + self.suffix


@dataclass(frozen=True, slots=True)
class Types:
    """The types that a document declares: what stands for a name, and the members of its structs."""

    aliases: Mapping[str, str]
    """Enums are uint8, contracts and interfaces are address, `type X is uint` is uint256."""
    structs: Mapping[str, tuple[Type, ...]]

    def canonical(self, written: Type, depth: int = 0) -> str | None:
        """The canonical form of a type, None if the document does not say what its name means."""
        if not written.name or depth > MAX_DEPTH:
            return None
        # Qualified names (Library.Struct) are known by their last part.
        short = written.name.rsplit(".", 1)[-1]
        found = elementary(written.name) or self.aliases.get(short)
        if found is None and short in self.structs:
            members: list[str] = []
            for member in self.structs[short]:
                inner = self.canonical(member, depth + 1)
                if inner is None or sum(len(m) for m in members) > MAX_LENGTH:
                    return None
                members.append(inner)
            found = f"({','.join(members)})"
        return found + written.suffix if found and len(found) <= MAX_LENGTH else None


def keccak(signature: str) -> str:
    """The Keccak-256 of a signature as 0x and 64 lower-case hexadecimal digits."""
    digest: bytes = keccak_256(signature.encode()).digest()
    return "0x" + digest.hex()


def selector(signature: str) -> str:
    """The first four bytes of it, as 0x and 8 digits.

    >>> selector("transfer(address,uint256)")
    '0xa9059cbb'
    """
    return keccak(signature)[:10]
