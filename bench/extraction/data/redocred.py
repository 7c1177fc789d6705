"""Re-DocRED: the sentences that are evidence for a relation, with all relations whose evidence they are.

Source: https://github.com/tonytan48/Re-DocRED (EMNLP 2022, https://arxiv.org/abs/2205.12696), text from Wikipedia.
A text is the one to three sentences that some relation of a document is said to follow from. Its triples are those
whose evidence lies within; subject and object are written as they are first named there, or by their first name in
the document. Relations are labelled as Wikidata labels them; which classes they join is not stated, so all may.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.extraction.data.task import DataSet, Task, Topic, shuffled
from extractors.evaluation.model import LabelledText
from ontology.model import Class, Example, Ontology, Relation

IRI = "http://www.wikidata.org/entity/"
TOPIC = "wikipedia"
MOST_SENTENCES = 3
LABELS = Path(__file__).with_name("redocred_labels.json")
CLASSES = ("person", "organization", "location", "time", "number", "miscellaneous")
_NO_SPACE_BEFORE = frozenset(",.;:!?)%'")


def load_data(folder: Path, seed: int) -> DataSet:
    """One text of each document, so that documents count alike; every fifth is kept to learn from."""
    documents = json.loads((folder / "redocred" / "dev_revised.json").read_text("utf-8"))
    labels: dict[str, str] = json.loads(LABELS.read_text("utf-8"))
    texts: dict[str, LabelledText] = {}
    for document in documents:
        found = _texts(document, labels)
        if found:
            by_id = {text.id: text for text in found}
            texts[document["title"]] = by_id[shuffled(list(by_id), seed)[0]]
    order = shuffled(list(texts), seed)
    tasks = tuple(Task(texts[title], TOPIC) for i, title in enumerate(order) if i % 5)
    examples = tuple(Example(texts[title].text, texts[title].triples) for title in order[::5])
    classes = {f"{IRI}{name}": Class(f"{IRI}{name}", name) for name in CLASSES}
    relations = {f"{IRI}{key}": Relation(f"{IRI}{key}", label) for key, label in sorted(labels.items())}
    return DataSet("redocred", tasks, {TOPIC: Topic(TOPIC, Ontology(IRI, "", classes, relations), examples)})


def _texts(document: dict[str, Any], labels: dict[str, str]) -> list[LabelledText]:
    evidence = sorted({tuple(sorted(label["evidence"])) for label in document["labels"]})
    texts = []
    for sentences in evidence:
        if 1 <= len(sentences) <= MOST_SENTENCES:
            triples = {
                (_name(document, label["h"], sentences), labels[label["r"]], _name(document, label["t"], sentences))
                for label in document["labels"]
                if label["evidence"] and set(label["evidence"]) <= set(sentences)
            }
            text = " ".join(plain(document["sents"][i]) for i in sentences)
            name = f"{document['title']}#{','.join(map(str, sentences))}"
            texts.append(LabelledText(name, text, tuple(sorted(triples))))
    return texts


def _name(document: dict[str, Any], entity: int, sentences: Sequence[int]) -> str:
    """The entity's first mention in these sentences, else in the document."""
    mentions = document["vertexSet"][entity]
    here = [m for m in mentions if m["sent_id"] in sentences] or mentions
    first = min(here, key=lambda m: (m["sent_id"], m["pos"][0]))
    return plain(document["sents"][first["sent_id"]][first["pos"][0] : first["pos"][1]])


def plain(tokens: Sequence[str]) -> str:
    """Tokens as text: no space in front of marks, none behind an opening bracket.

    >>> plain(["He", "(", "born", "1963", ")", "won", "."])
    'He (born 1963) won.'
    """
    text = ""
    for token in tokens:
        joined = not text or text[-1] == "(" or token[:1] in _NO_SPACE_BEFORE
        text += token if joined else f" {token}"
    return text
