"""CORE, relations between companies: half of the sample states one, the other half is `undefined` and states none.

Source: https://github.com/pnborchert/CORE (EMNLP 2023, https://aclanthology.org/2023.emnlp-main.1014/), CC BY 4.0.
An `undefined` sentence names two companies that stand in none of the relations: whatever is found counts as false.
Entries of one text are one, named by the first; it is `undefined` if all of them are. Names are those in the text.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.extraction.data.task import DataSet, Task, Topic, in_turns, shuffled
from extractors.evaluation.model import LabelledText, Triple
from ontology.model import Class, Example, Ontology, Relation

NOTHING = "undefined"
IRI = "https://github.com/pnborchert/CORE"
TOPIC = "companies"


def load_data(folder: Path, seed: int) -> DataSet:
    """The training part; of five sentences the fifth is kept as one to learn from and never tested."""
    entries = json.loads((folder / "core_business_re" / "train.json").read_text("utf-8"))
    texts = _labelled(entries)
    order = shuffled(list(texts), seed)
    learnt, tested = order[::5], [id for i, id in enumerate(order) if i % 5]
    stating = [id for id in tested if texts[id].triples]
    silent = [id for id in tested if not texts[id].triples]
    tasks = tuple(
        Task(texts[id], TOPIC, ("stated",) if texts[id].triples else (NOTHING,)) for id in in_turns([stating, silent])
    )
    examples = tuple(Example(texts[id].text, texts[id].triples) for id in learnt)
    labels = sorted({entry["relation"] for entry in entries} - {NOTHING})
    return DataSet("core", tasks, {TOPIC: Topic(TOPIC, _ontology(labels), examples)})


def _labelled(entries: list[dict[str, Any]]) -> dict[str, LabelledText]:
    by_text: dict[str, tuple[str, dict[Triple, None]]] = {}
    for entry in entries:
        _, triples = by_text.setdefault(" ".join(entry["context"]), (entry["id"], {}))
        if entry["relation"] != NOTHING:
            triples[_triple(entry)] = None
    return {id: LabelledText(id, text, tuple(triples)) for text, (id, triples) in by_text.items()}


def _triple(entry: dict[str, Any]) -> Triple:
    words = entry["context"]
    first, second = (" ".join(words[entry[f"{e}_start"] : entry[f"{e}_end"] + 1]) for e in ("e1", "e2"))
    if entry["invert_relation"] == 1:
        first, second = second, first
    return first, entry["relation"].replace("_", " "), second


def _ontology(labels: list[str]) -> Ontology:
    thing = Class(f"{IRI}#thing", "company, product or authority")
    relations = [
        Relation(f"{IRI}#{label}", label.replace("_", " "), domain=(thing.iri,), range=(thing.iri,)) for label in labels
    ]
    return Ontology(IRI, "", {thing.iri: thing}, {r.iri: r for r in relations})
