"""Dates as people write them in words, read for claims and for their scores alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_NUMBER_OF = {name[:length]: n for n, name in enumerate(MONTHS, 1) for length in (3, len(name))} | {"sept": 9}
_MONTH = r"(?P<month>[A-Za-z]{3,9})\.?"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>[0-9]{4})"
IN_WORDS = (
    rf"{_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}",
    rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}",
    rf"{_MONTH},?\s+{_YEAR}",
)
"""Forms of dates with the name of a month; groups are `year`, `month` and, in some, `day`."""


def calendar_day(found: Mapping[str, str | None]) -> dt.date | None:
    """The day of a year, a month (a number or an English name, long or short) and a day, the first where none is said.

    None if the calendar has none such.

    >>> calendar_day({"year": "2019", "month": "Sept"}), calendar_day({"year": "2020", "month": "06", "day": "31"})
    (datetime.date(2019, 9, 1), None)
    """
    named = (found["month"] or "").lower()
    month = int(named) if named.isdecimal() else _NUMBER_OF.get(named, 0)
    try:
        return dt.date(int(found["year"] or 0), month, int(found.get("day") or 1))
    except ValueError:
        return None
