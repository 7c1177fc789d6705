"""Legal forms of companies at the end of a name: `Inc.`, `Ltd`, `GmbH`, `Co., Ltd.`.

A form says what a company is in law, so two names with different forms are two companies ("Foo Ltd", "Foo Inc."),
and a name without one may be either. Words that make another thing of the name are no forms: Foundation, Labs, DAO,
Group, Holdings, Bank, International.
The forms are those of ISO 20275 that stand in names most often: https://www.iso.org/standard/67420.html
"""

from __future__ import annotations

_FORMS = {
    "inc": "inc", "incorporated": "inc", "corp": "corp", "corporation": "corp", "co": "co", "company": "co",
    "ltd": "ltd", "limited": "ltd", "llc": "llc", "llp": "llp", "lp": "lp", "plc": "plc",
    "gmbh": "gmbh", "mbh": "gmbh", "ag": "ag", "kg": "kg", "kgaa": "kgaa", "ohg": "ohg", "ev": "ev", "se": "se",
    "sa": "sa", "sas": "sas", "sarl": "sarl", "sàrl": "sarl", "spa": "spa", "srl": "srl", "nv": "nv", "bv": "bv",
    "ab": "ab", "asa": "asa", "as": "as", "aps": "aps", "oy": "oy", "oyj": "oyj", "kk": "kk", "pty": "pty",
    "pte": "pte", "bhd": "bhd", "sdn": "sdn", "ltda": "ltda", "jsc": "jsc", "pjsc": "pjsc", "zrt": "zrt",
}  # fmt: skip
_ALSO_WORDS = frozenset(("ag", "as", "se", "sa", "lp", "kg", "ab", "co", "ev", "nv", "kk", "oy", "spa", "sas", "pte"))
"""Forms that are words or names in some language: taken for forms only as they are written in names of companies."""


def legal_form(tokens: tuple[str, ...], written: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    """How many tokens stand before the legal form, and the form; all of them and () where there is none.

    `written` are the tokens before their case was folded.

    >>> legal_form(("foo", "co", "ltd"), ("Foo", "Co", "Ltd"))
    (1, ('co', 'ltd'))
    >>> legal_form(("save", "as"), ("Save", "as"))
    (2, ())
    """
    end = len(tokens)
    while end > 1:
        form = _FORMS.get(tokens[end - 1])
        if form is None or (form in _ALSO_WORDS and written[end - 1].islower()):
            break
        end -= 1
    if 1 < end < len(tokens) and tokens[end - 1] == "and":  # "Smith & Co."
        return end - 1, tuple(_FORMS[token] for token in tokens[end:])
    return end, tuple(_FORMS[token] for token in tokens[end:])
