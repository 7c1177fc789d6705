"""A calibrated reader finds the same with other confidences, and says by which calibration."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from stating_reader import StatingReader

from extractors.documents.chunks import chunks
from extractors.documents.load import load_document
from extractors.evaluation.calibrator import Calibrator
from extractors.evaluation.errors import CalibrationRefused
from extractors.reading.calibrated import calibrated
from extractors.reading.reader import Passage, Reading, Repairing
from kg.workspace.configuration import Configuration, ModelSettings
from kg.workspace.reader import open_extractor
from kg.workspace.workspace import Workspace
from ontology.grammar import Triple
from ontology.loader import loads

LIBRARY = loads(b'{"concepts": [], "relations": [{"pid": "P1", "label": "author"}]}', "l.json")
DOCUMENT = load_document(b"Ann wrote X.", name="a.txt")
CHUNK = chunks(DOCUMENT)[0]
PASSAGE = Passage(DOCUMENT, CHUNK, CHUNK.sentences[0])
CURVE = Calibrator("isotonic", (0.5, 0.9), (0.0, 0.4), 100)


class RepairingReader(StatingReader):
    def repair(self, passage: Passage, refused: Sequence[tuple[Triple, str]]) -> Reading:
        return self.read(passage)


@pytest.mark.parametrize(("raw", "expected"), [("0.90", "0.40"), ("0.70", "0.20"), ("0.30", "0.01"), ("1.00", "0.40")])
def test_confidences_follow_the_curve_and_nothing_else_changes(raw: str, expected: str) -> None:
    reader = RepairingReader(LIBRARY, [("X", "author", "Ann")], Decimal(raw))
    mended = calibrated(reader, CURVE)
    before, after = reader.read(PASSAGE), mended.read(PASSAGE)
    assert [f.confidence for f in after.found] == [Decimal(expected)]
    assert [f.triple for f in after.found] == [f.triple for f in before.found]
    assert (after.usage, after.mentions, after.rejected) == (before.usage, before.mentions, before.rejected)
    assert mended.parameters == (*reader.parameters, ("calibration", CURVE.digest))
    assert mended.asks(PASSAGE)
    assert isinstance(mended, Repairing)
    assert mended.repair(PASSAGE, []) == after


def test_a_reader_that_cannot_repair_is_not_said_to() -> None:
    assert not isinstance(calibrated(StatingReader(LIBRARY, []), CURVE), Repairing)


def test_a_workspace_uses_the_calibration_that_its_settings_name(tmp_path: Path) -> None:
    settings = ModelSettings(use="http://127.0.0.1:9/v1#none", calibration="curve.json")
    with Workspace.init(tmp_path / "kg", Configuration(model=settings)) as workspace:
        curve = workspace.folder / "curve.json"
        curve.write_text(CURVE.to_json())
        with open_extractor(workspace) as extractor:
            assert extractor is not None
            assert ("calibration", CURVE.digest) in extractor.agent.parameters
        with open_extractor(workspace, raw=True) as extractor:
            assert extractor is not None
            assert "calibration" not in dict(extractor.agent.parameters)
        curve.write_text("{}")
        with pytest.raises(CalibrationRefused), open_extractor(workspace):
            pass
