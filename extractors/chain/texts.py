"""Text that a contract or a list gives, made safe to store and to show.

Such text is written by strangers: it may be invalid UTF-8, very long, turn the direction of the line around it,
or move the cursor of a terminal. What would do that is replaced by U+FFFD, and the length is bounded.
Categories: https://www.unicode.org/reports/tr44/#General_Category_Values
Direction controls: https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

MAX_LENGTH = 256
"""The most code points that are kept of a text."""

_UNSAFE = {"Cc", "Cs", "Zl", "Zp"}
_DIRECTION = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


class SafeText(NamedTuple):
    """A text that can be stored and shown, and whether it is exactly what was given."""

    text: str
    exact: bool


def safe_text(given: bytes | str) -> SafeText:
    """The text, with what is unsafe replaced, trailing NULs removed, cut to `MAX_LENGTH` code points.

    >>> safe_text(b"Wrapped Ether")
    SafeText(text='Wrapped Ether', exact=True)
    >>> safe_text("a\\u202eb")
    SafeText(text='a�b', exact=False)
    """
    text = given.decode("utf-8", "replace") if isinstance(given, bytes) else given
    kept = "".join("�" if _unsafe(c) else c for c in text.rstrip("\0")[:MAX_LENGTH])
    exact = kept.encode() == given if isinstance(given, bytes) else kept == given
    return SafeText(kept, exact)


def _unsafe(character: str) -> bool:
    return character in _DIRECTION or unicodedata.category(character) in _UNSAFE
