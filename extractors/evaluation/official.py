"""The score of Text2KGBench, by the rules of its paper and program.

Source: https://arxiv.org/abs/2308.02357 (section 4.1, evaluation metrics), `src/evaluation/run_eval.py` of
https://github.com/cenguix/Text2KGBench. The rules, some of which are surprising:

- Relation names of the system have `_` for spaces. Stated triples whose relation is not among those labelled for the
  same text are left out before anything is counted, so precision does not see them.
- Subject, relation and object are lower-cased, lose spaces and `_`, and are joined to one string.
- Precision, recall and F1 are taken for each text, 0 where nothing is left of what was stated, and averaged over
  texts. A text without labelled triples scores 0, so the labels themselves score less than 1 where there are such.
- Conformance: the share of stated triples whose relation the ontology has (1 where nothing was stated); relation
  hallucination is the rest. Subject (object) hallucination: the share of stated triples whose subject (object),
  stemmed, is not within the stemmed text followed by the labels of the ontology's classes; `01 January` in front of a
  year is forgiven.
- A text without a prediction counts as 0 in all seven.

The tokens before stemming are NLTK's for words with apostrophes, quotation marks and marks at the end of a sentence;
its list of abbreviations is not ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from extractors.evaluation.model import LabelledText, Predicted, Triple, paired
from extractors.evaluation.porter import stem
from ontology.model import Ontology

_SPACE = re.compile(r"_|\s+")
_TOKEN = re.compile(r"(?P<quote>\"|''|``)|\w+(?:[-./·]+\w+)*|'(?:s|m|d|ll|re|ve|t)\b|\S", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Official:
    """The benchmark's seven figures, of one text or as the mean over texts; conformance 0 without an ontology."""

    precision: float = 0.0
    recall: float = 0.0
    f1: float = 0.0
    conformance: float = 0.0
    relation_hallucination: float = 0.0
    subject_hallucination: float = 0.0
    object_hallucination: float = 0.0


def official(
    texts: Sequence[LabelledText],
    predictions: Sequence[Predicted],
    ontology: Ontology | None = None,
    *,
    underscores: bool = True,
) -> tuple[Official, ...]:
    """The figures of each text; raises what `paired` raises.

    `underscores=False` compares relation names as they stand, for answers that have been given underscores already.

    >>> from extractors.evaluation.model import PredictedTriple
    >>> text = LabelledText("1", "Ann Lee wrote X.", (("X", "written by", "Ann Lee"),))
    >>> official([text], [Predicted("1", (PredictedTriple("x", "written by", "AnnLee"),))])[0].f1
    1.0
    """
    return tuple(_of_text(text, said, ontology, underscores) for text, said in paired(texts, predictions))


def mean_official(figures: Sequence[Official]) -> Official:
    """The mean over texts of each figure."""
    if not figures:
        return Official()
    return Official(*(sum(column) / len(figures) for column in zip(*map(astuple, figures), strict=True)))


def _of_text(text: LabelledText, said: Predicted, ontology: Ontology | None, underscores: bool) -> Official:
    if said.failed:
        return Official()
    stated = [t.triple for t in said.triples]
    if underscores:
        stated = [(s, r.replace(" ", "_"), o) for s, r, o in stated]
    relations = {r.replace(" ", "_") for _, r, _ in text.triples}
    gold = {_joined(t) for t in text.triples}
    left = {_joined(t) for t in stated if t[1] in relations}
    precision, recall, f1 = 0.0, 0.0, 0.0
    if left:
        precision, recall = len(gold & left) / len(left), len(gold & left) / len(gold)
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    conformance, strange = (1.0, 0.0) if ontology is not None else (0.0, 0.0)
    if stated and ontology is not None:
        known = {r.label.replace(" ", "_") for r in ontology.relations.values()}
        conformance = sum(r in known for _, r, _ in stated) / len(stated)
        strange = 1 - conformance
    subjects, objects = _hallucinated(text.text, stated, ontology)
    return Official(precision, recall, f1, conformance, strange, subjects, objects)


def _joined(triple: Triple) -> str:
    return "".join(_SPACE.sub("", part).lower() for part in triple)


def _hallucinated(text: str, stated: list[Triple], ontology: Ontology | None) -> tuple[float, float]:
    if not stated:
        return 0.0, 0.0
    labels = [c.label for c in ontology.classes.values()] if ontology is not None else []
    there = _stems(text + " ".join(labels))
    subjects = sum(_stems(s).replace("01januari", "") not in there for s, _, _ in stated)
    objects = sum(_stems(o).replace("01januari", "") not in there for _, _, o in stated)
    return subjects / len(stated), objects / len(stated)


def _stems(text: str) -> str:
    """The stems of the tokens, joined; quotation marks are written as one."""
    joined = "".join("''" if m["quote"] else stem(m[0]) for m in _TOKEN.finditer(text))
    return _SPACE.sub("", joined).lower()
