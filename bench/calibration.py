"""Fits the packaged calibration: `python bench/calibration.py TEXT2KGBENCH_FOLDER [--fit 4] [--test 12] [-o FILE]`.

Reads validation sentences of the ontologies without test sentences, fits a calibration on what is found in them, and
measures it on test sentences of the other ontologies: error of calibration, AUROC, Brier score, before and after, and
the points of the reliability diagram. Training sentences are what the reader learns from. A finding is right by the
strict score, dates in one form. Answers are kept in --answers: a second run costs seconds.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from extractors.documents.chunks import chunks
from extractors.documents.load import PLAIN, load_document
from extractors.evaluation.calibration_fit import fit, left_out
from extractors.evaluation.confidence_scores import Judgement, confidence_scores
from extractors.evaluation.dates import Dates
from extractors.evaluation.labelled_file import labelled_texts, with_labels
from extractors.evaluation.model import LabelledText
from extractors.evaluation.normalise import Normalisation
from extractors.models.answers import AnswerCache
from extractors.models.opening import open_model
from extractors.models.protocol import ChatModel
from extractors.reading.chat_reader import ChatReader
from extractors.reading.reader import Passage
from ontology.loader import load
from ontology.model import Example

LONGEST = 400
RULES = Normalisation(Dates.ISO)


def topic_texts(folder: Path, topic: str, part: str, count: int) -> list[LabelledText]:
    """So many sentences of a topic, drawn by a fixed seed; none that is a training sentence."""
    if part == "test":
        gold = (folder / f"ground_truth/ont_{topic}_ground_truth.jsonl").read_text("utf-8").splitlines()
        texts = with_labels(gold, gold, ("test", "gold"))
    else:
        texts = labelled_texts((folder / f"{part}/ont_{topic}_{part}.jsonl").read_text("utf-8").splitlines())
    known = {text.text for text in training(folder, topic)}
    left = [text for text in texts if text.text not in known and len(text.text) < LONGEST]
    return random.Random(7).sample(left, min(count, len(left)))


def training(folder: Path, topic: str) -> tuple[LabelledText, ...]:
    """The training sentences of a topic."""
    return labelled_texts((folder / f"train/ont_{topic}_train.jsonl").read_text("utf-8").splitlines())


def judged(
    folder: Path, topic: str, texts: list[LabelledText], model: ChatModel, answers: AnswerCache
) -> list[list[Judgement]]:
    """(confidence, right) of every finding, by text."""
    examples = [Example(text.text, text.triples) for text in training(folder, topic)]
    reader = ChatReader(
        model, load(str(folder / f"ontologies/{topic}_ontology.json")), answers=answers, examples=examples
    )
    rows = []
    for text in texts:
        gold = {RULES.triple(triple) for triple in text.triples}
        document = load_document(text.text.encode(), name=text.id, media_type=PLAIN)
        row: list[Judgement] = []
        for passage in (Passage(document, chunk, s) for chunk in chunks(document) for s in chunk.sentences):
            for found in reader.read(passage).found:
                triple = (found.triple.subject.called, found.triple.relation.label, found.triple.object.called)
                row.append((float(found.confidence), RULES.triple(triple) in gold))
        rows.append(row)
        print(topic, text.id, row, flush=True)
    return rows


def show(name: str, rows: list[list[Judgement]] | list[Judgement]) -> None:
    """The scores of judgements, one line, and the points of the reliability diagram."""
    flat = [j for row in rows for j in (row if isinstance(row, list) else [row])]
    scores = confidence_scores(flat)
    area = "none" if scores.auroc is None else f"{scores.auroc:.3f}"
    print(
        f"{name:<24} {scores.count} findings, {scores.correct} right, ECE {scores.ece_equal_mass:.3f} (equal mass) "
        f"{scores.ece_equal_width:.3f} (equal width), AUROC {area}, Brier {scores.brier:.3f}"
    )
    print(" " * 25 + " ".join(f"{b.confidence:.2f}:{b.accuracy:.2f}({b.count})" for b in scores.bins))


def main() -> None:
    """Read, fit, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fit", type=int, default=4, help="sentences an ontology to fit on")
    parser.add_argument("--test", type=int, default=12, help="sentences an ontology to measure on")
    parser.add_argument("--model", default="local:qwen2.5-coder-0.5b")
    parser.add_argument("--answers", type=Path, default=Path("calibration.sqlite"))
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    model, answers, folder = open_model(options.model), AnswerCache(options.answers), options.folder
    topics = sorted(path.name.removesuffix("_ontology.json") for path in (folder / "ontologies").glob("*.json"))
    tested = [t for t in topics if (folder / f"ground_truth/ont_{t}_ground_truth.jsonl").exists()]
    others = [t for t in topics if t not in tested]
    fitted_on, measured_on = [], []
    for topic in others:
        fitted_on += judged(folder, topic, topic_texts(folder, topic, "validation", options.fit), model, answers)
    for topic in tested:
        measured_on += judged(folder, topic, topic_texts(folder, topic, "test", options.test), model, answers)
    calibrator = fit(fitted_on)
    print(f"fitted by {calibrator.method} on {len(fitted_on)} texts of {len(others)} ontologies")
    show("those, before", fitted_on)
    show("those, left out", left_out(fitted_on))
    show("others, before", measured_on)
    show("others, calibrated", [(calibrator(c), right) for row in measured_on for c, right in row])
    if options.output:
        options.output.write_text(calibrator.to_json())
    model.close()
    answers.close()


if __name__ == "__main__":
    main()
