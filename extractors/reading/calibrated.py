"""A reader whose confidences are frequencies: what another reader finds, with its confidence put through a calibration.

What is found, and what it costs, stays the same; the calibration is among the parameters that decide a claim.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from extractors.evaluation.calibrator import Calibrator
from extractors.reading.reader import Passage, Reader, Reading, least_confidence
from extractors.reading.wrapped import wrapped

_LEAST = Decimal("0.01")


def calibrated(reader: Reader, calibrator: Calibrator) -> Reader:
    """The reader with calibrated confidences; it can be told what was wrong if `reader` can."""

    def change(_: Passage, reading: Reading) -> Reading:
        found = tuple(replace(f, confidence=_two_places(calibrator(float(f.confidence)))) for f in reading.found)
        return replace(reading, found=found)

    return wrapped(reader, change, ("calibration", calibrator.digest), min_confidence=least_confidence(reader))


def _two_places(confidence: float) -> Decimal:
    return max(_LEAST, min(Decimal(1), Decimal(f"{confidence:.2f}")))
