"""`triplock eval`: how well the extractor, or any system, reads labelled texts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from anchoring.errors import WrongUsage
from extractors.evaluation.dates import Dates
from kg.cli.files import written
from kg.cli.labels import labelled, lines
from kg.cli.output import Output, fetching, pass_output
from kg.errors import EvaluationIncomplete

if TYPE_CHECKING:
    from extractors.evaluation.evaluate import Evaluation
    from extractors.evaluation.model import LabelledText, Predicted
    from extractors.models.metering import Prices

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_TARGET = click.Path(dir_okay=False, path_type=Path)


@click.command("eval", short_help="Score the extractor, or any system, on labelled texts.")
@click.argument("file", type=_FILE)
@click.option("--labels", type=_FILE, help="The triples, where FILE has the texts only; joined by id.")
@click.option("--predictions", type=_FILE, help="Score what this file says and ask nothing.")
@click.option("--against", type=_FILE, help="Compare with the predictions of another system in this file.")
@click.option("--model", default=None, help="Override [model] use.")
@click.option("--ontology", default=None, help="Override [model] ontology.")
@click.option("--few-shot", type=_FILE, help="Labelled texts to show the model as examples.")
@click.option("--limit", type=click.IntRange(min=1), default=None, help="Take so many of the texts, drawn by --seed.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the draws, and of the intervals.")
@click.option("--min-confidence", type=click.FloatRange(0, 1), default=None, help="Leave out what is less sure.")
@click.option(
    "--dates", type=click.Choice([d.value for d in Dates]), default="as-written", help="How dates are compared."
)
@click.option("--price-in", type=click.FloatRange(0), help="Override [model] price_in.")
@click.option("--price-out", type=click.FloatRange(0), help="Override [model] price_out.")
@click.option("--save", type=_TARGET, help="Write what was found into this file, a line a text.")
@click.option("--resume", is_flag=True, help="Go on from the file of --save: ask only what it has no answer for.")
@click.option("--html", type=_TARGET, help="Write the report with its plots into this file.")
@click.option("--fit-calibration", type=_TARGET, metavar="FILE", help="Fit a calibration and write it into FILE.")
@pass_output
def eval_command(
    output: Output,
    file: Path,
    labels: Path | None,
    predictions: Path | None,
    against: Path | None,
    model: str | None,
    ontology: str | None,
    few_shot: Path | None,
    limit: int | None,
    seed: int,
    min_confidence: float | None,
    dates: str,
    price_in: float | None,
    price_out: float | None,
    save: Path | None,
    resume: bool,
    html: Path | None,
    fit_calibration: Path | None,
) -> int:
    """Score the extractor on FILE: JSON lines of texts and the triples that are right for them.

    Without --predictions the model of the workspace reads the texts.
    Prints strict, partial and official scores with intervals, calibration, cost, and mistakes by kind.
    Exit code 5 says that some texts have no answer.
    """
    from extractors.evaluation.comparison import compare
    from extractors.evaluation.evaluate import evaluate
    from extractors.evaluation.normalise import Normalisation
    from extractors.evaluation.report_json import comparison_json, report_json
    from extractors.evaluation.report_text import comparison_text, report_text
    from extractors.models.metering import Prices
    from ontology.loader import load

    if predictions is not None and (model or few_shot or save or resume):
        raise click.UsageError("--predictions asks nothing: leave out --model, --few-shot, --save and --resume")
    if resume and save is None:
        raise click.UsageError("--resume goes on from a file: name it with --save")
    if (price_in is None) != (price_out is None):
        raise click.UsageError("give both prices or none")
    texts = _texts(file, labels, limit, seed)
    settings: tuple[tuple[str, str], ...] = (("labels", file.name),)
    prices = Prices(price_in or 0.0, price_out or 0.0)
    if predictions is not None:
        said: Sequence[Predicted] = _predictions(predictions, texts if limit else None)
        terms = load(ontology) if ontology else None
        settings += (("predictions", predictions.name),)
    else:
        asked = _asked(
            output,
            texts,
            model=model,
            ontology=ontology,
            few_shot=few_shot,
            save=save,
            resume=resume,
            raw=fit_calibration is not None,
        )
        said, terms = asked.said, load(asked.ontology)
        min_confidence = asked.min_confidence if min_confidence is None else min_confidence
        settings += asked.settings
        prices = asked.prices if price_in is None else prices
    priced = prices.per_million_in > 0 or prices.per_million_out > 0
    rules = Normalisation(Dates(dates))
    evaluation = evaluate(
        texts,
        said,
        ontology=terms,
        normalisation=rules,
        min_confidence=min_confidence or 0.0,
        price=prices.of if priced else None,
        seed=seed,
        settings=settings,
    )
    document, lines = report_json(evaluation), [report_text(evaluation)]
    comparison = None
    if against is not None:
        theirs = _predictions(against, texts if limit else None)
        ours = [said for _, said in evaluation.pairs]
        comparison = compare(texts, ours, theirs, normalisation=rules, seed=seed)
        document["comparison"] = comparison_json(comparison)
        lines += ["", comparison_text(comparison)]
    if fit_calibration is not None:
        document["calibration"], line = _fitted(evaluation, fit_calibration)
        lines += ["", line]
    if html is not None:
        from extractors.evaluation.report_html import report_html

        _write(html, report_html(evaluation, file.name, comparison))
    output.result(document, "\n".join(lines))
    if evaluation.failed:
        output.say(f"{len(evaluation.failed)} texts have no answer; the first: {evaluation.failed[0].failed}")
        return EvaluationIncomplete.exit_code
    return 0


def _texts(file: Path, labels: Path | None, limit: int | None, seed: int) -> Sequence[LabelledText]:
    texts = labelled(file, labels)
    if limit is None or limit >= len(texts):
        return texts
    drawn = sorted(random.Random(seed).sample(range(len(texts)), limit))  # noqa: S311 - a sample, no secret
    return [texts[n] for n in drawn]


def _predictions(file: Path, only: Sequence[LabelledText] | None) -> tuple[Predicted, ...]:
    from extractors.evaluation.predictions_file import predictions

    said = predictions(lines(file), file.name)
    if only is None:
        return said
    wanted = {text.id for text in only}
    return tuple(p for p in said if p.id in wanted)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an extractor claims of texts, its threshold, its ontology's name, prices, and what decided the claims."""

    said: Sequence[Predicted]
    min_confidence: float
    ontology: str
    prices: Prices
    settings: tuple[tuple[str, str], ...]


