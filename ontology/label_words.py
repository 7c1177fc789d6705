"""The words of a label that is written in one: `governanceToken`, `cast_member`."""

from __future__ import annotations

import re

_JOINTS = re.compile(r"(?<=[a-z])(?=[A-Z])|_")


def spaced(label: str) -> str:
    """The label with its words apart, each as it is written.

    >>> spaced("hasGovernanceToken"), spaced("cast_member"), spaced("part of")
    ('has Governance Token', 'cast member', 'part of')
    """
    return _JOINTS.sub(" ", label)
