"""A long text in pieces, the same for all peers: cut between paragraphs, so that a piece fits a small model."""

from __future__ import annotations

import re

LONGEST = 2400
"""Characters: some 600 tokens."""
_BETWEEN = re.compile(r"\n\s*\n")


def pieces(text: str, longest: int = LONGEST) -> list[str]:
    """Paragraphs joined as long as they fit; a paragraph that does not fit is cut where it must be.

    >>> pieces("a b\\n\\nc\\n\\nd e f", longest=8)
    ['a b\\n\\nc', 'd e f']
    """
    found: list[str] = []
    for paragraph in _BETWEEN.split(text):
        for start in range(0, max(len(paragraph), 1), longest):
            part = paragraph[start : start + longest]
            if found and len(found[-1]) + 2 + len(part) <= longest:
                found[-1] += f"\n\n{part}"
            elif part.strip():
                found.append(part)
    return found or [text]
