"""However the work is shared, the result is the one of one process line by line, and so is every refusal."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simple_build import outcome, simple_document, simple_leaves

from anchoring.dataset.checked_build import build_leaves
from anchoring.dataset.document_build import build_document, canonical_document, hash_document
from anchoring.dataset.stretch import text_of
from anchoring.dataset.version import build_from_blocks, build_version
from anchoring.rdf.canonical import canonicalize
from anchoring.rdf.line_batches import BadBlock, batches_of_blocks, batches_of_lines
from anchoring.rdf.lines import MAX_LINE_BYTES
from anchoring.rdf.worker_pool import BadProcesses, WorkerBroken, WorkerLost, WorkerPool, processes_to_use

GOOD = b'<http://example.org/%06d> <http://example.org/p> "caf\xc3\xa9 %s" <urn:g%d> .'
FAULTS = [
    b'<http://example.org/3>  <http://example.org/p> "x" .',
    b'<http://example.org/3> <http://example.org/p> "\xff" .',
    b'<http://example.org/3> <http://example.org/p> "x"@EN .',
    b"<http://example.org/3> <p> <urn:o> .",
    b'<a:b> <a:p> "1" .\n<a:b> <a:p> "2" .',
    b"",
    b'<http://example.org/3> <http://example.org/p> "%s" .' % (b"v" * MAX_LINE_BYTES),
    b"<http://example.org/3> <http://example.org/p> << <a:b> <a:p> <a:c> >> .",
]


def good(number, width=40):
    return GOOD % (number, b"v" * (number * 7 % width), number % 3)


@st.composite
def lists_of_lines(draw):
    """Sorted lines, some with a fault put in, swapped or repeated."""
    lines = [good(number) for number in range(draw(st.integers(0, 400)))]
    for _ in range(draw(st.integers(0, 2))):
        if not lines:
            break
        at = draw(st.integers(0, len(lines) - 1))
        lines[at : at + 1] = draw(
            st.sampled_from([[fault] for fault in FAULTS] + [[lines[at]] * 2, lines[at - 2 : at]])
        )
    return lines


def in_small_batches(lines, size):
    def batches(largest):
        for at in range(0, len(lines), size):
            yield from batches_of_lines(lines[at : at + size])

    return batches


@settings(max_examples=60)
@given(lists_of_lines(), st.integers(1, 50))
def test_lists_are_built_or_refused_as_line_by_line(lines, size):
    expected = outcome(lambda: simple_leaves(lines))
    assert outcome(lambda: build_leaves(in_small_batches(lines, size), None, 1)) == expected
    assert outcome(lambda: build_version(iter(lines), processes=1).leaves) == expected


@settings(max_examples=12)
@given(lists_of_lines(), st.integers(1, 50), st.integers(0, 5_000))
def test_workers_build_or_refuse_as_line_by_line(lines, size, alone):
    expected = outcome(lambda: simple_leaves(lines))
    assert outcome(lambda: build_leaves(in_small_batches(lines, size), None, 2, alone)) == expected


def test_what_fails_while_lines_are_drawn_comes_after_the_faults_before_it():
    def drawn(fault):
        yield good(1)
        yield fault
        raise OSError("the disk is gone")

    for processes in (1, 2):
        with pytest.raises(OSError, match="disk is gone"):
            build_leaves(lambda largest: batches_of_lines(drawn(good(2))), None, processes, 0)
        assert outcome(lambda: build_version(drawn(FAULTS[0]), processes=processes)) == outcome(  # noqa: B023
            lambda: simple_leaves(drawn(FAULTS[0]))
        )


def test_blocks_are_read_as_their_lines_and_a_block_without_an_end_is_refused_in_its_turn():
    lines = [good(number) for number in range(2_000)]
    blocks = [text_of(lines[at : at + 70]) for at in range(0, len(lines), 70)]
    assert build_from_blocks(blocks).leaves == simple_leaves(lines)
    cut_short = [*blocks[:5], blocks[5][:-1], *blocks[6:]]
    for processes in (1, 2):
        with pytest.raises(BadBlock):
            build_leaves(lambda largest: batches_of_blocks(cut_short), None, processes, 0)
    out_of_order = [*cut_short[:2], cut_short[0], *cut_short[2:]]
    assert "line 141" in outcome(lambda: build_from_blocks(out_of_order))[1]


def made_up(rng, count):
    """An N-Quads document with repeats, comments, other spellings and blank nodes."""
    parts = []
    for _ in range(count):
        number = rng.randrange(count)
        kind = rng.randrange(20)
        line = good(number, 90)
        if kind == 0:
            line = b"_:b%d <http://example.org/p> _:b%d ." % (number, number // 2)
        elif kind == 1:
            line = b'_:b%d <http://example.org/q> "%d" <urn:g> . # why' % (number, number)
        elif kind == 2:
            line = b'<http://example.org/%d>\t<http://example.org/p> "\\u0041"@EN .' % number
        elif kind == 3:
            line = rng.choice([b"", b"# comment", b"  "])
        parts.append(line)
    return b"\n".join(parts) + b"\n" * rng.randrange(2)


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_documents_are_the_same_however_they_are_shared(processes, seed, tmp_path):
    rng = random.Random(f"{seed} {processes}")
    for count in (0, 1, 30, 3_000):
        document = made_up(rng, count)
        expected_blocks, blocks = [], []
        expected = simple_document(document)
        build_version(canonicalize(document, "nq").split(b"\n")[:-1], expected_blocks.append)
        dataset = build_document(
            document, "nq", keep=blocks.append, processes=processes, folder=tmp_path, text_bytes=10_000
        )
        assert dataset.leaves == expected
        assert blocks == expected_blocks
        pieces = canonical_document(document, "nq", processes=processes, folder=tmp_path, text_bytes=10_000)
        assert b"".join(pieces) == canonicalize(document, "nq")
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "fault",
    [
        b"<http://example.org/3> <p> <urn:o> .",
        b'<http://example.org/3> <http://example.org/p> "\xff" .',
        b"<http://example.org/3> <http://example.org/p> << <a:b> <a:p> <a:c> >> .",
        b"_:x <http://exa mple.org/p> _:y .",
        b'<http://example.org/3> <http://example.org/p> "%s" .' % (b"v" * MAX_LINE_BYTES),
        b"".join(b"_:%d <a:p> _:%d .\n" % (i, j) for i in range(9) for j in range(9) if i != j),
    ],
)
def test_documents_are_refused_alike_however_they_are_shared(fault, seed, tmp_path):
    rng = random.Random(seed)
    document = made_up(rng, 300) + b"\n" + fault + b"\n" + made_up(rng, 300) + b"\n<bad>"[: rng.choice([0, 6])]
    path = tmp_path / "document.nq"
    path.write_bytes(document)
    expected = outcome(lambda: simple_document(path, None))
    assert issubclass(expected[0], Exception)
    for processes in (1, 2):
        assert outcome(lambda: build_document(path, processes=processes, text_bytes=4_000)) == expected  # noqa: B023


def test_one_line_many_times_and_lines_with_one_long_beginning_are_sorted():
    once = good(7)
    assert hash_document(text_of([once] * 5_000), "nq", processes=2, text_bytes=5_000).quads == 1
    alike = [b'<a:b> <a:p> "%s%06d" .' % (b"v" * 5_000, number) for number in range(300)]
    random.Random(1).shuffle(alike)
    assert build_document(text_of(alike), "nq", processes=2, text_bytes=50_000).leaves == simple_leaves(sorted(alike))


def test_a_worker_that_is_killed_is_an_error_that_says_so():
    with WorkerPool(2) as pool:
        pids = list(pool.map(os.getpid, [()] * 3))
        assert os.getpid() not in pids
        for pid in set(pids):
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(WorkerLost, match="SIGKILL before it answered; look at the memory"):
            list(pool.map(divmod, [(7, 2)] * 3))
    with WorkerPool(2) as pool, pytest.raises(WorkerLost, match="exit code 9"):
        list(pool.map(os._exit, [(9,)]))


def test_what_a_worker_cannot_do_is_raised_here():
    with WorkerPool(2) as pool:
        with pytest.raises(FileNotFoundError, match="no-such-folder"):
            list(pool.map(os.listdir, [("no-such-folder",)]))
        with pytest.raises(WorkerBroken, match="ZeroDivisionError"):
            list(pool.map(divmod, [(1, 0)]))
        assert list(pool.map(divmod, [(7, 2)] * 9)) == [(3, 1)] * 9
    with pytest.raises(FileNotFoundError, match="no-such-folder"):
        hash_document(text_of([good(1)] * 99), "nq", processes=1, text_bytes=99, folder="no-such-folder")


def test_the_number_of_processes_is_at_least_one():
    assert processes_to_use(3) == 3
    assert 1 <= processes_to_use(None) <= 4
    with pytest.raises(BadProcesses):
        processes_to_use(0)


PROGRAM = """
import sys
from anchoring.dataset.document_build import hash_document
from pathlib import Path
print("ready", flush=True)
hash_document(sys.argv[1], processes=2, folder=sys.argv[2], text_bytes=200_000)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_behind_by_a_caller_that_is_stopped(how, tmp_path):
    path, folder = tmp_path / "large.nq", tmp_path / "temporary"
    folder.mkdir()
    path.write_bytes(b"".join(GOOD % (i, b"v" * 99, 1) + b"\n" for i in range(120_000)))
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path), str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        until = time.monotonic() + 20
        while len(list(folder.glob("*/*"))) < 4 and time.monotonic() < until:
            time.sleep(0.01)
        workers = [int(pid) for pid in Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()]
        for task in Path(f"/proc/{child.pid}/task").iterdir():
            workers += [int(pid) for pid in (task / "children").read_text().split()]
        assert workers
        child.send_signal(how)
        _, talk = child.communicate(timeout=20)
    assert child.returncode == -how
    assert how is signal.SIGKILL or b"KeyboardInterrupt" in talk
    assert how is signal.SIGKILL or not list(folder.iterdir())
    until = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_a_file_is_read_piece_by_piece_as_its_bytes_are(start, seed, tmp_path):
    document = made_up(random.Random(seed), 100)
    path = tmp_path / "document.nq"
    for end in (b"", b"\n", b"\n\n", b"\n" + good(7, 5_000)):
        path.write_bytes(start + document + end)
        expected = simple_document(document + end)
        for size in (200, 4_000, 10**6):
            assert build_document(path, processes=1, text_bytes=size).leaves == expected
    assert build_document(path, processes=2, text_bytes=2_000).leaves == expected
    with path.open("rb") as stream:  # from where it stands
        stream.seek(len(start))
        assert build_document(stream, "nq", processes=1, text_bytes=2_000).leaves == expected
