"""The same item spelled in another way is another file, and none that is read: one meaning, one spelling."""

from __future__ import annotations

import random
from hashlib import sha256

import pytest

KINDS = ("presence", "several", "absence", "prefix", "added", "removed", "excerpt")


class Speller:
    """Encodes an item as CBOR, and at one place (the `at`-th that is asked about) not as it should."""

    def __init__(self, source: random.Random, at: int) -> None:
        self.source, self.at, self.place = source, at, 0
        self.what = ""

    def here(self) -> bool:
        self.place += 1
        return self.place - 1 == self.at

    def head(self, major: int, number: int) -> bytes:
        widths = [0] if number < 24 else []
        widths += [width for width in (1, 2, 4, 8) if number < 1 << 8 * width]
        width = widths[0]
        if self.here() and len(widths) > 1:
            width, self.what = self.source.choice(widths[1:]), "longer head"
        if width == 0:
            return bytes([major << 5 | number])
        return bytes([major << 5 | 23 + width.bit_length()]) + number.to_bytes(width, "big")

    def encode(self, item: object) -> bytes:
        if self.here():
            changed = self.instead(item)
            if changed is not None:
                return changed
        if isinstance(item, int):
            return self.head(0, item)
        if isinstance(item, bytes):
            return self.head(2, len(item)) + item
        if isinstance(item, str):
            return self.head(3, len(item.encode())) + item.encode()
        if isinstance(item, list):
            return self.head(4, len(item)) + b"".join(map(self.encode, item))
        members = sorted((plain(key), value) for key, value in item.items())
        if self.here() and len(members) > 1:
            return self.unsorted(members)
        return self.head(5, len(members)) + b"".join(key + self.encode(value) for key, value in members)

    def unsorted(self, members: list) -> bytes:
        a, b = sorted(self.source.sample(range(len(members)), 2))
        if self.source.random() < 0.5:
            members[a], members[b] = members[b], members[a]
            self.what = "unsorted keys"
        else:
            members.insert(self.source.choice((a, b)), members[a])
            self.what = "a key twice"
        return self.head(5, len(members)) + b"".join(key + self.encode(value) for key, value in members)

    def instead(self, item: object) -> bytes | None:
        """Other encodings that some reader takes for the item."""
        source, whole = self.source, plain(item)
        others = [b"\xc2" + whole, b"\xd9\xd9\xf7" + whole, b"\xd8\x2a" + whole, b"\xf6", b"\xf7", b"\xf4", b"\xf5"]
        if isinstance(item, int):
            others += [
                b"\xfb" + bytes(8),
                b"\xf9\x3c\x00",
                b"\xc2" + plain(item.to_bytes(8, "big")),
                b"\x20",
                b"\xf8\x20",
            ]
        if isinstance(item, bytes):
            half = len(item) // 2
            others += [b"\x5f" + plain(item[:half]) + plain(item[half:]) + b"\xff", b"\x5f" + whole + b"\xff"]
            others += [b"\x5f\xff"] if not item else [b"\x78" + whole[1:]] if 24 <= len(item) < 256 else []
        if isinstance(item, str):
            others += [b"\x7f" + whole + b"\xff", plain(item.encode()), plain(item + "\x00"), plain(item.upper())]
            others += [plain(b"\xff" * 3)[:1].replace(b"\x43", b"\x63") + b"\xff" * 3]
        if isinstance(item, list):
            others += [b"\x9f" + b"".join(map(plain, item)) + b"\xff", plain({}), plain(item)[:1] + b"\x9f\xff"]
        if isinstance(item, dict):
            members = sorted((plain(key), plain(value)) for key, value in item.items())
            others += [b"\xbf" + b"".join(key + value for key, value in members) + b"\xff"]
            others += [plain([*item, *item.values()]), plain({**item, "more": 0}), plain({**item, "": ""})]
        chosen = source.choice(others)
        self.what = f"{chosen[:3].hex()} instead"
        return chosen if chosen != whole else None


def plain(item: object) -> bytes:
    """As it should be."""
    return Speller(random.Random(0), -1).encode(item)


def sealed(content: bytes) -> bytes:
    return content[:-32] + sha256(content[:-32]).digest()


@pytest.mark.soak
def test_no_other_spelling_of_a_bundle_is_read(court, source, rounds):
    for kind in KINDS:
        item = court.world.item(kind)
        court.accepts(sealed(plain(item)))
    for _ in rounds:
        item = court.world.item(source.choice(KINDS))
        true = sealed(plain(item))
        counter = Speller(random.Random(0), -1)
        counter.encode(item)
        content = true
        while content == true:
            speller = Speller(source, source.randrange(counter.place))
            content = sealed(speller.encode(item))
        verdict = court.python(content)
        assert verdict.exit_code == 1, speller.what
        court.refuses(content)


@pytest.mark.soak
def test_bytes_before_after_and_within_are_refused(court, source, rounds):
    for _ in rounds:
        true = sealed(plain(court.world.item(source.choice(KINDS))))
        at = source.randrange(len(true))
        change = source.randrange(6)
        if change == 0:
            content = true + source.randbytes(source.randint(1, 40))
        elif change == 1:
            content = source.choice((b"\x00", b"\xd9\xd9\xf7", b"\x81", b"\xef\xbb\xbf")) + true
        elif change == 2:
            content = true[:at]
        elif change == 3:
            content = sealed(true[:at] + true[at + 1 :])
        elif change == 4:
            content = sealed(true[:at] + source.randbytes(1) + true[at:])
        else:
            content = true[:at] + bytes([true[at] ^ 1 << source.randrange(8)]) + true[at + 1 :]
        if content != true:
            court.refuses(content)
