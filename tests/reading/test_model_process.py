"""A program that is spoken to by lines: late, gone, or left alone by its caller."""

from __future__ import annotations

import os
import sys

import pytest

from extractors.models.errors import ModelUnreachable
from extractors.models.model_process import ModelProcess

ECHO = "import sys\nfor line in sys.stdin: print(line.strip()[::-1], flush=True)"


@pytest.fixture
def start():
    """Starts Python programs and ends them after the test."""
    started = []

    def of(program: str) -> ModelProcess:
        started.append(ModelProcess([sys.executable, "-I", "-c", program], os.environ))
        return started[-1]

    yield of
    for process in started:
        process.close()


def test_a_line_goes_in_and_one_comes_out(start) -> None:
    process = start(ECHO)
    for word in (b"one", b"two"):
        process.write(word)
        assert process.read(30, "no answer", "wait").strip() == word[::-1]


def test_one_that_is_late_is_named_and_still_runs(start) -> None:
    process = start("import time; time.sleep(60)")
    with pytest.raises(ModelUnreachable, match=r"no answer in 0 s.*wait"):
        process.read(0.1, "no answer", "wait")
    assert process.alive()
    process.kill()
    assert not process.alive()


def test_one_that_has_ended_gives_nothing_and_its_last_words(start) -> None:
    process = start("import sys; sys.stderr.write('no such\\n weights'); sys.exit(3)")
    assert process.read(30, "no answer", "wait") == b""
    assert process.last_words() == (3, "no such weights")
    process.write(b"into a closed pipe")
    assert process.dies()


def test_a_ctrl_c_for_the_caller_does_not_reach_it(start) -> None:
    process = start(ECHO)
    assert os.getpgid(process.process_id) != os.getpgid(0)
    process.write(b"up")
    process.read(30, "no answer", "wait")
    process.close()
    assert not process.alive()
    with pytest.raises(ProcessLookupError):
        os.kill(process.process_id, 0)
