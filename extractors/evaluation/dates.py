"""Dates as people write them, to ISO 8601.

Only what can be read in one way: `03/04/2021` stays as it is. English names of months, long and short.
"""

from __future__ import annotations

import re
from enum import StrEnum

from extractors.dates import IN_WORDS, calendar_day

_FORMS = [
    re.compile(form)
    for form in (
        *IN_WORDS,
        r"[+]?(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})(?:T00:00:00Z?)?",
        r"(?P<year>[0-9]{4})/(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})",
    )
]


class Dates(StrEnum):
    """How dates are compared."""

    AS_WRITTEN = "as-written"
    ISO = "iso"
    """`1 May 2020`, `May 1st, 2020` and `2020-05-01` are the same."""
    YEARS = "years"
    """As ISO, and a first of January is its year: data sets made from Wikidata write years so."""


def normalised_date(text: str, dates: Dates) -> str:
    """The text in ISO 8601 if it is a date as a whole, else the text as it is.

    >>> normalised_date("May 1st, 2020", Dates.ISO), normalised_date("Sept. 2019", Dates.ISO)
    ('2020-05-01', '2019-09')
    >>> normalised_date("01 January 1987", Dates.YEARS), normalised_date("31 June 2020", Dates.ISO)
    ('1987', '31 June 2020')
    """
    if dates is Dates.AS_WRITTEN:
        return text
    for form in _FORMS:
        if (match := form.fullmatch(text)) is None:
            continue
        found = match.groupdict()
        if (date := calendar_day(found)) is None:
            continue
        if dates is Dates.YEARS and (date.month, date.day) == (1, 1) and "day" in found:
            return f"{date.year:04}"
        return date.isoformat() if "day" in found else f"{date.year:04}-{date.month:02}"
    return text
