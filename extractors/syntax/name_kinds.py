"""Which kinds of names may stand for members of a class, by the English word that the class goes by.

The kinds are those of OntoNotes 5 (https://catalog.ldc.upenn.edu/LDC2013T19), in which spaCy's English models name
names. They are often wrong about titles, so a class of works only rules out what can be no title.
"""

from __future__ import annotations

from collections.abc import Sequence

PERSON = frozenset({"PERSON", "ORG", ""})
"""Half of the uncommon names of persons are taken for organisations, or for nothing."""
GROUP = frozenset({"ORG", "PRODUCT", "GPE", "FAC", "PERSON", "WORK_OF_ART"})
PLACE = frozenset({"GPE", "LOC", "FAC"})
FIGURES = frozenset({"DATE", "TIME", "PERCENT", "MONEY", "QUANTITY", "ORDINAL", "CARDINAL"})
NO_WORK = frozenset({"PERSON", "GPE", "LOC", "NORP", "LANGUAGE", *FIGURES})
"""No kinds of works, systems, species and the like: of what is no person, group or place."""
_WORDS = {
    PERSON: """human person people man woman artist author writer actor singer musician composer director politician
        player athlete astronaut officer agent scientist president king queen character""",
    GROUP: """organization organisation company enterprise business firm publisher team club band group party agency
        institution university school government army unit studio label""",
    PLACE: """place location city town village country state region territory area continent island mountain peak
        river lake sea""",
}
_KINDS = {word: kinds for kinds, words in _WORDS.items() for word in words.split()}


def kinds_of(labels: Sequence[str]) -> frozenset[str] | None:
    """The kinds that members of these classes may be named as; None if the words say nothing of it.

    >>> kinds_of(["film character"]) == PERSON, kinds_of(["film"])
    (True, None)
    """
    found = [_KINDS.get(label.casefold().split()[-1]) for label in labels if label.split()]
    known = [kinds for kinds in found if kinds is not None]
    return frozenset().union(*known) if known and len(known) == len(found) else None
