"""One confidence from two opinions: how likely labelled sentences make a line, and what the model said of it.

What the model said moves the logarithm of the odds; by how much was fitted on labelled sentences that neither had seen
(docs/decisions/0106 and 0107 say which, and how). Without labelled sentences the second opinion is that of the words:
a relation of which the sentence has none is seldom stated, however sure a small model is.
"""

from __future__ import annotations

import math
from decimal import Decimal

from extractors.reading import odds

SAID = (0.25, 0.55, 0.55)
"""For a line that the model wrote: constant, weight of the logarithm of its own confidence, and what is left of the
logarithm of the odds that labelled sentences give it."""
UNSAID = -0.40
"""For a line that it did not write: what is added to the logarithm of the odds."""
WORDED = (-0.7, 1.2)
"""Without labelled sentences, for a line of whose relation the sentence has a word: constant, and weight of the
logarithm of the odds that the model gives it."""
UNWORDED = Decimal("0.3")
"""What is left of the model's confidence where the sentence has no word of the relation."""
_LEAST = 1e-3


def said(likely: float, confidence: Decimal) -> Decimal:
    """The confidence in a line that the model wrote; never less than if it had not.

    >>> said(0.5, Decimal("0.90")) > said(0.5, Decimal("0.10"))
    True
    """
    own = math.log(max(float(confidence), _LEAST))
    return max(odds.confidence(SAID[0] + SAID[1] * own + SAID[2] * odds.log_odds(likely, _LEAST)), unsaid(likely))


def unsaid(likely: float) -> Decimal:
    """The confidence in a line that only the labelled sentences speak for, and that the model did not write.

    >>> unsaid(0.3) < said(0.3, Decimal("0.90"))
    True
    """
    return odds.confidence(odds.log_odds(likely, _LEAST) + UNSAID)


def unasked(likely: float) -> Decimal:
    """The confidence in a line that the labelled sentences speak for, where no model was asked: as likely as it is.

    >>> unasked(0.254)
    Decimal('0.25')
    """
    return odds.confidence(odds.log_odds(likely, _LEAST))


def worded(confidence: Decimal) -> Decimal:
    """The confidence in a line that a model wrote and of whose relation the sentence has a word.

    >>> worded(Decimal("0.30")), worded(Decimal("0.60")), worded(Decimal("0.90"))
    (Decimal('0.15'), Decimal('0.45'), Decimal('0.87'))
    """
    return odds.confidence(WORDED[0] + WORDED[1] * odds.log_odds(float(confidence), _LEAST))


def unworded(confidence: Decimal) -> Decimal:
    """The confidence in a line that a model wrote and of whose relation the sentence has no word.

    >>> unworded(Decimal("0.90"))
    Decimal('0.27')
    """
    return max((confidence * UNWORDED).quantize(Decimal("0.01")), Decimal("0.01"))
