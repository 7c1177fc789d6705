"""The file of a learnt relation: the model, the task, from what it was learnt, and how well it did on what it left out.

JSON with sorted keys; equal weights are equal bytes. Nothing in it depends on paths, order, time or machine.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from anchoring.encoding.bounded_json import json_of_format
from extractors.document_relations.additive import AdditiveModel, probability
from extractors.document_relations.errors import WeightsRefused
from extractors.document_relations.features import Features
from extractors.document_relations.task import Task

FORMAT = 1
MAX_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Weights:
    """`threshold` is the least margin at which the relation is claimed; `scale` (per cent) and `shift` calibrate it.

    `silent` is a further shift, for documents with a header that leaves the relation out.

    `origin` says what it was learnt from (`documents`, `corpus` digest, `command` …) and is carried unread.
    """

    task: Task
    model: AdditiveModel
    threshold: int
    scale: int = 100
    shift: int = 0
    silent: int = 0
    origin: Mapping[str, object] = field(default_factory=dict)

    def confidence(self, features: Features, *, silent: bool = False) -> float:
        """The probability that the subject has the relation to the thing with these features."""
        shift = self.shift + (self.silent if silent else 0)
        return probability(self.model.margin(features) * self.scale // 100 + shift)

    def claims(self, features: Features) -> bool:
        """Whether that is enough to claim it."""
        return self.model.margin(features) >= self.threshold

    def to_json(self) -> str:
        """The file's text."""
        document = {
            "format": FORMAT,
            "relation": self.task.relation,
            "pattern": self.task.pattern,
            "subjects": self.task.subjects,
            "fields": list(self.task.fields),
            "origin": dict(self.origin),
            "threshold": self.threshold,
            "scale": self.scale,
            "shift": self.shift,
            "silent": self.silent,
            "bias": self.model.bias,
            "steps": {name: [list(step) for step in steps] for name, steps in self.model.steps.items()},
        }
        text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)
        # One feature a line.
        return re.sub(r"\n {3,}(?=[-\d\[\]])|(?<=[\d\]])\n {2,}(?=\])", "", text) + "\n"

    @property
    def digest(self) -> str:
        """`sha256:` of the file's text."""
        return "sha256:" + hashlib.sha256(self.to_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, content: bytes, name: str = "the file") -> Weights:
        """The weights in a file's bytes; `name` is for messages. Raises WeightsRefused."""
        try:
            document = json_of_format(content, FORMAT)
        except ValueError as error:
            raise _refused(name, str(error)) from None
        try:
            weights = _weights(document)
            re.compile(weights.task.pattern)
            re.compile(weights.task.subjects)
        except (KeyError, TypeError, ValueError, re.error) as error:
            raise _refused(name, f"{type(error).__name__}: {str(error)[:120]}") from None
        return weights


def load(path: Path) -> Weights:
    """The weights in a file. Raises WeightsRefused."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _refused(str(path), f"it cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise _refused(str(path), f"it has more than {MAX_BYTES:,} bytes")
    return Weights.from_json(content, str(path))


def packaged(ontology: str) -> tuple[Weights, ...]:
    """The weights that come with triplock for a packaged ontology, by its name.

    >>> [w.task.fields for w in packaged("ethereum-standards")]
    [('requires',)]
    """
    folder = resources.files("extractors.document_relations")
    names = sorted(entry.name for entry in folder.iterdir())
    found = [name for name in names if name.startswith(f"{ontology}.") and name.endswith(".json")]
    return tuple(Weights.from_json(folder.joinpath(name).read_bytes(), name) for name in found)


def _weights(document: Mapping[str, Any]) -> Weights:
    steps = {
        str(name): tuple((_whole(threshold), _whole(weight)) for threshold, weight in listed)
        for name, listed in document["steps"].items()
    }
    return Weights(
        Task(
            _text(document["relation"]),
            _text(document["pattern"]),
            tuple(_text(name) for name in document["fields"]),
            _text(document["subjects"]),
        ),
        AdditiveModel(_whole(document["bias"]), steps),
        _whole(document["threshold"]),
        _whole(document["scale"]),
        _whole(document["shift"]),
        _whole(document.get("silent", 0)),
        dict(document["origin"]),
    )


def _whole(value: object) -> int:
    if type(value) is not int or abs(value) > 10**9:
        raise ValueError(f"{str(value)[:40]} is no whole number of a sane size")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{str(value)[:40]} is no text")
    return value


def _refused(name: str, why: str) -> WeightsRefused:
    return WeightsRefused(f"{name[-120:]} holds no weights: {why}", remedy="make them with: triplock train")
