"""A system at work: its adapter in a process of its own, one text asked after the other, each within a time."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from bench.extraction.data.task import Topic
from ontology.model import Class, Example, Ontology

VALUE = "Value"
START_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a system said of a text: triples with the classes of subject and object, its error, what it logged."""

    triples: tuple[tuple[str, str, str, str, str], ...] = ()
    raised: str = ""
    logged: str = ""
    seconds: float = 0.0


class AdapterProcess:
    """Runs `adapter` with `python`; it is told a job when that is another one. One that dies or is late starts anew."""

    def __init__(self, python: str, adapter: Path, *, seconds: float, talk: Path) -> None:
        self._command = [python, str(adapter)]
        self._seconds, self._talk = seconds, talk
        self._told: dict[str, Any] = {}
        self._process: subprocess.Popen[str] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.versions: dict[str, str] = {}

    def extract(self, job: dict[str, Any], text: str, examples: Sequence[Example], about: str = "") -> Reply:
        """The system's answer; a process that ends or gives none in time is an error that it raised."""
        begun = time.monotonic()
        try:
            process = self._process or self._start()
            if job != self._told:
                self.versions = self._ask(process, job, START_SECONDS)["ready"]
                self._told = job
            begun = time.monotonic()
            question = {"text": text, "examples": _told(examples), "about": about}
            answer = self._ask(process, question, self._seconds)
        except (EOFError, BrokenPipeError, TimeoutError) as error:
            self.close()
            return Reply(raised=f"{type(error).__name__}: {error}", seconds=time.monotonic() - begun)
        triples = tuple(tuple(triple) for triple in answer["triples"])
        return Reply(triples, answer["raised"], answer["logged"], time.monotonic() - begun)

    def close(self) -> None:
        """Ends the process and what it started."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _start(self) -> subprocess.Popen[str]:
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        packages = os.pathsep.join(p for p in sys.path if p) if self._command[0] == sys.executable else ""
        environment |= {
            "PYTHONPATH": packages,
            "PYTHONUNBUFFERED": "1",
            "DO_NOT_TRACK": "1",
            "OPENAI_API_KEY": "unused",
        }
        self._folder = tempfile.TemporaryDirectory(prefix="peer-")  # what it keeps there answers no later run
        with self._talk.open("ab") as talk:
            process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=talk, text=True,
                encoding="utf-8", env=environment, cwd=self._folder.name, start_new_session=True,
            )  # fmt: skip
        self._process, self._told = process, {}
        return process

    def _ask(self, process: subprocess.Popen[str], question: dict[str, Any], seconds: float) -> dict[str, Any]:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(question, ensure_ascii=False) + "\n")
        process.stdin.flush()
        answer: dict[str, Any] = json.loads(_line(process.stdout, seconds))
        return answer


def _line(pipe: IO[str], seconds: float) -> str:
    """The next line; an answer is one line, written at once."""
    if not select.select([pipe], [], [], seconds)[0]:
        raise TimeoutError(f"no answer in {seconds:.0f} s")
    line = pipe.readline()
    if not line:
        raise EOFError("the process ended")
    return line


def job(topic: Topic, address: str, model: str, setting: str, max_tokens: int) -> dict[str, Any]:
    """A job for an adapter: the ontology by its labels, what may be learnt from, and how to ask the model."""
    ontology = topic.ontology
    relations: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for relation in ontology.extractable:
        domain, range_ = relations.setdefault(relation.label.strip(), ({}, {}))
        domain |= dict.fromkeys(_labels(ontology, relation.domain))
        range_ |= dict.fromkeys([VALUE] if relation.datatype else _labels(ontology, relation.range))
    classes = [*dict.fromkeys(label(c) for c in ontology.classes.values())]
    if any(VALUE in range_ for _, range_ in relations.values()):
        classes.append(VALUE)
    listed = [{"name": n, "domain": [*domain], "range": [*range_]} for n, (domain, range_) in relations.items()]
    return {
        "address": address, "model": model, "setting": setting, "max_tokens": max_tokens,
        "classes": classes, "relations": listed, "ontology": topic.path, "labelled": _told(topic.examples),
    }  # fmt: skip


def label(cls: Class) -> str:
    """The name of a class as the adapters are told it."""
    return cls.label or cls.iri.rstrip("/#").rpartition("/")[2].rpartition("#")[2]


def _told(examples: Sequence[Example]) -> list[dict[str, Any]]:
    return [{"text": e.text, "triples": e.triples} for e in examples]


def _labels(ontology: Ontology, classes: Sequence[str]) -> list[str]:
    return [label(ontology.classes[iri]) for iri in classes if iri in ontology.classes]
