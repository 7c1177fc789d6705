"""A system at work in a process of its own: answers, errors, silence and death each end as a reply."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from bench.extraction.adapter_process import AdapterProcess, Reply, job
from bench.extraction.data.task import Topic
from bench.extraction.peers import ADAPTERS, PEERS
from ontology.model import Class, Example, Ontology, Relation

ADAPTER = """
import logging, os, time
from wire import serve

def prepare(job):
    def extract(text, examples):
        if text == "raise":
            raise ValueError("no such thing")
        if text == "die":
            os._exit(3)
        if text == "sleep":
            time.sleep(60)
        if text == "log":
            logging.getLogger("peer").error("chunk lost")
            return []
        print("talk that is no answer")
        named = job.relations[0].name
        return [(text, named, examples[0].text if examples else job.setting, "Film", "")]
    return extract

serve(prepare, "httpx")
"""


@pytest.fixture
def process(tmp_path: Path) -> AdapterProcess:
    (tmp_path / "adapter.py").write_text(ADAPTER, "utf-8")
    shutil.copy(ADAPTERS / "wire.py", tmp_path)
    found = AdapterProcess(sys.executable, tmp_path / "adapter.py", seconds=20, talk=tmp_path / "talk.txt")
    yield found
    found.close()


def ontology() -> Ontology:
    film, person = Class("urn:f", "film"), Class("urn:p", "human")
    relations = [
        Relation("urn:director", "director", domain=("urn:f",), range=("urn:p",)),
        Relation("urn:date", "publication date", domain=("urn:f",), datatype="urn:string"),
    ]
    return Ontology("urn:o", "", {c.iri: c for c in (film, person)}, {r.iri: r for r in relations})


SAID = job(Topic("films", ontology(), ()), "http://127.0.0.1:9/a/v1", "model", "best", 64)


def test_the_job_tells_labels_and_classes() -> None:
    said = job(Topic("films", ontology(), (Example("x", ()),)), "http://a", "m", "best", 64)
    assert said["labelled"] == [{"text": "x", "triples": ()}]
    assert said["classes"] == ["film", "human", "Value"]
    assert said["relations"] == [
        {"name": "director", "domain": ["film"], "range": ["human"]},
        {"name": "publication date", "domain": ["film"], "range": ["Value"]},
    ]


def test_a_text_and_its_examples_are_answered(process: AdapterProcess) -> None:
    reply = process.extract(SAID, "Äpfel 🍎", [Example("like this", (("a", "director", "b"),))])
    assert reply.triples == (("Äpfel 🍎", "director", "like this", "Film", ""),)
    assert (reply.raised, reply.logged) == ("", "")
    assert "httpx" in process.versions


def test_what_a_document_is_about_is_told(process: AdapterProcess) -> None:
    assert process.extract(SAID, "x", [], "EIP-20").triples[0][0] == "This document is EIP-20.\n\nx"


def test_an_error_is_a_reply_and_the_next_text_is_read(process: AdapterProcess) -> None:
    assert process.extract(SAID, "raise", []).raised == "ValueError: no such thing"
    assert process.extract(SAID, "fine", []).triples


def test_what_is_logged_is_told_with_its_level(process: AdapterProcess) -> None:
    assert process.extract(SAID, "log", []) == Reply(logged="ERROR peer: chunk lost", seconds=pytest.approx(0, abs=20))
    assert process.extract(SAID, "fine", []).logged == ""


def test_another_job_is_told_to_the_same_process(process: AdapterProcess) -> None:
    process.extract(SAID, "fine", [])
    running = process._process
    assert process.extract({**SAID, "setting": "shipped"}, "fine", []).triples[0][2] == "shipped"
    assert process._process is running


def test_a_process_that_dies_is_started_again(process: AdapterProcess) -> None:
    assert process.extract(SAID, "die", []).raised.startswith("EOFError")
    assert process.extract(SAID, "fine", []).triples


def test_a_process_that_is_late_is_ended(process: AdapterProcess) -> None:
    process.extract(SAID, "fine", [])
    process._seconds = 0.2
    assert process.extract(SAID, "sleep", []).raised.startswith("TimeoutError")
    process._seconds = 20
    assert process.extract(SAID, "fine", []).triples


def test_every_adapter_compiles_and_has_its_pins() -> None:
    for peer in PEERS.values():
        for path in peer.sources:
            assert path.is_file(), path
            if path.suffix == ".py":
                compile(path.read_text("utf-8"), path.name, "exec")
