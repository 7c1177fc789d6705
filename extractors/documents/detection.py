"""Which encoding bytes are in that are no UTF-8, by how well each makes text of them.

Each candidate decodes the bytes, and each character that is not ASCII is given a weight: what is common in the texts
that the encoding is used for counts 1, what only a wrong decoding makes counts nothing (half-width katakana, box
drawings, capitals inside words, signs between letters). The best mean wins; if it is poor, charset-normalizer guesses.
The common characters of the Chinese and Japanese encodings are those of their first levels: GB 2312 rows 16 to 55,
Big5 A4 to C6, JIS X 0208 rows 16 to 47; of Korean ones the syllables of KS X 1001.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

SAMPLE = 64 * 1024
"""Bytes of the lines that are not ASCII, which are looked at."""
SURE = 0.75
"""A mean weight from which no other guess is asked for."""

_TYPOGRAPHIC = frozenset("“”‘’„‚–—…•«»‹›§©®™°·×÷±€£¥¡¿¼½¾²³µ¶\u00a0\u00ad")
_RARE_LATIN = frozenset("ðþÐÞýÝ")
"""Where Turkish has its letters (windows-1254), and hardly a text in windows-1252 these."""
_CYRILLIC_VOWELS = frozenset("аеиоуыэюяёіїєАЕИОУЫЭЮЯ")
_WIDE_MARKS = re.compile("[\u3000-\u303f\uff01-\uff60\uffe0-\uffee—…‘’“”·]")
_CONTROL_OR_NONE = frozenset({"Cc", "Cn", "Co", "Cs"})


def unmarked_wide(content: bytes) -> str | None:
    """UTF-16 or UTF-32 without a byte-order mark, told by the zeros of its spaces and line ends; None if it is neither.

    >>> unmarked_wide("A line.\\n".encode("utf-16-be")), unmarked_wide(b"nul\\x00nul.")
    ('utf-16-be', None)
    """
    if b"\x00" not in content[:SAMPLE]:
        return None
    found = [(_prose(text), name) for name in _WIDE if (text := _decoded(content[:SAMPLE], name)) is not None]
    best = max(found, default=(0.0, ""))
    return best[1] if best[0] > 0 else None


def ranked(content: bytes, declared: str | None) -> list[str]:
    """The encodings to try, the likeliest first; `declared` is what the document itself says.

    A declared one counts unless the bytes make far better text in another.

    >>> ranked("Die Gebühr beträgt zwölf.".encode("cp1252"), None)[0]
    'cp1252'
    """
    # ASCII alone says nothing of the encoding: sample where the other bytes are.
    lines = [line for line in content[: 64 * SAMPLE].splitlines(keepends=True) if not line.isascii()]
    sample = b"".join(lines)[:SAMPLE] or content[:SAMPLE]
    scores = {name: _score(sample, name) for name in _CANDIDATES}
    order = sorted(_CANDIDATES, key=lambda name: -scores[name])
    best = scores[order[0]]
    found: list[str] = []
    if declared:
        said = _SAID_FOR.get(declared, declared)
        fair = scores.get(said, SURE - 0.1 if _score(sample, said) > 0 else 0.0)
        if fair > 0 and fair >= best - 0.25:
            found.append(said)
    if best < SURE:
        from charset_normalizer import from_bytes  # only what is in none of the known encodings pays for it

        if guess := from_bytes(sample).best():
            found.append(guess.encoding)
    return list(dict.fromkeys([*found, *(name for name in order if scores[name] > 0)]))


def _score(sample: bytes, name: str) -> float:
    """The mean weight of the characters that are not ASCII; 0 for what does not decode."""
    text = _decoded(sample, name)
    if text is None:
        return 0.0
    weigh = _CANDIDATES.get(name, _any)
    weights = []
    for at, character in enumerate(text):
        if not character.isascii():
            before, after = text[at - 1] if at else " ", text[at + 1] if at + 1 < len(text) else " "
            # A lone ideograph between letters is an accent or a dash of another encoding.
            alone = weigh in _IDEOGRAPHIC and before.isascii() and after.isascii()
            weights.append((0.6 if alone else 1.0) * weigh(before, character, after))
    mean = max(0.0, sum(weights) / len(weights)) if weights else 0.0
    return 0.6 * mean if weigh is _cyrillic and _unspeakable(text) else mean


def _unspeakable(text: str) -> bool:
    """Whether Cyrillic letters are no words: Greek and Hebrew have theirs at the same places."""
    letters = [character for character in text if "\u0400" <= character <= "\u04ff"]
    vowels = sum(character in _CYRILLIC_VOWELS for character in letters)
    return len(letters) >= 12 and not 0.25 <= vowels / len(letters) <= 0.6


def _decoded(sample: bytes, name: str) -> str | None:
    for cut in range(5):
        # The sample may end within a character.
        try:
            text = sample[: len(sample) - cut].decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        return text if text.encode(name) == sample[: len(sample) - cut] else None
    return None


def _prose(text: str) -> float:
    """The share of spaces, line ends and full stops in a text whose characters all exist, else 0."""
    if "\x00" in text or any(unicodedata.category(c) in _CONTROL_OR_NONE and c not in "\t\n\r\f" for c in text[:4096]):
        return 0.0
    scripts = sum(c.isascii() or c in "。，、・" for c in text)
    return scripts / len(text) if text else 0.0


def _any(before: str, character: str, after: str) -> float:
    return 0.0 if unicodedata.category(character) in _CONTROL_OR_NONE else SURE - 0.1


def _latin(before: str, character: str, after: str) -> float:
    if character.isalpha():
        if not unicodedata.name(character, "").startswith("LATIN"):
            return 0.0
        if character.isupper() and before.islower():
            return -0.5
        if character in _RARE_LATIN:
            return 0.5
        near = before.isascii() + after.isascii()
        return 0.55 + 0.2 * near if character.islower() or not before.isalpha() or before.isupper() else 0.0
    if character not in _TYPOGRAPHIC:
        return 0.0
    return 0.0 if before.isalpha() and after.isalpha() and character not in "’–—\u00ad·" else 0.9


def _central(before: str, character: str, after: str) -> float:
    return 0.95 * _latin(before, character, after)


def _cyrillic(before: str, character: str, after: str) -> float:
    if not "\u0400" <= character <= "\u04ff":
        return 0.7 if character in _TYPOGRAPHIC and not (before.isalpha() and after.isalpha()) else -0.5
    if character.isupper():
        return -1.0 if before.islower() else 0.5 if before.isalpha() else 0.9
    if (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha()):
        return 0.1
    return 1.06


def _japanese(before: str, character: str, after: str) -> float:
    if "\u3041" <= character <= "\u30fc":
        return 1.1
    return 0.98 * _level(character, "euc_jp", 0xB0, 0xCF)


def _korean(before: str, character: str, after: str) -> float:
    if "\uac00" <= character <= "\ud7a3":
        lead, trail = character.encode("cp949")
        return 1.05 if lead >= 0xB0 and trail >= 0xA1 else 0.1
    return 0.9 if _WIDE_MARKS.match(character) else 0.1


def _simplified(before: str, character: str, after: str) -> float:
    return _level(character, "gb2312", 0xB0, 0xD7)


def _traditional(before: str, character: str, after: str) -> float:
    return _level(character, "big5", 0xA4, 0xC6)


def _level(character: str, charset: str, first: int, last: int) -> float:
    """How common a character is among those of an encoding whose first level has these lead bytes."""
    if _WIDE_MARKS.match(character):
        return 0.9
    if not "\u4e00" <= character <= "\u9fff":
        return 0.2 if "\u3041" <= character <= "\u30fc" else 0.0
    try:
        lead = character.encode(charset)[0]
    except UnicodeEncodeError:
        return 0.1
    return 1.0 if first <= lead <= last else 0.35


_IDEOGRAPHIC = (_japanese, _korean, _simplified, _traditional)
_CANDIDATES: dict[str, Callable[[str, str, str], float]] = {
    "cp1252": _latin,
    "cp1250": _central,
    "cp1254": _central,
    "koi8-r": _cyrillic,
    "cp1251": _cyrillic,
    "shift_jis": _japanese,
    "cp932": _japanese,
    "euc_jp": _japanese,
    "gb18030": _simplified,
    "big5": _traditional,
    "cp950": _traditional,
    "euc_kr": _korean,
    "cp949": _korean,
}
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_SAID_FOR = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}
"""What pages mean by these names: https://encoding.spec.whatwg.org/#names-and-labels"""
