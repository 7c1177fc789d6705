"""How sure the model was of a line, among the lines that the grammar left it.

A token's probability is divided by that of all likely tokens with which an allowed answer could have gone on, so what
the grammar forbids does not count against it; the line's confidence is the product over its tokens.
No line is surer than one before it, on which it is conditional.
It is the model's own estimate under a grammar, not a frequency of being right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from extractors.models.protocol import TokenChoice
from ontology.grammar import EMPTY, Triple

WITHOUT_PROBABILITIES = Decimal("0.50")
"""What a claim gets where the server gives no probabilities: stated, and nothing known about how surely."""


def confidences(tokens: Sequence[TokenChoice], answer: str, offered: Sequence[Triple]) -> dict[str, Decimal]:
    """The confidence of each line of the answer, from 0.01 to 1, to two places; empty if the tokens do not spell it."""
    texts = [t.text for t in tokens]
    if not "".join(texts).startswith(answer.rstrip("\n")):
        return {}
    lines = [triple.line + "\n" for triple in offered]
    found: dict[str, Decimal] = {}
    line, sure, first, least = "", 1.0, 0, Decimal(1)
    for token in tokens:
        sure *= _share(token, line, lines[first:], at_start=not found)
        line += token.text
        if line.endswith("\n") or line + "\n" in lines:
            spelled = line.rstrip("\n")
            if spelled + "\n" in lines:
                least = min(least, max(Decimal(f"{sure:.2f}"), Decimal("0.01")))
                found[spelled] = least
                first = lines.index(spelled + "\n") + 1
            if line.endswith("\n"):
                line, sure = "", 1.0
    return found


def _share(token: TokenChoice, line: str, lines: Sequence[str], *, at_start: bool) -> float:
    """The token's part of the probability of the tokens that may stand here."""
    mine = math.exp(token.logprob)
    allowed = [*lines, EMPTY] if at_start else lines
    rest = sum(
        math.exp(logprob)
        for text, logprob in token.others
        if text and text != token.text and any(known.startswith(line + text) for known in allowed)
    )
    return mine / (mine + rest) if mine + rest > 0 else 0.0
