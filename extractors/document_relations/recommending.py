"""Whether a unit of text only recommends: what it names there is not needed.

The words of RFC 2119, https://datatracker.ietf.org/doc/html/rfc2119#section-3 , in capitals or not, since many
documents write them so. A unit with a word of obligation beside them does more than recommend.
"""

from __future__ import annotations

import re

from extractors.document_relations.mentions import CODE, Unit

_RECOMMENDS = re.compile(r"\b(?:should|recommended|may(?!\s+[0-9])|optional|optionally)\b", re.IGNORECASE)
_OBLIGES = re.compile(r"\b(?:must|shall|requires?|required|mandatory)\b", re.IGNORECASE)


def only_recommends(unit: Unit) -> bool:
    """Whether the unit has words of recommendation and none of obligation; code has neither.

    >>> [only_recommends(Unit(0, len(text), "paragraph", (), text)) for text in (
    ...     "It SHOULD implement ERC-165.", "It MUST implement ERC-165 and MAY log.", "It extends ERC-20 of May 2016.")]
    [True, False, False]
    """
    return unit.kind != CODE and bool(_RECOMMENDS.search(unit.visible)) and not _OBLIGES.search(unit.visible)
