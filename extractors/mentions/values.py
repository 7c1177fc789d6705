"""What the text of a span says as a value: dates and numbers in the lexical forms of XML Schema.

https://www.w3.org/TR/xmlschema11-2/ . Only what can be read in one way: `03/04/2021` is no date.
English names of months, long and short; Chinese and Japanese dates by their signs.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from extractors.dates import IN_WORDS, calendar_day
from kg.claims.vocabulary import XSD

_STRING = frozenset({XSD + "string", XSD + "normalizedString", XSD + "token", XSD + "anySimpleType"})
_WHOLE = frozenset(
    XSD + name
    for name in (
        "integer", "int", "long", "short", "nonNegativeInteger", "positiveInteger", "unsignedInt", "unsignedLong",
        "unsignedShort",
    )
)  # fmt: skip
_BROKEN = frozenset(XSD + name for name in ("decimal", "double", "float"))
_FORMS = tuple(
    re.compile(form)
    for form in (
        *IN_WORDS,
        r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?",
        r"(?P<year>[0-9]{4})年(?:(?P<month>[0-9]{1,2})月(?:(?P<day>[0-9]{1,2})日)?)?",
        r"(?:00\s+)?(?P<year>1[0-9]{3}|20[0-9]{2})",
    )
)
_AMOUNT = re.compile(
    r"(?:US\$|[$€£¥])?\s*(?P<number>-?[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)(?:[\s-]?(?P<scale>thousand|million|billion|trillion))?"
    r"(?:[\s-]?[%A-Za-z²³])*",
    re.IGNORECASE,
)
_SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}


def date(text: str) -> str | None:
    """The date that the text is, in the form of xsd:date, xsd:gYearMonth or xsd:gYear; None if it is none.

    >>> date("May 8, 1923"), date("3rd of June 2001"), date("Sept. 2019"), date("1972"), date("31 June 2020")
    ('1923-05-08', '2001-06-03', '2019-09', '1972', None)
    """
    plain = " ".join(text.split())
    if not any(map(str.isdigit, plain)):
        return None
    for form in _FORMS:
        if match := form.fullmatch(plain):
            found = match.groupdict()
            if not found.get("month"):
                return found["year"]
            if day := calendar_day(found):
                return day.isoformat() if found.get("day") else day.isoformat()[:7]
    return None


def number(text: str) -> str | None:
    """The number that the text begins with, units left out, in the form of xsd:decimal; None if it is none.

    >>> number("$25 million"), number("12,500"), number("3.50 km"), number("ERC-20"), number("five")
    ('25000000', '12500', '3.5', None, None)
    """
    match = _AMOUNT.fullmatch(" ".join(text.split()))
    if match is None:
        return None
    try:
        value = Decimal(match["number"].replace(",", "")).scaleb(_SCALES.get((match["scale"] or "").lower(), 0))
    except InvalidOperation:
        return None
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def datatypes(text: str) -> frozenset[str]:
    """The XSD datatypes of which the text is a value, but for strings, which every text is.

    >>> sorted(name.rpartition("#")[2] for name in datatypes("May 8, 1923"))
    ['date']
    """
    found: set[str] = set()
    said = date(text)
    if said is not None:
        found.add(XSD + {10: "date", 7: "gYearMonth", 4: "gYear"}[len(said)])
        if len(said) < 10:
            found.add(XSD + "date")
    amount = number(text)
    if amount is not None:
        found |= _BROKEN
        if "." not in amount:
            found |= {
                d for d in _WHOLE if not amount.startswith("-") or d.endswith(("#integer", "#int", "#long", "#short"))
            }
    if text.casefold() in ("true", "false"):
        found.add(XSD + "boolean")
    if re.fullmatch(r"https?://\S+|ipfs://\S+", text):
        found.add(XSD + "anyURI")
    return frozenset(found)


def lexical(text: str, datatype: str) -> tuple[str, str]:
    """The text as a literal of the datatype: its lexical form and the datatype it then has.

    A date of which only the year or the month is known becomes an xsd:gYear or xsd:gYearMonth; what cannot be
    written as the datatype asks stays as it is, for the validation to refuse.

    >>> lexical("May 8, 1923", XSD + "date")[0], lexical("1923", XSD + "date")[1].rpartition("#")[2]
    ('1923-05-08', 'gYear')
    >>> lexical("12,500 gas", XSD + "integer")[0]
    '12500'
    """
    if datatype in (XSD + "date", XSD + "gYear", XSD + "gYearMonth", XSD + "dateTime"):
        said = date(text)
        if said is None:
            return text, datatype
        if datatype == XSD + "gYear":
            return said[:4], datatype
        if datatype == XSD + "dateTime" and len(said) == 10:
            return f"{said}T00:00:00", datatype
        return said, XSD + {10: "date", 7: "gYearMonth", 4: "gYear"}[len(said)]
    if datatype in _WHOLE | _BROKEN:
        return number(text) or text, datatype
    if datatype == XSD + "boolean":
        return text.casefold(), datatype
    return (" ".join(text.split()) if datatype in _STRING else text), datatype


@lru_cache(maxsize=1 << 16)
def compared(text: str) -> str:
    """What two ways of writing a name or value share: a date's form, else the text in small letters.

    >>> compared("May 8, 1923") == compared("08 May 1923"), compared("01 January 1972") == compared("1972")
    (True, True)
    """
    said = date(text)
    if said is None:
        return " ".join(text.split()).casefold()
    return said[:4] if said.endswith("-01-01") else said
