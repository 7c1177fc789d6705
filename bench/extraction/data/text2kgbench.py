"""Text2KGBench, the TekGen part: test sentences of three ontologies with their verified and unseen subsets.

Source: https://github.com/cenguix/Text2KGBench (ISWC 2023, https://arxiv.org/abs/2308.02357).
Of five sentences three are from the subset that people verified, one is any test sentence, one is of the unseen ones.
"""

from __future__ import annotations

from pathlib import Path

from bench.extraction.data.task import DataSet, Task, Topic, in_turns, shuffled
from extractors.evaluation.labelled_file import labelled_texts
from extractors.evaluation.model import LabelledText
from ontology import text2kgbench
from ontology.loader import load

ONTOLOGIES = ("1_movie", "5_military", "10_culture")


def load_data(folder: Path, seed: int) -> DataSet:
    """The test sentences, the ontologies in turns."""
    root = folder / "tekgen"
    tasks: dict[str, Task] = {}
    orders = []
    for name in ONTOLOGIES:
        found, order = _tasks(root, name, seed)
        tasks |= found
        orders.append(order)
    tested = {task.labelled.text for task in tasks.values()}
    topics = {name: _topic(root, name, tested) for name in ONTOLOGIES}
    return DataSet("text2kgbench", tuple(tasks[id] for id in in_turns(orders)), topics)


def _tasks(root: Path, name: str, seed: int) -> tuple[dict[str, Task], list[str]]:
    verified = set((root / "manually_verified_sentences" / f"selected_ont_{name}.txt").read_text().split())
    test = _labelled(root / "ground_truth" / f"ont_{name}_ground_truth.jsonl")
    unseen = _labelled(root / "unseen_sentences" / "ground_truth" / f"ont_{name}_unseen_ground_truth.jsonl")
    tasks = {id: Task(text, name, ("verified",) if id in verified else ()) for id, text in test.items()}
    tasks |= {id: Task(text, name, ("unseen",)) for id, text in unseen.items()}
    first = shuffled([id for id in test if id in verified], seed)
    others = shuffled([id for id in test if id not in verified], seed)
    groups = [first[0::3], others, first[1::3], shuffled(list(unseen), seed), first[2::3]]
    return tasks, in_turns(groups)


def _labelled(path: Path) -> dict[str, LabelledText]:
    return {text.id: text for text in labelled_texts(path.read_text("utf-8").splitlines(), path.name)}


def _topic(root: Path, name: str, tested: set[str]) -> Topic:
    path = root / "ontologies" / f"{name}_ontology.json"
    lines = (root / "train" / f"ont_{name}_train.jsonl").read_text("utf-8").splitlines()
    examples = tuple(e for e in text2kgbench.examples(lines, path.name) if e.text not in tested)
    return Topic(name, load(path), examples, str(path))
