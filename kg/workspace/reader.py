"""Opens the extractor that the settings name: model, ontology, kept answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kg.workspace.description import ontology_name
from ontology.loader import load
from ontology.model import Example, Ontology

if TYPE_CHECKING:
    from extractors.models.answers import AnswerCache
    from extractors.models.dry_run import Unasked
    from extractors.models.metering import Meter, Prices
    from extractors.models.protocol import ChatModel
    from extractors.reading.extractor import Extractor
    from extractors.reading.reader import Reader
    from kg.workspace.workspace import Workspace

NO_MODEL = "none"
LINGUISTIC = "linguistic"
"""In place of a model's name: sentences are read by their syntax, no language model is asked."""
ENCODER = "encoder:"
"""Before the folder of a trained encoder, in place of a model's name."""


@contextmanager
def open_extractor(
    workspace: Workspace,
    *,
    model: str | None = None,
    ontology: str | None = None,
    examples: Sequence[Example] | None = None,
    raw: bool = False,
    meter: Meter | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Extractor | None]:
    """The extractor, or None where the model is `none`.

    `model` and `ontology` override the settings; `examples`, shown beside the ontology's own, those of the settings;
    `raw` leaves the confidences as the model gives them; calls go through `meter`; `progress` is called with bytes
    while weights are fetched.
    Raises MissingExtra, BadModelName, OntologyNotFound, OntologyRefused, LabelsRefused, CalibrationRefused, and what
    fetching weights raises.
    """
    workspace.require_own()
    settings = workspace.configuration.model
    name = model or settings.use
    if name == NO_MODEL:
        yield None
        return
    if _asks_nothing(name):
        with _extracting(workspace, None, None, ontology, examples, raw=raw, without=name) as extractor:
            yield extractor
        return
    from extractors.models.answers import AnswerCache
    from extractors.models.metering import Meter, Metered

    def metered() -> ChatModel:
        opened = _opened(
            workspace,
            name,
            allow_packages=settings.allow_packages,
            prompts=workspace.state / "prompts",
            progress=progress,
        )
        return Metered(opened, Meter(prices(workspace)) if meter is None else meter)

    with _extracting(workspace, metered, AnswerCache, ontology, examples, raw=raw) as extractor:
        yield extractor


@contextmanager
def open_dry_run(
    workspace: Workspace,
    *,
    model: str | None = None,
    ontology: str | None = None,
    examples: Sequence[Example] | None = None,
) -> Iterator[tuple[Extractor, Unasked] | None]:
    """An extractor that asks nothing and counts what the real one would ask; None where the model is `none`.

    A local model is loaded for its tokenizer, if its weights are here; nothing is fetched.
    """
    workspace.require_own()
    settings = workspace.configuration.model
    name = model or settings.use
    if name == NO_MODEL:
        yield None
        return
    from extractors.models.dry_run import AnswersRead, Unasked
    from extractors.models.prompt_tokens import PromptTokens
    from extractors.models.protocol import ModelIdentity

    if _asks_nothing(name):
        unasked = Unasked(ModelIdentity(name, "", ""), PromptTokens(None))
        with _extracting(workspace, None, None, ontology, examples, raw=False, without=name) as extractor:
            yield extractor, unasked
        return
    opened = _opened(workspace, name) if _is_here(name, settings.file) else None
    identity = opened.identity if opened else ModelIdentity(name.partition(":")[2], "", "")
    unasked = Unasked(identity, PromptTokens(opened))
    try:
        with _extracting(workspace, lambda: unasked, AnswersRead, ontology, examples, raw=False) as extractor:
            yield extractor, unasked
    finally:
        if opened:
            opened.close()


