"""The little of the contract ABI that is needed: selectors, topics, and the return values of token calls.

Source: https://docs.soliditylang.org/en/latest/abi-spec.html
Old tokens (MKR, SAI) answer `name()` with bytes32 instead of a string: `decode_text` takes both.
What a contract answers is hostile: decoding never reads outside the answer and never allocates by its lengths.
"""

from __future__ import annotations

import sha3

WORD = 32


class Undecodable(ValueError):
    """The bytes are no value of the type; the message says why. Callers record it as a reason."""


def keccak256(octets: bytes) -> bytes:
    """Keccak-256 as Ethereum uses it, which is not SHA3-256.

    >>> keccak256(b"").hex()
    'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'
    """
    digest: bytes = sha3.keccak_256(octets).digest()
    return digest


def topic_of(signature: str) -> str:
    """The topic0 of an event, from its canonical signature; lower-case text with 0x.

    >>> topic_of("Transfer(address,address,uint256)")[:18]
    '0xddf252ad1be2c89b'
    """
    return "0x" + keccak256(signature.encode()).hex()


def selector_of(signature: str) -> str:
    """The selector of a function, from its canonical signature.

    >>> selector_of("name()")
    '0x06fdde03'
    """
    return "0x" + keccak256(signature.encode())[:4].hex()


def decode_uint(answer: bytes) -> int:
    """The unsigned number in a one-word answer; raises Undecodable."""
    if len(answer) != WORD:
        raise Undecodable(f"{len(answer)} bytes are no uint256")
    return int.from_bytes(answer, "big")


def decode_text(answer: bytes) -> bytes:
    """The raw bytes of the text in an answer, a `string` or a `bytes32` without its padding; raises Undecodable.

    >>> decode_text(b"MKR".ljust(32, bytes(1)))
    b'MKR'
    """
    if len(answer) == WORD:
        return answer.rstrip(b"\0")
    if len(answer) < 2 * WORD:
        raise Undecodable(f"{len(answer)} bytes are neither a string nor a bytes32")
    start = int.from_bytes(answer[:WORD], "big")
    if start + WORD > len(answer):
        raise Undecodable(f"the string would begin at byte {_bounded(start)} of {len(answer)}")
    length = int.from_bytes(answer[start : start + WORD], "big")
    if start + WORD + length > len(answer):
        raise Undecodable(f"the string would be {_bounded(length)} bytes long, in an answer of {len(answer)}")
    return answer[start + WORD : start + WORD + length]


def _bounded(number: int) -> str:
    return str(number) if number < 2**64 else "2**64 or more"