def _asked(
    output: Output,
    texts: Sequence[LabelledText],
    *,
    model: str | None,
    ontology: str | None,
    few_shot: Path | None,
    save: Path | None,
    resume: bool,
    raw: bool,
) -> _Asked:
    """Runs the workspace's extractor over the texts."""
    from extractors.evaluation.saved_predictions import SavedPredictions
    from kg.workspace.description import ontology_name
    from kg.workspace.evaluation import examples_beside, read_texts, system_digest
    from kg.workspace.reader import labelled_examples, open_extractor, prices

    with ExitStack() as stack:
        workspace = stack.enter_context(output.workspace())
        progress = stack.enter_context(output.progress())
        shown = labelled_examples(workspace, "" if few_shot is None else str(few_shot))
        examples = examples_beside(shown, texts)
        extractor = stack.enter_context(
            open_extractor(
                workspace,
                model=model,
                ontology=ontology,
                examples=examples,
                raw=raw,
                progress=fetching(progress, "the model"),
            )
        )
        if extractor is None:
            raise WrongUsage(
                "the model of the workspace is none, which reads no prose",
                remedy="name one with --model, or give --predictions",
            )
        settings = (*extractor.agent.parameters, ("examples", str(len(examples))))
        system = system_digest(settings, examples)
        least, extractor.min_confidence = extractor.min_confidence, Decimal(0)  # what it leaves out is judged, too
        saved = SavedPredictions(save, system, {t.id for t in texts}, resume=resume) if save is not None else None
        known = dict(saved.kept) if saved is not None else {}
        waiting = [text for text in texts if text.id not in known]
        for done, said in enumerate(read_texts(extractor, waiting, system), len(known) + 1):
            known[said.id] = said
            if saved is not None:
                saved.add(said)
            progress("reading texts", done, len(texts))
        found = [known[text.id] for text in texts]
        return _Asked(found, float(least), ontology or ontology_name(workspace), prices(workspace), settings)


def _write(file: Path, text: str) -> None:
    with written(file) as target:
        target.write(text.encode())


def _fitted(evaluation: Evaluation, target: Path) -> tuple[dict[str, object], str]:
    """Fits and writes a calibration; what it promises, for programs and for people."""
    from extractors.evaluation.calibration_fit import fit, left_out
    from extractors.evaluation.confidence_scores import confidence_scores

    calibrator = fit(evaluation.judgements)
    before = evaluation.confidence
    after = confidence_scores(left_out(evaluation.judgements))
    _write(target, calibrator.to_json())
    error = 0.0 if before is None else before.ece_equal_mass
    document: dict[str, object] = {
        "file": str(target),
        "digest": calibrator.digest,
        "method": calibrator.method,
        "judgements": calibrator.judgements,
        "eceBefore": error,
        "eceLeftOut": after.ece_equal_mass,
    }
    return document, (
        f"calibration by {calibrator.method} on {calibrator.judgements} triples in {target}: "
        f"calibration error {error:.3f} before, {after.ece_equal_mass:.3f} on texts left out"
    )
