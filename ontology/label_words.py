"""The words of a label, also of one that is written as one word: `governanceToken`, `cast_member`."""

from __future__ import annotations

import re

AFTER_PARTICIPLES = frozenset(("by", "in", "at", "to", "on", "from", "with", "for"))
"""As in "written by"."""
PREPOSITIONS = AFTER_PARTICIPLES | {"of"}
_JOINTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")


def spaced(label: str) -> str:
    """The label with its words apart, each as it is written.

    >>> spaced("hasGovernanceToken"), spaced("cast_member"), spaced("part of")
    ('has Governance Token', 'cast member', 'part of')
    """
    return _JOINTS.sub(" ", label)


def label_words(label: str) -> list[str]:
    """The words of a label as prose would have them.

    >>> label_words("hasGovernanceToken"), label_words("TVL of"), label_words("_")
    (['governance', 'token'], ['TVL', 'of'], [])
    """
    words = [word.lower() if word[1:].islower() else word for word in spaced(label).split()]
    return words[1:] if len(words) > 1 and words[0] in ("has", "is") else words
