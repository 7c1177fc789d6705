"""Check digits of identifiers that carry them."""

from __future__ import annotations

_VALUES = {character: str(value) for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


def is_lei(text: str) -> bool:
    """Whether the text is a Legal Entity Identifier (ISO 17442): 18 characters and two check digits, mod 97-10.

    https://www.iso.org/standard/78829.html

    >>> is_lei("7LTWFZYICNSX8D621K86"), is_lei("7LTWFZYICNSX8D621K68")
    (True, False)
    """
    if len(text) != 20 or not text[18:].isdecimal() or not all(c in _VALUES for c in text):
        return False
    return int("".join(_VALUES[c] for c in text)) % 97 == 1


def is_isin(text: str) -> bool:
    """Whether the text is an ISIN (ISO 6166): two letters, nine characters and a check digit, by Luhn's algorithm.

    https://www.iso.org/standard/78502.html

    >>> is_isin("US0378331005"), is_isin("US0378331004")
    (True, False)
    """
    if len(text) != 12 or not all(c in _VALUES for c in text) or text[0].isdecimal() or text[1].isdecimal():
        return False
    if not text[11].isdecimal():
        return False
    digits = "".join(_VALUES[c] for c in text)
    doubled = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
