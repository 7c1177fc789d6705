"""A file of predictions that grows as texts are read, so that a run that was stopped goes on from it."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from extractors.evaluation.model import Predicted
from extractors.evaluation.predictions_file import prediction_line, predictions


class SavedPredictions:
    """The file at `path`; `system` names what predicts.

    `kept` are the answers of an earlier run of the same system for the texts `wanted`, by id; failed ones are not.
    Without `resume` there are none, and what the file held is gone.
    Raises PredictionsRefused where a file to go on from is not one of predictions.
    """

    def __init__(self, path: Path, system: str, wanted: Collection[str], *, resume: bool) -> None:
        self.path = path
        self.kept: dict[str, Predicted] = {}
        if resume and path.exists():
            # A run that was killed may have written a part of its last line.
            whole = path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
            self.kept = {
                said.id: said
                for said in predictions(whole, path.name)
                if said.id in wanted and said.system == system and not said.failed
            }
        temporary = path.with_name(path.name + ".tmp")
        temporary.write_text("".join(map(prediction_line, self.kept.values())), encoding="utf-8")
        temporary.replace(path)

    def add(self, said: Predicted) -> None:
        """Appends a prediction; it is with the system when this returns."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(prediction_line(said))
            file.flush()
            os.fsync(file.fileno())
