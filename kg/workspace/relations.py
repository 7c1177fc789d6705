"""Opens the weights with which relations of whole documents are read: those of the settings, or those asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kg.workspace.description import ontology_name
from kg.workspace.reader import NO_MODEL

if TYPE_CHECKING:
    from extractors.document_relations.reading import RelationReader
    from kg.workspace.workspace import Workspace

PACKAGED = "packaged"


def open_relations(
    workspace: Workspace, *, model: str | None = None, ontology: str | None = None, weights: Sequence[str] = ()
) -> tuple[RelationReader, ...]:
    """A reader for each file of weights; `packaged` stands for those that come with the ontology.

    Without `weights` they are those of the settings, and none where the model is `none`: then only fixed code reads.
    Raises WeightsRefused.
    """
    from extractors.document_relations import weights as files
    from extractors.document_relations.reading import RelationReader

    settings = workspace.configuration.model
    if not weights and (model or settings.use) == NO_MODEL:
        return ()
    readers = []
    for name in weights or settings.weights:
        if name == PACKAGED:
            readers += [RelationReader(w) for w in files.packaged(ontology or ontology_name(workspace))]
        else:
            beside = workspace.folder / name
            readers.append(RelationReader(files.load(Path(name) if weights or not beside.is_file() else beside)))
    return tuple(readers)