@contextmanager
def _extracting(
    workspace: Workspace,
    open_model: Callable[[], ChatModel] | None,
    kept_answers: Callable[[Path], AnswerCache] | None,
    ontology: str | None,
    examples: Sequence[Example] | None,
    *,
    raw: bool,
    without: str = LINGUISTIC,
) -> Iterator[Extractor]:
    """The extractor that asks a model and looks into `kept_answers`, closed with it at the end; None ask nothing.

    `without` names the reader where no model is asked.
    The model is opened once all else that the settings name can be used: its weights may have to be fetched.
    """
    from extractors.evaluation.calibrator import Calibrator
    from extractors.reading.calibrated import calibrated
    from extractors.reading.extractor import Extractor
    from extractors.reading.second_look import looking_twice

    settings = workspace.configuration.model
    terms = load(ontology or ontology_name(workspace))
    examples = labelled_examples(workspace) if examples is None else examples
    calibrator, shapes = None, shapes_file(workspace)
    if settings.calibration and not raw:
        file = workspace.folder / settings.calibration
        calibrator = Calibrator.from_json(file.read_bytes(), str(file))
    with ExitStack() as held:
        answers = kept_answers(workspace.state / "answers.sqlite") if kept_answers else None
        if answers is not None:
            held.callback(answers.close)
        model = open_model() if open_model else None
        if model is not None:
            held.callback(model.close)
        if model is None:
            reader = _reader_alone(workspace, without, terms, examples)
        else:
            reader = _chat_reader(workspace, model, answers, terms, examples, raw=raw)
        held.pop_all()  # the reader closes them from here on
    try:
        if settings.second_look == "doubtful" and model is not None:
            reader = looking_twice(reader, model, answers)
        if calibrator is not None:
            reader = calibrated(reader, calibrator)
        yield Extractor(reader, terms, workspace.mint, shapes=shapes)
    finally:
        reader.close()


def _asks_nothing(name: str) -> bool:
    """Whether it is the name of a reader that asks no language model."""
    return name == LINGUISTIC or name.startswith(ENCODER)


def _reader_alone(workspace: Workspace, name: str, ontology: Ontology, examples: Sequence[Example]) -> Reader:
    """The reader of that name, which asks no model; an encoder's folder is relative to the workspace."""
    if name.startswith(ENCODER):
        from extractors.reading.encoder_reader import EncoderReader

        return EncoderReader(workspace.folder / name.removeprefix(ENCODER), ontology)
    from extractors.reading.linguistic_reader import LinguisticReader

    return LinguisticReader(ontology, examples)


def _chat_reader(
    workspace: Workspace,
    model: ChatModel,
    answers: AnswerCache | None,
    ontology: Ontology,
    examples: Sequence[Example],
    *,
    raw: bool,
) -> Reader:
    """The reader that asks the model."""
    from extractors.reading.chat_reader import ChatReader
    from kg.workspace.review import reviewed_examples

    reviewed = () if raw else reviewed_examples(workspace, ontology)
    return ChatReader(model, ontology, answers=answers, examples=examples, reviewed=reviewed)


def prices(workspace: Workspace) -> Prices:
    """What the settings say that tokens cost."""
    from extractors.models.metering import Prices

    settings = workspace.configuration.model
    return Prices(settings.price_in, settings.price_out, settings.currency)


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


def _opened(
    workspace: Workspace,
    name: str,
    *,
    allow_packages: bool = False,
    prompts: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ChatModel:
    """The model, with the file, key and patience of the settings."""
    from extractors.models.opening import open_model

    settings = workspace.configuration.model
    return open_model(
        name,
        path=workspace.folder / settings.file if settings.file else None,
        allow_packages=allow_packages,
        timeout=settings.timeout,
        prompts=prompts,
        servers=workspace.servers_file,
        key_file=workspace.folder / settings.key_file if settings.key_file else None,
        progress=progress,
    )


def _is_here(name: str, file: str) -> bool:
    """Whether the model can be opened without fetching anything."""
    from extractors.models.weights import cached_weights

    kind, _, rest = name.partition(":")
    return kind != "local" or bool(file) or cached_weights(rest) is not None
