"""What general reading does before any model is asked: `python -m bench.learned_reading [--sentences 60] [FOLDER]`.

For each ontology of Text2KGBench's TekGen part (validation sentences, the training sentences as the labelled ones): the
share of labelled triples that the sentence has word by word, the share of those of which both ends are among the spans
offered, spans a sentence, seconds of learning, the share of sentences that cost no call, and the strict precision,
recall and F1 of what is stated by learning alone; last, of what is settled without a model, whether the confidences
are frequencies. FOLDER is that of the data sets. With --nonsense the relations have
names without meaning, and their old names as comments.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from anchoring.encoding.cid import Cid
from bench.extraction.data.task import shuffled
from extractors.documents.model import Chunk, Document, Sentence
from extractors.evaluation.confidence_scores import confidence_scores, judged
from extractors.evaluation.dates import Dates
from extractors.evaluation.labelled_file import labelled_texts
from extractors.evaluation.model import LabelledText, Predicted, PredictedTriple
from extractors.evaluation.normalise import Normalisation
from extractors.evaluation.strict import strict
from extractors.mentions.known import KnownNames
from extractors.mentions.names import mentions
from extractors.mentions.values import compared
from extractors.reading.open_questions import OpenQuestions
from extractors.reading.reader import Passage
from ontology.loader import load
from ontology.model import Example, Ontology

Labelled = TypeVar("Labelled", Example, LabelledText)


def passage_of(text: str) -> Passage:
    """A document of one sentence."""
    content = text.encode()
    document = Document(Cid.of(content), content, text, "utf-8", "text/plain", "", "urn:example:sentence")
    sentence = Sentence(0, len(text), text)
    return Passage(document, Chunk(document.cid, 0, (), (sentence,)), sentence)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--nonsense", action="store_true")
    options = parser.parse_args()
    root = options.folder / "tekgen"
    print("ontology verbatim offered spans seconds no_call precision recall f1")
    everything: list[tuple[LabelledText, Predicted]] = []
    for name, path in ontologies(root):
        everything += one(root, name, path, options)
    report("all", everything)
    judgements = [j for of_text in judged(*zip(*everything, strict=True), Normalisation(Dates.YEARS)) for j in of_text]
    scores = confidence_scores(judgements)
    print(f"of {scores.count} settled by learning: calibration error {scores.ece_equal_mass:.3f} (equal mass) ", end="")
    print(f"{scores.ece_equal_width:.3f} (equal width), AUROC {scores.auroc or 0:.3f}")


def arguments(description: str | None) -> argparse.ArgumentParser:
    """The arguments of a bench over the data set: where it lies, how many sentences an ontology, and which."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("../shared/datasets"))
    parser.add_argument("--sentences", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    return parser


def ontologies(root: Path) -> list[tuple[str, Path]]:
    """The names and files of the data set's ontologies, in its order."""
    files = sorted((root / "ontologies").glob("*_ontology.json"), key=lambda p: int(p.name.split("_")[0]))
    return [(path.name.removesuffix("_ontology.json"), path) for path in files]


def renamed(ontology: Ontology) -> tuple[Ontology, dict[str, str]]:
    """The ontology with nonsense for names and its names as comments, and the new names by the old."""
    names = {r.label: "".join(f"{c}o" for c in str(n).translate(_DIGITS)) for n, r in enumerate(ontology.extractable)}
    relations = {
        iri: replace(r, label=names[r.label], comment=f"{r.label} {r.comment}".strip())
        for iri, r in ontology.relations.items()
        if r.label in names
    }
    return replace(ontology, relations=relations), names


def split(root: Path, name: str, sentences: int, seed: int) -> tuple[list[Example], list[LabelledText]]:
    """The training sentences of an ontology, and so many of its validation sentences that are none of those."""
    train, test = (
        labelled_texts((root / part / f"ont_{name}_{part}.jsonl").read_text("utf-8").splitlines())
        for part in ("train", "validation")
    )
    by_id = {text.id: text for text in test}
    chosen = [by_id[i] for i in shuffled(list(by_id), seed)[:sentences]]
    heldout = {text.text for text in chosen}
    return [Example(t.text, t.triples) for t in train if t.text not in heldout], chosen


def one(root: Path, name: str, path: Path, options: argparse.Namespace) -> list[tuple[LabelledText, Predicted]]:
    examples, chosen = split(root, name, options.sentences, options.seed)
    ontology = load(path)
    if options.nonsense:
        ontology, names = renamed(ontology)
        examples, chosen = ([_said_so(t, names) for t in texts] for texts in (examples, chosen))
    begun = time.process_time()
    questions = OpenQuestions(ontology, examples)
    questions.of(passage_of(chosen[0].text))  # the first question is what it learns for
    seconds = time.process_time() - begun
    known = KnownNames(examples)
    pairs, verbatim, offered, spans, quiet = [], 0, 0, 0, 0
    for text in chosen:
        found = {compared(m.text) for m in mentions(text.text, known=tuple(known.spans(text.text)))}
        spans += len(found)
        for subject, _, value in text.triples:
            if subject.casefold() in text.text.casefold() and value.casefold() in text.text.casefold():
                verbatim += 1
                offered += compared(subject) in found and compared(value) in found
        question = questions.of(passage_of(text.text))
        quiet += not question.answers
        stated = question.findings({})
        said = tuple(
            PredictedTriple(
                t.subject.called, t.relation.label, t.object.called, None if question.answers else float(sure)
            )
            for t, sure in stated.items()
            if sure >= questions.min_confidence and question.doubt(t) is None
        )
        pairs.append((text, Predicted(text.id, said)))
    triples = sum(len(text.triples) for text in chosen)
    report(
        f"{name} {verbatim / triples:.2f} {offered / max(verbatim, 1):.2f} {spans / len(chosen):.0f} {seconds:.1f} "
        f"{quiet / len(chosen):.2f}",
        pairs,
    )
    return [
        (LabelledText(f"{name} {t.id}", t.text, t.triples), Predicted(f"{name} {p.id}", p.triples)) for t, p in pairs
    ]


def _said_so(text: Labelled, names: dict[str, str]) -> Labelled:
    return replace(text, triples=tuple((s, names.get(r, r), o) for s, r, o in text.triples))


_DIGITS = str.maketrans("0123456789", "bdfghklmnp")


def report(label: str, pairs: list[tuple[LabelledText, Predicted]]) -> None:
    texts, predictions = zip(*pairs, strict=True)
    score = strict(texts, predictions, Normalisation(Dates.YEARS)).micro
    print(f"{label} {score.precision:.3f} {score.recall:.3f} {score.f1:.3f}", flush=True)


if __name__ == "__main__":
    main()
