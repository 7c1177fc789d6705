"""Which words are of one family: "direct", "director" and "direction"; "publish" and "publication".

Two lemmas are of one family if they begin alike and both ends are endings by which English derives words.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import takewhile

_ENDING_WORDS = """
e er or r ion sion tion ation ition cation ication ification ment ing ed d ance ence sh ure ist ship y al es s
"""
_ENDINGS = frozenset(("", *_ENDING_WORDS.split()))
_LEAST = 4


@lru_cache(maxsize=1 << 16)
def related(first: str, second: str) -> bool:
    """Whether the lemmas are of one family.

    >>> related("direct", "director"), related("publish", "publication"), related("own", "owner")
    (True, True, True)
    >>> related("direct", "directory"), related("compose", "compost"), related("star", "start")
    (False, False, False)
    """
    if first == second:
        return True
    begin = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
    rests = first[begin:], second[begin:]
    if begin < _LEAST:
        return begin >= 3 and sorted(rests) in (["", "er"], ["", "or"])
    return rests[0] in _ENDINGS and rests[1] in _ENDINGS


def is_agent(noun: str, verb: str) -> bool:
    """Whether the noun names who does what the verb says.

    >>> is_agent("director", "direct"), is_agent("publication", "publish"), is_agent("composer", "compose")
    (True, False, True)
    """
    return noun != verb and related(noun, verb) and noun.endswith(("er", "or", "ist"))
