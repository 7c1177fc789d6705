"""What a second look gains and costs: `python bench/second_look.py LABELLED.jsonl --ontology FILE [--examples FILE]`.

Reads labelled texts (the form of `triplock eval`), asks the second look about every finding, and prints how well the
reader's confidence, the second look, and both joined by several weights tell right from wrong: AUROC, the best F1 over
all thresholds, and the tokens that the second look takes beside those of reading.
Answers are kept in --answers, so a run that was stopped goes on. A finding is right by the strict score.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from extractors.documents.chunks import chunks
from extractors.documents.load import PLAIN, load_document
from extractors.evaluation.confidence_scores import Judgement, auroc
from extractors.evaluation.dates import Dates
from extractors.evaluation.labelled_file import labelled_texts
from extractors.evaluation.normalise import Normalisation
from extractors.models.answers import AnswerCache
from extractors.models.opening import open_model
from extractors.reading.chat_reader import ChatReader
from extractors.reading.odds import log_odds
from extractors.reading.reader import NOTHING_USED, Passage
from extractors.reading.second_look import DOUBTFUL, EDGE, SecondLook
from ontology.loader import load
from ontology.model import Example

WEIGHTS = (0.0, 0.25, 0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Judged:
    """A finding: the reader's confidence, the second look's yes, whether it is right."""

    confidence: float
    yes: float
    right: bool


def best_f1(judgements: list[Judgement], labelled: int) -> float:
    """The best F1 that a threshold reaches."""
    thresholds = {confidence for confidence, _ in judgements}
    taken = ([right for confidence, right in judgements if confidence >= t] for t in thresholds)
    return max((2 * sum(kept) / (len(kept) + labelled) for kept in taken), default=0.0)


def main() -> None:
    """Read, look twice, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--ontology", required=True)
    parser.add_argument("--examples", type=Path)
    parser.add_argument("--model", default="local:qwen2.5-coder-0.5b")
    parser.add_argument("--limit", type=int, default=60)
    parser.add_argument("--answers", type=Path, default=Path("second-look.sqlite"))
    options = parser.parse_args()
    model, answers, rules = open_model(options.model), AnswerCache(options.answers), Normalisation(Dates.ISO)
    shown = labelled_texts(options.examples.open(encoding="utf-8")) if options.examples else ()
    reader = ChatReader(
        model, load(options.ontology), answers=answers, examples=[Example(t.text, t.triples) for t in shown]
    )
    look = SecondLook(model, answers)
    judged: list[Judged] = []
    reading, looking, labelled = NOTHING_USED, NOTHING_USED, 0
    for text in labelled_texts(options.file.open(encoding="utf-8"))[: options.limit]:
        gold = {rules.triple(triple) for triple in text.triples}
        labelled += len(gold)
        document = load_document(text.text.encode(), name=text.id, media_type=PLAIN)
        for passage in (Passage(document, chunk, s) for chunk in chunks(document) for s in chunk.sentences):
            found = reader.read(passage)
            reading += found.usage
            for each in found.found:
                likely, usage = look.likely(passage, each.triple)
                triple = (each.triple.subject.called, each.triple.relation.label, each.triple.object.called)
                judged.append(Judged(float(each.confidence), likely or 0.5, rules.triple(triple) in gold))
                if DOUBTFUL[0] <= each.confidence <= DOUBTFUL[1]:
                    looking += usage
    print(f"{len(judged)} findings, {sum(j.right for j in judged)} right, {labelled} labelled")
    print(f"tokens now: reading {reading.tokens_in}, second look {looking.tokens_in}")
    for name, scores in (("confidence", [j.confidence for j in judged]), ("yes", [j.yes for j in judged])):
        _show(name, list(zip(scores, (j.right for j in judged), strict=True)), labelled)
    for weight in WEIGHTS:
        joined = [(log_odds(j.confidence, EDGE) + weight * log_odds(j.yes, EDGE), j.right) for j in judged]
        _show(f"joined {weight}", joined, labelled)
    reader.close()


def _show(name: str, judgements: list[Judgement], labelled: int) -> None:
    area = auroc(judgements)
    print(f"{name:<12} AUROC {area if area is None else round(area, 3)}  best F1 {best_f1(judgements, labelled):.3f}")


if __name__ == "__main__":
    main()
