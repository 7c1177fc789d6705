"""Opens the extractor that the settings name: model, ontology, kept answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from anchoring.errors import WrongUsage
from extractors.models.protocol import Completion, Constraint, Message, ModelIdentity
from kg.workspace.description import ontology_name
from ontology.loader import load
from ontology.model import Example

if TYPE_CHECKING:
    from extractors.reading.extractor import Extractor
    from extractors.reading.reader import Passage, Reader
    from kg.workspace.workspace import Workspace

NO_MODEL = "none"


@contextmanager
def open_extractor(
    workspace: Workspace,
    *,
    model: str | None = None,
    ontology: str | None = None,
    examples: Sequence[Example] | None = None,
    raw: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Extractor | None]:
    """The extractor, or None where the model is `none`.

    `model` and `ontology` override the settings; `examples`, shown beside the ontology's own, those of the settings;
    `raw` leaves the confidences as the model gives them; `progress` is called with bytes while weights are fetched.
    Raises MissingExtra, BadModelName, OntologyNotFound, OntologyRefused, LabelsRefused, CalibrationRefused, and what
    fetching weights raises.
    """
    workspace.require_own()
    settings = workspace.configuration.model
    name = model or settings.use
    if name == NO_MODEL:
        yield None
        return
    from extractors.evaluation.calibrator import Calibrator
    from extractors.models.answers import AnswerCache
    from extractors.models.opening import open_model
    from extractors.reading.calibrated import calibrated
    from extractors.reading.chat_reader import ChatReader
    from extractors.reading.extractor import Extractor

    opened = open_model(
        name,
        path=Path(settings.file) if settings.file else None,
        allow_packages=settings.allow_packages,
        progress=progress,
    )
    terms = load(ontology or ontology_name(workspace))
    reader: Reader = ChatReader(
        opened,
        terms,
        answers=AnswerCache(workspace.state / "answers.sqlite"),
        examples=labelled_examples(workspace) if examples is None else examples,
    )
    try:
        if settings.calibration and not raw:
            file = workspace.folder / settings.calibration
            reader = calibrated(reader, Calibrator.from_json(file.read_bytes(), str(file)))
        yield Extractor(reader, terms, workspace.mint, shapes=shapes_file(workspace))
    finally:
        reader.close()


def shapes_file(workspace: Workspace) -> str | None:
    """The SHACL shapes that the settings name: "packaged", a path relative to the workspace, or None for none."""
    name = workspace.configuration.model.shapes
    if name == "none":
        return None
    beside = workspace.folder / name
    return str(beside) if beside.is_file() else name


def labelled_examples(workspace: Workspace, file: str = "") -> tuple[Example, ...]:
    """The labelled texts of `file`, or of the file that the settings name; none where they name none.

    Raises LabelsRefused for a file that cannot be read or holds no labelled texts.
    """
    from extractors.evaluation.errors import LabelsRefused
    from extractors.evaluation.labelled_file import labelled_texts

    name = file or workspace.configuration.model.examples
    if not name:
        return ()
    beside = workspace.folder / name
    path = Path(name) if file or not beside.is_file() else beside
    try:
        with path.open(encoding="utf-8") as lines:
            return tuple(Example(text.text, text.triples) for text in labelled_texts(lines, path.name))
    except (OSError, UnicodeDecodeError) as error:
        raise LabelsRefused(
            f"the labelled texts {name} cannot be read: {error}", remedy="give a file of JSON lines in UTF-8"
        ) from None


def passage_filter(
    workspace: Workspace, *, ontology: str | None = None, examples: Sequence[Example] | None = None
) -> Callable[[Passage], bool]:
    """Whether the extractor would ask about a passage; needs no model."""
    from extractors.reading.chat_reader import ChatReader

    labelled = labelled_examples(workspace) if examples is None else examples
    return ChatReader(Unasked(), load(ontology or ontology_name(workspace)), examples=labelled).asks


class Unasked:
    """The model of a dry run."""

    identity = ModelIdentity(name="none", digest="", runtime="none")

    def complete(self, chat: Sequence[Message], constraint: Constraint | None, *, max_tokens: int) -> Completion:
        """Raises WrongUsage: a dry run asks nothing."""
        raise WrongUsage("a dry run was about to ask a model", remedy="report this")

    def close(self) -> None:
        """Nothing is held."""
