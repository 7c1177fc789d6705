"""What every adapter speaks: JSON lines, one for a job, then one a text, each answered by one line.

An adapter runs in its peer's own environment and needs nothing of this project but this file. The job:
`{"address", "model", "setting", "max_tokens", "classes": [name], "relations": [{"name", "domain": [name],
"range": [name]}], "ontology": file, "labelled": [example]}`; answered by `{"ready": {package: version}}`. A text:
`{"text", "about", "examples": [example]}`, an example being `{"text", "triples": [[subject, relation, object]]}`;
answered by `{"triples": [[subject, relation, object, class of the subject, class of the object]], "raised",
"logged"}`. The class is "" where the peer tells none. `raised` is the peer's own error, `logged` what it logged as a
warning or worse, level first: an answer that was lost with neither was lost in silence.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

VALUE = "Value"
"""The class of what is no thing but a date, a number or a text."""
SECONDS = 1800.0
"""For one answer of the model: no peer's own limit decides here."""
KEY = "unused"
"""The proxy knows the server's key."""

Triple = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Relation:
    """A relation of the ontology: its label, and the labels of the classes of subject and object."""

    name: str
    domain: tuple[str, ...]
    range: tuple[str, ...]


@dataclass(frozen=True)
class Example:
    """A labelled sentence like the one at hand."""

    text: str
    triples: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Job:
    """What holds for all texts; `classes` has `Value` in it where a relation has no class of things as its range.

    `ontology` is its file, "" where it was made of labels; `labelled` are all sentences that may be learnt from.
    """

    address: str
    model: str
    setting: str
    max_tokens: int
    classes: tuple[str, ...]
    relations: tuple[Relation, ...]
    ontology: str
    labelled: tuple[Example, ...]

    @property
    def best(self) -> bool:
        """Whether the peer is to do as well as it can."""
        return self.setting == "best"

    def patterns(self) -> list[tuple[str, str, str]]:
        """Every (class, relation, class) that the ontology allows."""
        return [
            (subject, relation.name, thing)
            for relation in self.relations
            for subject in relation.domain or self.classes
            for thing in relation.range or self.classes
        ]

    def typed(self, relation: str) -> tuple[str, str]:
        """A subject's and an object's class, for examples, which have none."""
        for known in self.relations:
            if known.name == relation:
                return (known.domain or self.classes)[0], (known.range or self.classes)[0]
        return VALUE, VALUE


Extract = Callable[[str, Sequence[Example]], list[Triple]]


def upper(name: str) -> str:
    """UPPER_SNAKE, as relationship types are written."""
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").upper()


def camel(name: str) -> str:
    """CamelCase, as node labels are written."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", name))


class _Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}"[:300])


def introduced(text: str, about: str) -> str:
    """A piece of a document, with what the document is about."""
    return f"This document is {about}.\n\n{text}"


def serve(prepare: Callable[[Job], Extract], *packages: str, introduce: Callable[[str, str], str] = introduced) -> None:
    """Answers line after line until standard input closes; what the peer prints goes to standard error.

    `introduce` says to the peer what the document is about that a text is a piece of.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    heard = _Heard()
    logging.getLogger().addHandler(heard)
    versions = {name: metadata.version(name) for name in packages}
    extract: Extract | None = None
    for line in sys.stdin:
        question = json.loads(line)
        if "relations" in question:
            extract = prepare(_job(question))
            _say(answers, {"ready": versions})
            continue
        assert extract is not None, "a job comes first"
        text, about = question["text"], question["about"]
        examples = _examples(question["examples"])
        heard.lines.clear()
        answer: dict[str, object] = {"triples": [], "raised": "", "logged": ""}
        try:
            found = extract(introduce(text, about) if about else text, examples)
            answer["triples"] = [[str(part) for part in triple] for triple in found]
        except Exception as error:  # noqa: BLE001 (whatever a peer raises is its answer)
            answer["raised"] = f"{type(error).__name__}: {error}"[:500]
        answer["logged"] = " | ".join(heard.lines)[:500]
        _say(answers, answer)


def _job(told: dict[str, Any]) -> Job:
    relations = tuple(Relation(r["name"], tuple(r["domain"]), tuple(r["range"])) for r in told["relations"])
    lists = {"classes": tuple(told["classes"]), "labelled": tuple(_examples(told["labelled"]))}
    return Job(**{**told, **lists, "relations": relations})


def _examples(told: list[dict[str, Any]]) -> list[Example]:
    return [Example(e["text"], tuple(tuple(t) for t in e["triples"])) for e in told]


def _say(answers: object, line: dict[str, object]) -> None:
    print(json.dumps(line, ensure_ascii=False), file=answers, flush=True)  # type: ignore[call-overload]
