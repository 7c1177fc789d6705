"""Ethereum Improvement Proposals: what a proposal requires, found in its body, with its header as the gold.

Source: https://github.com/ethereum/EIPs and https://github.com/ethereum/ERCs, CC0-1.0.
A text is a proposal without its header. The development proposals are tested. Sentences to show are those that the
ontology has as examples, but for those that stand in one of these. About one required proposal in six is never named in
the body, so recall stays under one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from bench.extraction.data.task import DataSet, Task, Topic, shuffled
from extractors.evaluation.counts import Counts
from extractors.evaluation.model import LabelledText, Predicted, Triple
from ontology.loader import load

ONTOLOGY = "ethereum-standards"
REQUIRES = "requires"
_HEADER = re.compile(r"\A---\r?\n.*?\r?\n---\r?\n", re.DOTALL)
_ITSELF = re.compile(
    r"this|it|we|(?:this|the|our)(?: \w+)? (?:eip|erc|proposal|standard|specification|extension)", re.IGNORECASE
)
_NUMBER = re.compile(r"\b(?:EIP|ERC)[-\s#]?(\d+)\b", re.IGNORECASE)


def load_data(folder: Path, seed: int) -> DataSet:
    """The development proposals."""
    root = folder / "eips"
    headers = [json.loads(line) for line in (root / "headers.jsonl").read_text("utf-8").splitlines()]
    required = {header["file"]: (header["id"], header["requires"]) for header in headers}
    tasks = []
    for name in shuffled(json.loads((root / "dev_split.json").read_text("utf-8"))["dev"], seed):
        number, others = required[name]
        triples = tuple((f"EIP-{number}", REQUIRES, f"EIP-{other}") for other in others)
        tasks.append(
            Task(LabelledText(name, body((root / name).read_text("utf-8")), triples), ONTOLOGY, about=f"EIP-{number}")
        )
    terms, texts = load(ONTOLOGY), [task.labelled.text for task in tasks]
    shown = tuple(example for example in terms.examples if not any(example.text in text for text in texts))
    return DataSet("eips", tuple(tasks), {ONTOLOGY: Topic(ONTOLOGY, terms, shown, ONTOLOGY)}, _counts_of)


def _counts_of(task: Task, said: Predicted) -> Counts:
    return counts(task.labelled.triples, () if said.failed else [t.triple for t in said.triples], task.about)


def body(proposal: str) -> str:
    """A proposal without its header.

    >>> body("---\\neip: 1\\nrequires: 2\\n---\\n## Abstract\\n")
    '## Abstract\\n'
    """
    return _HEADER.sub("", proposal, count=1)


def requirements(triples: Iterable[Triple], own: str) -> frozenset[int]:
    """The numbers of the proposals that `own` ("EIP-20") is said to require; ERC and EIP number the same thing.

    "This standard", "it" and "we" are the proposal itself, whichever system leaves them as they stand.

    >>> said = [("ERC-721", "requires", "ERC165"), ("EIP-1", "requires", "EIP-2"), ("This ERC", "requires", "ERC-20")]
    >>> sorted(requirements(said, "EIP-721"))
    [20, 165]
    """
    number = _numbers(own)
    found: set[int] = set()
    for subject, relation, thing in triples:
        if relation.replace("_", " ").casefold() == REQUIRES and (
            _numbers(subject) == number or _ITSELF.fullmatch(subject)
        ):
            found |= _numbers(thing)
    return frozenset(found - number)


def counts(gold: Iterable[Triple], said: Iterable[Triple], own: str) -> Counts:
    """How many requirements are labelled, were stated, and are right."""
    right, stated = requirements(gold, own), requirements(said, own)
    return Counts(len(right), len(stated), len(right & stated))


def mentions(text: str) -> list[int]:
    """The numbers of the proposals that a body names, as often as it names them."""
    return [int(number) for number in _NUMBER.findall(text)]


def _numbers(text: str) -> frozenset[int]:
    return frozenset(int(number) for number in _NUMBER.findall(text))
