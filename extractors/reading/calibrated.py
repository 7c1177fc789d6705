"""A reader whose confidences are frequencies: what another reader finds, with its confidence put through a calibration.

What is found, and what it costs, stays the same; the calibration is among the parameters that decide a claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from extractors.evaluation.calibrator import Calibrator
from extractors.reading.reader import Passage, Reader, Reading, Repairing
from ontology.grammar import Triple

_LEAST = Decimal("0.01")


def calibrated(reader: Reader, calibrator: Calibrator) -> Reader:
    """The reader with calibrated confidences; it can be told what was wrong if `reader` can."""
    return (
        _CalibratedRepairing(reader, calibrator) if isinstance(reader, Repairing) else _Calibrated(reader, calibrator)
    )


class _Calibrated:
    def __init__(self, reader: Reader, calibrator: Calibrator) -> None:
        self._reader = reader
        self._calibrator = calibrator

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """Those of the reader, and the digest of the calibration."""
        return (*self._reader.parameters, ("calibration", self._calibrator.digest))

    @property
    def min_confidence(self) -> Decimal:
        """That of the reader."""
        return Decimal(getattr(self._reader, "min_confidence", "0.50"))

    def asks(self, passage: Passage) -> bool:
        """As the reader says."""
        return self._reader.asks(passage)

    def read(self, passage: Passage) -> Reading:
        """What the reader finds."""
        return self._of(self._reader.read(passage))

    def close(self) -> None:
        """Closes the reader."""
        self._reader.close()

    def _of(self, reading: Reading) -> Reading:
        found = tuple(replace(f, confidence=_two_places(self._calibrator(float(f.confidence)))) for f in reading.found)
        return replace(reading, found=found)


class _CalibratedRepairing(_Calibrated):
    def repair(self, passage: Passage, refused: Sequence[tuple[Triple, str]]) -> Reading:
        """What the reader finds in place of what was refused."""
        assert isinstance(self._reader, Repairing)  # noqa: S101 - for the type checker: `calibrated` has looked
        return self._of(self._reader.repair(passage, refused))


def _two_places(confidence: float) -> Decimal:
    return max(_LEAST, min(Decimal(1), Decimal(f"{confidence:.2f}")))
