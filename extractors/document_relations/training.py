"""From documents whose headers state a relation to weights that find it in bodies: distant supervision.

Each thing that a body names is right if the header gives it. Documents whose headers do not state the relation are
not learnt from: silence is no denial. Threshold and calibration are chosen on documents that were left out while
learning, five times a fifth. What silence means for the confidence is estimated without labels, by the share of right
things that makes the margins seen in such documents likeliest. The order of the documents, and which of them is given
twice, changes nothing.
Source: Mintz et al., Distant supervision for relation extraction without labeled data (2009),
https://aclanthology.org/P09-1113/ ; Saerens et al., Adjusting the Outputs of a Classifier to New a Priori Probabilities
(2002), https://doi.org/10.1162/089976602753284446
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from extractors.document_relations.additive import LOGIT, AdditiveModel, probability
from extractors.document_relations.boosting import Settings, boost
from extractors.document_relations.errors import TrainingRefused
from extractors.document_relations.features import Features, features
from extractors.document_relations.mentions import body
from extractors.document_relations.task import Task
from extractors.document_relations.weights import Weights
from extractors.documents.model import Document

FOLDS = 5
MIN_DOCUMENTS = 20
_COMMAND = "triplock train"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A document's things with their features, which of them its header gives, and how many it gives in all."""

    cid: str
    things: dict[str, Features]
    right: frozenset[str]
    stated: int


def labelled(document: Document, task: Task) -> Labelled | None:
    """The document as an example, None where its header does not state the relation."""
    stated = task.stated(document)
    if stated is None:
        return None
    things = _things(document, task)
    right = frozenset(identity for identity in things if identity in stated)
    return Labelled(str(document.cid), things, right, len(stated))


def train(documents: Iterable[Document], task: Task, settings: Settings | None = None) -> Weights:
    """The weights for a task, learnt from the documents whose headers state the relation.

    Raises TrainingRefused where these are too few, or name nothing that is right, or nothing that is wrong.
    """
    by_cid: dict[str, Labelled] = {}
    silent: dict[str, dict[str, Features]] = {}
    for document in documents:
        example = labelled(document, task)
        if example is not None:
            by_cid[example.cid] = example
        elif task.has_header(document) and task.speaks_of(document):
            silent[str(document.cid)] = _things(document, task)
    examples = [by_cid[cid] for cid in sorted(by_cid)]
    things = sum(len(example.things) for example in examples)
    right = sum(len(example.right) for example in examples)
    if len(examples) < MIN_DOCUMENTS or right < MIN_DOCUMENTS or things - right < MIN_DOCUMENTS:
        raise TrainingRefused(
            f"{len(examples)} documents state the relation in their header ({', '.join(task.fields)}); "
            f"their bodies name {right} things that it gives and {things - right} others",
            remedy=f"give more documents, at least {MIN_DOCUMENTS} of each, or name the header's field with --field",
        )
    chosen = settings or Settings()
    margins = left_out(examples, chosen)
    threshold = best_threshold(examples, margins)
    scale, shift = calibration(examples, margins)
    weights = Weights(task, _learn(examples, chosen), threshold, scale, shift)
    likely = [weights.confidence(shown) for cid in sorted(silent) for shown in silent[cid].values()]
    origin: dict[str, object] = {
        "command": f"{_COMMAND} --relation {task.relation}",
        "corpus": "sha256:" + hashlib.sha256("".join(f"{e.cid}\n" for e in examples).encode()).hexdigest(),
        "documents": len(examples),
        "things": things,
        "right": right,
        "silent documents": len(silent),
        "stated": sum(example.stated for example in examples),
        "rounds": chosen.rounds,
        "left out F1": round(f1(examples, margins, threshold), 4),
    }
    shift = silence(likely, right / things) if len(silent) >= MIN_DOCUMENTS else 0
    return replace(weights, silent=shift, origin=origin)


def left_out(examples: Sequence[Labelled], settings: Settings) -> list[dict[str, int]]:
    """For each document the margins of its things, by a model that has not seen its fifth."""
    margins: list[dict[str, int]] = [{} for _ in examples]
    for fold in range(FOLDS):
        model = _learn([e for i, e in enumerate(examples) if i % FOLDS != fold], settings)
        for i in range(fold, len(examples), FOLDS):
            margins[i] = {identity: model.margin(shown) for identity, shown in examples[i].things.items()}
    return margins


def f1(examples: Sequence[Labelled], margins: Sequence[dict[str, int]], threshold: int) -> float:
    """Micro F1 of claiming what has at least this margin, against all that the headers state."""
    claimed = correct = 0
    for example, margin in zip(examples, margins, strict=True):
        said = {identity for identity, value in margin.items() if value >= threshold}
        claimed, correct = claimed + len(said), correct + len(said & example.right)
    return 2 * correct / (claimed + sum(example.stated for example in examples))


def best_threshold(examples: Sequence[Labelled], margins: Sequence[dict[str, int]]) -> int:
    """The threshold around which F1 is highest: the mean over five neighbours, so that no peak of chance is chosen."""
    grid = range(-2500, 2500, 100)
    at = {threshold: f1(examples, margins, threshold) for threshold in range(-2700, 2700, 100)}
    return max(grid, key=lambda t: (round(math.fsum(at[t + step] for step in range(-200, 201, 100)), 6), t))


def calibration(examples: Sequence[Labelled], margins: Sequence[dict[str, int]]) -> tuple[int, int]:
    """Scale (per cent) and shift of margins with the least log loss: Platt's two parameters, from a grid."""
    judged = [(m, i in e.right) for e, margin in zip(examples, margins, strict=True) for i, m in margin.items()]

    def loss(scale: int, shift: int) -> float:
        sure = ((probability(m * scale // 100 + shift), right) for m, right in judged)
        return round(math.fsum(-math.log(p if right else 1 - p) for p, right in sure), 3)

    scales, shifts = range(50, 131, 10), range(-400, 401, 100)
    return min(((scale, shift) for scale in scales for shift in shifts), key=lambda pair: (loss(*pair), pair))


def silence(likely: Sequence[float], share: float) -> int:
    """What to add to the log odds of documents with silent headers, in thousandths; never above 0.

    `likely` are the probabilities of the things they name, by a model of documents of whose things `share` are right.
    Of all shares the one is taken by which these probabilities are likeliest.

    >>> silence([0.1] * 9 + [0.9], 0.5), silence([0.9] * 9 + [0.1], 0.5), silence([], 0.5)
    (-3000, 0, 0)
    """
    odds = share / (1 - share)

    def likelihood(shift: int) -> float:
        moved = odds * math.exp(shift / LOGIT)
        right = moved / (1 + moved)
        return round(math.fsum(math.log(p * right / share + (1 - p) * (1 - right) / (1 - share)) for p in likely), 3)

    return max(range(-3000, 1, 50), key=lambda shift: (likelihood(shift), shift))


def _things(document: Document, task: Task) -> dict[str, Features]:
    return features(body(document, task.names), task.names, task.own(document))


def _learn(examples: Sequence[Labelled], settings: Settings) -> AdditiveModel:
    rows = [shown for example in examples for shown in example.things.values()]
    right = [identity in example.right for example in examples for identity in example.things]
    return boost(rows, right, settings)
