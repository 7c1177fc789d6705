"""Literals as the property values that people query: numbers, truth values, dates, text.

A property value may lose something (the lexical form, the language, digits of a decimal); the exact terms stand beside
it in `terms`. A map from XML Schema to Neo4j: https://neo4j.com/docs/cypher-manual/5/values-and-types/property-structural-constructed/
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import TypeAlias

from pyoxigraph import Literal

from kg.claims.vocabulary import XSD

Value: TypeAlias = str | int | float | bool | dt.datetime | dt.date
Property: TypeAlias = Value | list[Value]

_INTEGERS = frozenset(
    XSD + name
    for name in (
        *("integer", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger"),
        *("negativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)
_FLOATS = frozenset(XSD + name for name in ("decimal", "double", "float"))
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SPECIAL = {"INF": float("inf"), "+INF": float("inf"), "-INF": float("-inf"), "NaN": float("nan")}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


def value_of(literal: Literal) -> Value:
    """The value of a literal, or its text where Neo4j has no fitting type (big integers, other datatypes).

    >>> from pyoxigraph import NamedNode
    >>> value_of(Literal("042", datatype=NamedNode(XSD + "integer"))), value_of(Literal("hallo", language="de"))
    (42, 'hallo')
    """
    text, datatype = literal.value, literal.datatype.value
    if datatype in _INTEGERS and _INTEGER.fullmatch(text):
        number = int(text)
        return number if -(2**63) <= number < 2**63 else text
    if datatype in _FLOATS:
        return _SPECIAL[text] if text in _SPECIAL else float(text) if _FLOAT.fullmatch(text) else text
    if datatype == XSD + "boolean" and text in {"true", "false", "1", "0"}:
        return text in {"true", "1"}
    try:
        if datatype == XSD + "date" and _DATE.fullmatch(text):
            return dt.date.fromisoformat(text)
        if datatype == XSD + "dateTime" and _DATETIME.fullmatch(text):
            return dt.datetime.fromisoformat(text)
    except ValueError:  # 30 February, hour 24, year 0
        return text
    return text


def property_of(literals: Iterable[Literal]) -> Property:
    """One value, or the list of several in the order of their texts; of mixed types, their texts (lists are pure)."""
    ordered = sorted(set(literals), key=str)
    values = [value_of(literal) for literal in ordered]
    if len(values) == 1:
        return values[0]
    if len({type(value) for value in values}) > 1:
        values = [literal.value for literal in ordered]
    return values
