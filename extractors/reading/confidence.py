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
from ontology.grammar import EMPTY, Answers

WITHOUT_PROBABILITIES = Decimal("0.50")
"""What a claim gets where the server gives no probabilities: stated, and nothing known about how surely."""


def confidences(tokens: Sequence[TokenChoice], answer: str, answers: Answers) -> dict[str, Decimal]:
    """The confidence of each line of the answer, from 0.01 to 1, to two places; empty if the tokens do not spell it."""
    texts = [t.text for t in tokens]
    if not "".join(texts).startswith(answer.rstrip("\n")):
        return {}
    found: dict[str, Decimal] = {}
    line, sure, ended = "", 1.0, ("", 1.0)
    for token in [*tokens, TokenChoice("\n", 0.0)]:
        sure *= _share(token, line, answers, tuple(found))
        if token.text == "\n" and ended[0]:
            least = min([*found.values(), max(Decimal(f"{ended[1]:.2f}"), Decimal("0.01"))])
            found.setdefault(ended[0], least)
        line += token.text
        if line.endswith("\n"):
            line, sure, ended = "", 1.0, ("", 1.0)
        elif answers.accepts(line):
            ended = line, sure
    return found


def _share(token: TokenChoice, line: str, answers: Answers, lines: Sequence[str]) -> float:
    """The token's part of the probability of the tokens that may stand here."""
    mine = math.exp(token.logprob)
    rest = sum(
        math.exp(logprob)
        for text, logprob in token.others
        if text
        and text != token.text
        and (
            answers.continues(line + text, lines)
            or (answers.may_be_none and not lines and EMPTY.startswith(line + text))
        )
    )
    return mine / (mine + rest) if mine + rest > 0 else 0.0
