"""CARv1 as it comes over a wire: block by block, each verified, nothing kept.

Source: https://ipld.io/specs/transport/car/carv1/ . A file on the disk is read by `anchoring.blockstores.car`.
Roots are not looked at: whoever asked knows what was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from anchoring.blockstores.car import header_roots
from anchoring.blockstores.errors import BadCar, BlockCorrupt
from anchoring.blockstores.transfer import LARGEST_BLOCK
from anchoring.encoding.cid import BadCid, Block, Cid

_CID_LENGTH = 36
_LARGEST_HEADER = 65_536


def blocks_of_car(pieces: Iterable[bytes], place: str) -> Iterator[Block]:
    """The blocks of a CARv1 that comes in pieces of any length.

    Memory holds one section. Raises BadCar (cut short, no CAR, a section beyond 2 MiB, a CID of another format) and
    BlockCorrupt.

    >>> from anchoring.blockstores.car import car_bytes
    >>> block = Block(Cid.of(b"hello world"), b"hello world")
    >>> wire = b"".join(car_bytes([block.cid], [block]))
    >>> list(blocks_of_car([wire[:70], wire[70:]], "here")) == [block]
    True
    """
    reader = _Pieces(pieces, place)
    header = reader.section(_LARGEST_HEADER)
    if header is None:
        raise reader.bad("nothing")
    try:
        header_roots(header)
    except ValueError as error:
        raise reader.bad("no CARv1 header") from error
    while (section := reader.section(_CID_LENGTH + LARGEST_BLOCK)) is not None:
        try:
            cid = Cid.from_bytes(section[:_CID_LENGTH])
        except BadCid as error:
            raise reader.bad(f"a block that is not of this format ({error.what})") from None
        data = section[_CID_LENGTH:]
        if not cid.matches(data):
            raise BlockCorrupt(cid, place, remedy="ask another place: what this one sends is not what was asked for")
        yield Block(cid, data)


class _Pieces:
    """Sections out of pieces."""

    def __init__(self, pieces: Iterable[bytes], place: str) -> None:
        self._pieces = iter(pieces)
        self._place = place
        self._held = bytearray()

    def bad(self, found: str) -> BadCar:
        return BadCar(f"{self._place} sends {found} where a CAR was asked for", remedy="ask another place")

    def _fill(self, length: int) -> bool:
        while len(self._held) < length:
            piece = next(self._pieces, None)
            if piece is None:
                return False
            self._held += piece
        return True

    def section(self, largest: int) -> bytes | None:
        """The next section without its length; None at the end."""
        number = shift = at = 0
        while True:
            if not self._fill(at + 1):
                if at == 0:
                    return None
                raise self.bad("a length that does not end")
            byte = self._held[at]
            number |= (byte & 0x7F) << shift
            shift += 7
            at += 1
            if byte < 0x80:
                if not byte and at > 1:
                    raise self.bad("a length that is not in its shortest form")
                break
            if shift > 28:
                raise self.bad("a length that does not end")
        if number > largest or not number:
            raise self.bad(f"a section of {number} bytes")
        if not self._fill(at + number):
            raise self.bad(f"a section that lacks its last {at + number - len(self._held)} bytes")
        section = bytes(self._held[at : at + number])
        del self._held[: at + number]
        return section
