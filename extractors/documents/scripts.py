"""Scripts written without blanks between words, as rules look for them: Chinese, Japanese, Korean."""

from __future__ import annotations

import re

CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Kana, ideographs and Hangul syllables, for a class of characters in a regular expression."""
CJK_PROSE = re.compile(f"[{CJK}]{{4,}}")
"""Signs enough to say something."""
