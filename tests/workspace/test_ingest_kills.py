"""An ingest that is killed or stopped anywhere: the same command asks only what is missing, and makes the same graph.

The model's server stands behind a count of its calls, and tells when a call comes, so that a kill can be timed by it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from model_server import ModelServer, model_server
from thread_places import configuration

from extractors.models.local_gguf import LocalGguf
from kg.workspace.workspace import Workspace

DOCUMENTS = 3
SENTENCES = 5


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Three documents of five sentences, each sentence another."""
    folder = tmp_path / "texts"
    folder.mkdir()
    for document in range(DOCUMENTS):
        said = [f"ERC-{300 + 10 * document + n} requires ERC-20." for n in range(SENTENCES)]
        (folder / f"{document}.md").write_text(f"# Document {document}\n\n" + "\n\n".join(said) + "\n")
    return folder


def new_workspace(folder: Path, server: ModelServer) -> Path:
    plain = configuration()
    Workspace.init(folder, replace(plain, model=replace(plain.model, use=server.model))).close()
    return folder


PEOPLE = {
    "title": "People",
    "id": "people",
    "concepts": [{"qid": "Q5", "label": "person"}, {"qid": "Q515", "label": "city"}],
    "relations": [{"pid": "P19", "label": "place of birth", "domain": "Q5", "range": "Q515"}],
}
BORN = (
    "Alan Bean was born in Wheeler.",
    "Edgar Mitchell was born in Hereford.",
    "Stuart Roosa was born in Durango.",
)


def started(workspace: Path, texts: Path, *options: str) -> subprocess.Popen[str]:
    """An ingest in a process, and a session, of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "kg.cli.main", "-C", str(workspace), "ingest", str(texts), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # In a shell's background SIGINT is ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    )


def finished(workspace: Path, texts: Path, *options: str) -> None:
    process = started(workspace, texts, *options)
    _, talk = process.communicate(timeout=240)
    assert process.returncode == 0, talk


def root(workspace: Path) -> str:
    with Workspace.open(workspace) as opened:
        return opened.snapshot().root


def killed_at(process: subprocess.Popen[str], server: ModelServer, call: int, later: float) -> None:
    """Kill -9, so many seconds after the server got a call of this number; the process may have ended before."""
    reached = threading.Event()
    server.when_asked = lambda number: reached.set() if number >= call else None
    while not reached.wait(0.01) and process.poll() is None:
        pass
    time.sleep(later)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)
    server.when_asked = lambda number: None


@pytest.mark.model
@pytest.mark.soak
def test_a_killed_ingest_with_a_real_model_goes_on(
    model_path: Path, tmp_path: Path, seed: int, soak_scale: Callable[[int], int]
) -> None:
    pytest.importorskip("xllamacpp")
    ontology, texts = tmp_path / "people.json", tmp_path / "people.md"
    ontology.write_text(json.dumps(PEOPLE))
    texts.write_text("# People\n\n" + "\n\n".join(BORN) + "\n")
    with LocalGguf(model_path) as model:
        client = model._running().client
        key = client._client.headers["Authorization"].removeprefix("Bearer ")
        with model_server((client._root, key)) as server:
            reference = new_workspace(tmp_path / "reference", server)
            finished(reference, texts, "--ontology", str(ontology))
            expected, sentences = root(reference), sorted(server.asked)
            assert len(set(sentences)) == len(BORN)
            moments = random.Random(f"{seed} real")
            for turn in range(soak_scale(20)):
                workspace = new_workspace(tmp_path / f"kg-{turn}", server)
                server.asked.clear()
                process = started(workspace, texts, "--ontology", str(ontology))
                killed_at(process, server, moments.randrange(len(BORN)), moments.uniform(0, 3))
                asked = Counter(server.asked)
                finished(workspace, texts, "--ontology", str(ontology))
                assert root(workspace) == expected
                assert len(server.asked) <= len(sentences) + 1, asked


@pytest.mark.soak
def test_a_killed_ingest_goes_on_and_asks_only_what_is_missing(
    server: ModelServer, texts: Path, tmp_path: Path, seed: int, soak_scale: Callable[[int], int]
) -> None:
    reference = new_workspace(tmp_path / "reference", server)
    finished(reference, texts)
    expected = root(reference)
    moments = random.Random(f"{seed} ingest")
    for turn in range(soak_scale(20)):
        workspace = new_workspace(tmp_path / f"kg-{turn}", server)
        server.asked.clear()
        call = moments.randrange(DOCUMENTS * SENTENCES)
        killed_at(started(workspace, texts), server, call, moments.uniform(0, 0.08))
        asked = Counter(server.asked)
        finished(workspace, texts)
        again = Counter(server.asked) - asked
        assert root(workspace) == expected, (turn, call)
        assert set(server.asked) == {f"ERC-{300 + 10 * d + n} requires ERC-20." for d in range(3) for n in range(5)}
        assert sum(1 for sentence in again if sentence in asked) <= 1, "only the call that was on its way"


def test_ctrl_c_finishes_the_call_on_its_way_and_says_how_to_go_on(
    server: ModelServer, texts: Path, tmp_path: Path
) -> None:
    workspace = new_workspace(tmp_path / "kg", server)
    process = started(workspace, texts)
    told = threading.Event()

    def tell(number: int) -> None:
        if number == 6 and not told.is_set():
            os.kill(process.pid, signal.SIGINT)
            told.set()
            time.sleep(0.3)

    server.when_asked = tell
    _, talk = process.communicate(timeout=60)
    assert process.returncode == 130, talk
    assert "Ctrl-C again stops at once" in talk
    assert "the same command goes on from here" in talk
    assert "Traceback" not in talk
    assert len(server.asked) == 7
    with Workspace.open(workspace) as opened:
        assert Counter(chunk.status for chunk in opened.sources.chunks()) == {"done": 7}
        assert sorted(record.state for record in opened.sources.all()) == ["done", "partly"]
    finished(workspace, texts)
    assert len(server.asked) == DOCUMENTS * SENTENCES


def test_a_second_ctrl_c_stops_at_once(server: ModelServer, texts: Path, tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "kg", server)
    process = started(workspace, texts)
    answered = threading.Event()

    def tell(number: int) -> None:
        if number == 3:
            for _ in range(2):
                os.kill(process.pid, signal.SIGINT)
                time.sleep(0.3)
            answered.wait(30)

    server.when_asked = tell
    _, talk = process.communicate(timeout=60)
    answered.set()
    assert process.returncode == 130, talk
    assert "what was done is kept" in talk
    server.when_asked = lambda number: None
    finished(workspace, texts)
    with Workspace.open(workspace) as opened:
        assert Counter(chunk.status for chunk in opened.sources.chunks()) == {"done": DOCUMENTS * SENTENCES}
    assert Counter(server.asked).total() == DOCUMENTS * SENTENCES + 1
