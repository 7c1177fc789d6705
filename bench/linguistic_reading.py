"""What the linguistic reader finds: `python -m bench.linguistic_reading [--sentences 60] [--show] [FOLDER]`.

For each ontology of Text2KGBench's TekGen part, validation sentences: the triples stated, the strict precision, recall
and F1 without labelled sentences, and with the training sentences as the labelled ones. `where labelled` is the
precision over the statements of a relation that the sentence has a label of: most labels are one relation of several
that a sentence states. FOLDER is that of the data sets. With --show the statements are printed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from bench.learned_reading import arguments, ontologies, passage_of, split
from extractors.evaluation.dates import Dates
from extractors.evaluation.model import LabelledText, Predicted, PredictedTriple
from extractors.evaluation.normalise import Normalisation
from extractors.evaluation.strict import strict
from extractors.reading.linguistic_reader import LinguisticReader
from ontology.loader import load

RULES = Normalisation(Dates.YEARS)
Pairs = list[tuple[LabelledText, Predicted]]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    root = options.folder / "tekgen"
    begun = time.process_time()
    everything: dict[str, Pairs] = {"without": [], "with": []}
    print("ontology labelled stated precision recall f1 where_labelled")
    for name, path in ontologies(root):
        train, chosen = split(root, name, options.sentences, options.seed)
        for labelled, examples in (("without", ()), ("with", train)):
            pairs = read(LinguisticReader(load(path), examples), chosen)
            report(f"{name} {labelled}", pairs)
            if options.show:
                show(pairs)
            everything[labelled] += [
                (LabelledText(f"{name} {t.id}", t.text, t.triples), Predicted(f"{name} {p.id}", p.triples))
                for t, p in pairs
            ]
    for labelled, pairs in everything.items():
        report(f"all {labelled}", pairs)
    print(f"{time.process_time() - begun:.0f} processor seconds")


def read(reader: LinguisticReader, texts: Sequence[LabelledText]) -> Pairs:
    return [
        (
            text,
            Predicted(
                text.id,
                tuple(
                    PredictedTriple(f.triple.subject.called, f.triple.relation.label, f.triple.object.called)
                    for f in reader.read(passage_of(text.text)).found
                    if f.confidence >= reader.min_confidence
                ),
            ),
        )
        for text in texts
    ]


def report(label: str, pairs: Pairs) -> None:
    texts, predictions = zip(*pairs, strict=True)
    score = strict(texts, predictions, RULES)
    tried = right = 0
    for text, said in pairs:
        gold = {RULES.triple(t) for t in text.triples}
        comparable = {t for t in (RULES.triple(p.triple) for p in said.triples) if t[1] in {g[1] for g in gold}}
        tried, right = tried + len(comparable), right + len(comparable & gold)
    micro = score.micro
    print(
        f"{label} {score.counts.predicted} {micro.precision:.3f} {micro.recall:.3f} {micro.f1:.3f} {right}/{tried}",
        flush=True,
    )


def show(pairs: Pairs) -> None:
    for text, said in pairs:
        gold = {RULES.triple(t) for t in text.triples}
        for triple in said.triples:
            print(
                f"  {'=' if RULES.triple(triple.triple) in gold else ' '} {' | '.join(triple.triple)}  <  {text.text}"
            )


if __name__ == "__main__":
    main()
