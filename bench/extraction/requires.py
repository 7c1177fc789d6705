"""How well `requires` is read from bodies alone: `python bench/extraction/requires.py EIPS [--ablation]`.

EIPS is a folder with `headers.jsonl` (one JSON line a document: file, id, requires, authors) and `dev_split.json`, the
documents that are only tested on. The header of each is the gold, and is never looked at by what is measured.
Prints F1 on the development documents with intervals and paired shares against counting mentions and links, F1 of the
others by cross-validation, calibration of both, processor seconds, and what each group of features is worth.
`--write FILE` makes the weights that come with triplock from the others, and ends.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean

from extractors.document_relations.boosting import Settings
from extractors.document_relations.mentions import body
from extractors.document_relations.reading import RelationReader
from extractors.document_relations.task import Task, task_of
from extractors.document_relations.training import Labelled, best_threshold, f1, labelled, left_out, train
from extractors.document_relations.weights import Weights, load, packaged
from extractors.documents.load import load_document
from extractors.documents.model import Document
from extractors.evaluation.bootstrap import Resampling, interval, share_better
from extractors.evaluation.confidence_scores import Judgement, confidence_scores
from extractors.evaluation.counts import Counts, total
from ontology.loader import load as ontology

GROUPS: dict[str, tuple[str, ...]] = {
    "words of the sentence": ("~ ",),
    "words before": ("<",),
    "words after": (">",),
    "words in code": ("code ",),
    "headings": ("under ", "share under "),
    "kind of block": ("in ",),
    "counts and shares": ("mentions", "share of m", "things named", "sections", "linked", "only linked"),
    "places": ("first at", "last at", "spread", "characters", "things before", "share of things"),
    "length of the document": ("length", "things", "mentions of all", "mentions per"),
}
"""Groups of features by how their names begin."""

READ_BY_HAND = Path(__file__).with_name("silent_headers.jsonl")
"""Claims of documents with silent headers, and whether the document needs what they name."""
Row = dict[str, object]
Claimed = Callable[[Document], set[str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path, default=None, help="a file of triplock train; by default the packaged")
    parser.add_argument("--write", type=Path, default=None, help="learn from the other documents, write this and end")
    parser.add_argument("--ablation", action="store_true", help="learn again without each group of features")
    options = parser.parse_args()
    rows = [json.loads(line) for line in (options.folder / "headers.jsonl").read_text().splitlines()]
    held_out = set(json.loads((options.folder / "dev_split.json").read_text())["dev"])
    if options.write:
        files = [options.folder / row["file"] for row in rows if row["file"] not in held_out]
        task = task_of(ontology("ethereum-standards"), "requires")
        options.write.write_text(train(map(load_document, files), task).to_json())
        return
    weights = load(options.weights) if options.weights else packaged("ethereum-standards")[0]
    print(f"weights {weights.digest}, learnt from {weights.origin['documents']} documents")
    development(options.folder, [row for row in rows if row["file"] in held_out], weights)
    others = [row for row in rows if row["file"] not in held_out]
    begun = time.process_time()
    documents = [load_document(options.folder / str(row["file"])) for row in others]
    found = [example for document in documents if (example := labelled(document, weights.task)) is not None]
    examples = sorted(found, key=lambda example: example.cid)
    print(f"\nreading {len(documents)} other documents: {time.process_time() - begun:.1f} processor seconds")
    cross_validation(examples, weights)
    silent_headers(documents, weights)
    if options.ablation:
        ablation(examples)
    authors(others, documents)


def development(folder: Path, rows: Sequence[Row], weights: Weights) -> None:
    documents = [load_document(folder / str(row["file"])) for row in rows]
    reader, task = RelationReader(weights), weights.task
    begun = time.process_time()
    judged = [reader.judge(document) for document in documents]
    seconds = time.process_time() - begun
    gold = [{eip(n) for n in row["requires"] if n != row["id"]} for row in rows]  # type: ignore[attr-defined]
    systems: dict[str, list[set[str]]] = {
        "weights": [{j.identity for j in listed if j.claimed} for listed in judged],
        "two mentions": [at_least(document, task, 2) for document in documents],
        "two mentions, links apart": [at_least(document, task, 2, apart=True) for document in documents],
        "linked": [linked(document, task) for document in documents],
        "named at all": [at_least(document, task, 1) for document in documents],
    }
    resampling = Resampling(len(rows))
    ours: list[Counts] = []
    required = sum(map(len, gold))
    print(f"{len(rows)} development documents, {required} required, {seconds:.2f} processor seconds to judge")
    for name, claimed in systems.items():
        counts = [Counts(len(g), len(c), len(g & c)) for g, c in zip(gold, claimed, strict=True)]
        ours = ours or counts
        score, samples = total(counts).score, resampling.f1(counts)
        bounds, better = interval(samples), share_better(resampling.f1(ours), samples)
        print(
            f"{name:<26} F1 {score.f1:.4f} [{bounds.low:.3f}, {bounds.high:.3f}]  P {score.precision:.3f}"
            f"  R {score.recall:.3f}" + ("" if counts is ours else f"  below the weights in {better:.1%} of samples")
        )
    named = sum(len(g & {j.identity for j in listed}) for g, listed in zip(gold, judged, strict=True))
    print(f"{'ceiling (named in body)':<26} R {named / required:.3f}")
    calibrated("development", [(j.confidence, j.identity in g) for g, js in zip(gold, judged, strict=True) for j in js])


def cross_validation(examples: Sequence[Labelled], weights: Weights) -> None:
    begun = time.process_time()
    margins = left_out(examples, Settings())
    threshold = best_threshold(examples, margins)
    print(
        f"{len(examples)} documents state it; learnt five times in {time.process_time() - begun:.1f} processor seconds"
    )
    score = f1(examples, margins, threshold)
    print(f"left out: F1 {score:.4f} at margin {threshold}, the weights' is {weights.threshold}")
    stated = sum(example.stated for example in examples)
    for least in (1, 2):
        said = [{i for i, shown in e.things.items() if shown["mentions"] >= least} for e in examples]
        correct = sum(len(s & e.right) for s, e in zip(said, examples, strict=True))
        print(f"at least {least} mentions: F1 {2 * correct / (sum(map(len, said)) + stated):.4f}")
    judgements = [
        (confidence(weights, margin), identity in example.right)
        for example, row in zip(examples, margins, strict=True)
        for identity, margin in row.items()
    ]
    calibrated("left out", judgements)


def silent_headers(documents: Sequence[Document], weights: Weights) -> None:
    """Claims for documents whose headers state nothing, against those that were drawn by chance and read by hand."""
    reader = RelationReader(weights)
    silent = [d for d in documents if weights.task.stated(d) is None and weights.task.speaks_of(d)]
    judged = {d.subject: {j.identity: j for j in reader.judge(d, silent=True)} for d in silent}
    claims = [j for found in judged.values() for j in found.values() if j.claimed]
    print(f"{len(silent)} silent headers: {len(claims)} claims, {sum(j.confidence >= 0.5 for j in claims)} from .5 on")
    read = [json.loads(line) for line in READ_BY_HAND.read_text().splitlines()]
    pairs = [(judged[eip(row["id"])][eip(row["object"])], bool(row["holds"])) for row in read]
    before = [weights.confidence(j.features) for j, _ in pairs]
    after = [j.confidence for j, _ in pairs]
    print(
        f"read by hand: {len(pairs)}, {sum(holds for _, holds in pairs)} hold; mean confidence {mean(after):.2f}, "
        f"{mean(before):.2f} as if the header were not there"
    )


def confidence(weights: Weights, margin: int) -> float:
    """The calibrated probability of a margin."""
    return replace(weights, model=replace(weights.model, bias=margin, steps={})).confidence({})


def ablation(examples: Sequence[Labelled]) -> None:
    whole = score_without(examples, ())
    print(f"\nwithout{'F1':>27}{'AUROC':>9}\n{'nothing':<28}{whole[0]:.4f}{whole[1]:>9.4f}")
    for name, prefixes in GROUPS.items():
        score, area = score_without(examples, prefixes)
        print(f"{name:<28}{score:.4f}{area:>9.4f}", flush=True)


def score_without(examples: Sequence[Labelled], prefixes: tuple[str, ...]) -> tuple[float, float]:
    kept = [
        replace(e, things={i: {n: v for n, v in s.items() if not n.startswith(prefixes)} for i, s in e.things.items()})
        for e in examples
    ]
    margins = left_out(kept, Settings())
    pairs = [(float(m), i in e.right) for e, row in zip(kept, margins, strict=True) for i, m in row.items()]
    return f1(kept, margins, best_threshold(kept, margins)), confidence_scores(pairs).auroc or 0.0


def authors(rows: Sequence[Row], documents: Sequence[Document]) -> None:
    """How many of the authors a header names stand anywhere in the body, by name or handle."""
    named = every = 0
    for row, document in zip(rows, documents, strict=True):
        text = document.text.split("\n---", 1)[-1].casefold()
        for author in row["authors"]:  # type: ignore[attr-defined]
            every += 1
            named += any(said and said.casefold() in text for said in (author["name"], author["handle"]))
    print(f"\nauthors: {named} of {every} ({named / every:.1%}) are named in the body at all")


def at_least(document: Document, task: Task, least: int, *, apart: bool = False) -> set[str]:
    """What the body names at least so often; `apart` counts a link's text and its address as two."""
    counts: dict[str, int] = {}
    for mention in body(document, task.names).mentions:
        counts[mention.identity] = counts.get(mention.identity, 0) + (2 if apart and mention.linked else 1)
    return {identity for identity, count in counts.items() if count >= least} - {task.own(document) or ""}


def linked(document: Document, task: Task) -> set[str]:
    found = {mention.identity for mention in body(document, task.names).mentions if mention.linked}
    return found - {task.own(document) or ""}


def calibrated(name: str, judgements: Sequence[Judgement]) -> None:
    scores = confidence_scores(judgements)
    print(
        f"calibration, {name}: ECE {scores.ece_equal_mass:.3f} (equal width {scores.ece_equal_width:.3f}), "
        f"AUROC {scores.auroc:.3f}, {scores.correct} of {scores.count} right"
    )


def eip(number: object) -> str:
    return f"https://eips.ethereum.org/EIPS/eip-{number}"


if __name__ == "__main__":
    main()
