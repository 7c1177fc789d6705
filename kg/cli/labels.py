"""Files of labelled texts, as commands are given them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extractors.evaluation.model import LabelledText


def labelled(file: Path, labels: Path | None) -> tuple[LabelledText, ...]:
    """The texts of a file with their triples, which may stand in a second one; raises LabelsRefused."""
    from extractors.evaluation.labelled_file import labelled_texts, with_labels

    if labels is None:
        return labelled_texts(lines(file), file.name)
    return with_labels(lines(file), lines(labels), (file.name, labels.name))


def lines(file: Path) -> list[str]:
    """The lines of a file; raises LabelsRefused for one that is no UTF-8."""
    try:
        return file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        from extractors.evaluation.errors import LabelsRefused

        raise LabelsRefused(f"{file} is no UTF-8: {error.reason}", remedy="write it as UTF-8") from None
