"""JSON that nests without end is refused, even where a library has raised the recursion limit."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchoring.encoding.bounded_json import MAX_DEPTH, bounded_json

_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)),
    max_leaves=30,
)


@given(_JSON, st.booleans())
def test_what_is_json_is_read_as_json_reads_it(document: object, ascii_only: bool) -> None:
    assert bounded_json(json.dumps(document, ensure_ascii=ascii_only).encode()) == document


def outcome(parse: Callable[[bytes], object], content: bytes) -> str:
    """What parsing gives, or that it refuses."""
    try:
        return repr(parse(content))
    except ValueError:
        return "refused"


@given(st.binary(max_size=200) | st.text('"\\[]{}:,1a', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused_as_json_does(content: bytes) -> None:
    assert outcome(bounded_json, content) == outcome(lambda c: json.loads(c.decode("utf-8-sig")), content)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"\\"]":'])
def test_the_bound_is_exact(opening: bytes) -> None:
    deep = opening.count(b"[") + opening.count(b"{")
    turns = MAX_DEPTH // deep
    closing = {b"[": b"]", b'{"a":': b"}", b'[{"\\"]":': b"}]"}[opening]
    assert bounded_json(opening * turns + b"1" + closing * turns)
    with pytest.raises(ValueError, match="deeper"):
        bounded_json(opening * (turns + 1) + b"1" + closing * (turns + 1))


def test_a_process_with_a_raised_limit_survives_a_file_of_brackets() -> None:
    program = (
        "import sys; sys.setrecursionlimit(10**6)\n"
        "from anchoring.encoding.bounded_json import bounded_json\n"
        "for text in (b'[' * 10**6, b'{\"a\":' * 10**6, b'\"\\\\' * 10**6, b'\"' + b'[' * 10**6):\n"
        "    try: bounded_json(text)\n"
        "    except ValueError: continue\n"
        "    sys.exit('accepted')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
