"""Whether an answer of the model is in the form that a system asked for, read strictly and without repairs."""

from __future__ import annotations

import json
import re

_FENCE = re.compile(r"\A\s*```(?:json)?\s*(.*?)\s*```\s*\Z", re.DOTALL)
_SECTION = re.compile(r"\[\[ ## (\w+) ## \]\]\s*(.*?)(?=\[\[ ## |\Z)", re.DOTALL)
_LINE = re.compile(r"none|[^|\n]+\|[^|\n]+\|[^|\n]+")
_FIELD = re.compile(r"[\w ]+:.*")


def parses(content: str, form: str) -> bool:
    """Whether `content` is in `form`: json (bare or in one code fence), dspy, lines or fields.

    >>> parses('```json\\n{"nodes": []}\\n```', "json"), parses('{"nodes": [', "json")
    (True, False)
    >>> parses("[[ ## entities ## ]]\\n[\\"a\\"]\\n\\n[[ ## completed ## ]]", "dspy")
    True
    >>> parses("a | requires | b\\nc | requires | d", "lines"), parses("requires", "lines")
    (True, False)
    """
    if form == "json":
        return _is_json(content)
    if form == "dspy":
        sections = [text for name, text in _SECTION.findall(content) if name not in ("completed", "reasoning")]
        return _is_json(content) or (bool(sections) and all(_is_json(text) for text in sections))
    lines = [line for line in content.strip().splitlines() if line.strip()]
    pattern = _LINE if form == "lines" else _FIELD
    return bool(lines) and all(pattern.fullmatch(line.strip()) for line in lines)


def _is_json(content: str) -> bool:
    fenced = _FENCE.match(content)
    try:
        json.loads(fenced[1] if fenced else content)
    except ValueError:
        return False
    return True
