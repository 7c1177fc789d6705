"""JSON from strangers, with a bound on how deep it nests.

Python's JSON parser recurses in C and relies on the interpreter's recursion limit to stop.
Importing web3 raises that limit to 100,000 (py_ecc does), and then a file of opening brackets overruns the stack:
the process dies by a segmentation fault that nothing can catch. So the depth is measured before parsing.
"""

from __future__ import annotations

import json
import re
from typing import Any

MAX_DEPTH = 100

# Possessive, and a string without an end reaches to the end of the text: so each byte is looked at once.
# What stands behind such a quote does not count, since the parser stops there too.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


def bounded_json(content: bytes | str) -> Any:
    """The document in `content` (UTF-8); raises ValueError if it is none or nests deeper than `MAX_DEPTH`.

    >>> bounded_json(b'{"a": ["[[[["]}')
    {'a': ['[[[[']}
    >>> bounded_json(b"[" * 200_000)
    Traceback (most recent call last):
        ...
    ValueError: the JSON nests deeper than 100
    """
    if isinstance(content, str):
        content = content.encode()
    check_depth(content)
    return json.loads(content.decode("utf-8-sig"))


def json_of_format(content: bytes | str, number: int) -> dict[str, Any]:
    """The object in `content` that says it is of this `format`; raises ValueError, with the reason, if it is none.

    >>> json_of_format(b'{"format": 1, "points": []}', 1)
    {'format': 1, 'points': []}
    >>> json_of_format(b'{"format": 2}', 1)
    Traceback (most recent call last):
        ...
    ValueError: it has no format 1
    """
    try:
        document = bounded_json(content)
    except ValueError as error:
        raise ValueError(f"it is no JSON: {str(error)[:120]}") from None
    if not isinstance(document, dict) or document.get("format") != number:
        raise ValueError(f"it has no format {number}")
    return document


def check_depth(content: bytes) -> None:
    """Before a parser follows them: raises ValueError if the brackets nest deeper than `MAX_DEPTH`."""
    # Most texts have too few brackets to nest that deep; counting them is far cheaper than following them.
    if content.count(b"[") + content.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for match in _TOKEN.finditer(content):
        first = content[match.start()]
        if first in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise ValueError(f"the JSON nests deeper than {MAX_DEPTH}")
        elif first in b"]}":
            depth -= 1
