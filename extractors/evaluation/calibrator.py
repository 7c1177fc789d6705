"""From a raw confidence to the frequency of being right that labelled texts have shown for it.

A calibrator is a rising curve through a few points, kept as JSON and applied without numpy: between two points it is
a straight line, outside them it is level. What fits the points stands in `calibration_fit`.
"""

from __future__ import annotations

import hashlib
import json
import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

from anchoring.encoding.bounded_json import json_of_format
from extractors.evaluation.errors import CalibrationRefused

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Calibrator:
    """A curve from raw to calibrated confidence, both from 0 to 1, neither falling.

    `method` says how the points were fitted, `judgements` on how many judged triples.
    """

    method: str
    raw: tuple[float, ...]
    calibrated: tuple[float, ...]
    judgements: int

    def __call__(self, confidence: float) -> float:
        """The calibrated confidence, to four places.

        >>> Calibrator("isotonic", (0.5, 0.9), (0.2, 0.8), 100)(0.7)
        0.5
        """
        if math.isnan(confidence):
            return self.calibrated[0]
        right = bisect_right(self.raw, confidence)
        if right in (0, len(self.raw)):
            return round(self.calibrated[0 if right == 0 else -1], 4)
        x0, x1 = self.raw[right - 1], self.raw[right]
        y0, y1 = self.calibrated[right - 1], self.calibrated[right]
        return round(y0 + (y1 - y0) * (confidence - x0) / (x1 - x0), 4)

    def to_json(self) -> str:
        """The file's text; equal calibrators have equal texts."""
        points = [[x, y] for x, y in zip(self.raw, self.calibrated, strict=True)]
        document = {
            "format": FORMAT,
            "method": self.method,
            "judgements": self.judgements,
            "points": points,
        }
        return json.dumps(document, separators=(",", ":")) + "\n"

    @property
    def digest(self) -> str:
        """`sha256:` of the file's text: what decides the calibrated confidences of claims."""
        return "sha256:" + hashlib.sha256(self.to_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, content: bytes, name: str = "the calibration") -> Calibrator:
        """The calibrator of a file's bytes; `name` is for messages. Raises CalibrationRefused."""
        try:
            document = json_of_format(content, FORMAT)
        except ValueError as error:
            raise _refused(name, str(error)) from None
        points = document.get("points")
        if not isinstance(points, list) or not points or not all(map(_is_point, points)):
            raise _refused(name, "points are pairs of numbers from 0 to 1, and at least one")
        raw, calibrated = tuple(float(p[0]) for p in points), tuple(float(p[1]) for p in points)
        if any(a >= b for a, b in pairwise(raw)) or list(calibrated) != sorted(calibrated):
            raise _refused(name, "the curve does not rise")
        judgements = document.get("judgements")
        return cls(str(document.get("method")), raw, calibrated, judgements if isinstance(judgements, int) else 0)


def _is_point(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(x, int | float) and not isinstance(x, bool) and 0 <= x <= 1 for x in value)
    )


def _refused(name: str, why: str) -> CalibrationRefused:
    return CalibrationRefused(
        f"{name[:120]} is no calibration: {why}", remedy="make one with: triplock eval --fit-calibration"
    )
