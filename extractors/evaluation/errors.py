"""The errors of evaluating an extraction.

::

    TriplockError
    └── InputRefused
        ├── LabelsRefused        a file of labelled texts is not in the form that is read
        ├── PredictionsRefused   predictions are not in the form that is read, or are not of these texts
        └── CalibrationRefused   a calibration cannot be fitted on so little, or its file is not one
"""

from __future__ import annotations

from anchoring.errors import InputRefused


class LabelsRefused(InputRefused):
    """A file of labelled texts is not in the form that is read."""

    code = "labels-refused"


class PredictionsRefused(InputRefused):
    """Predictions are not in the form that is read, or are not of these texts."""

    code = "predictions-refused"


class CalibrationRefused(InputRefused):
    """A calibration cannot be fitted on so little, or its file is not one."""

    code = "calibration-refused"
