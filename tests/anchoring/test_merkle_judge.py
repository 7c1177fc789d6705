"""transparency-dev/merkle, the reference implementation of RFC 9162, judges roots and paths (tests/judges/merkle)."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from anchoring.dataset.merkle import inclusion_path, leaf_hash, tree_root

SOURCE = Path(__file__).parent.parent / "judges" / "merkle"


@pytest.fixture(scope="module")
def judge(tmp_path_factory, unavailable):
    """Asks the judge about many trees at once; needs go and, the first time, its module proxy."""
    if not shutil.which("go"):
        unavailable("needs go (1.21), to build tests/judges/merkle")
    program = tmp_path_factory.mktemp("judge") / "merkle"
    command = ["go", "build", "-mod=readonly", "-o", str(program), "."]
    environment = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local"}
    built = subprocess.run(command, cwd=SOURCE, env=environment, capture_output=True, text=True, timeout=600)
    if built.returncode:
        unavailable(f"tests/judges/merkle does not build: {built.stderr}")

    def ask(questions):
        text = "".join(json.dumps(question) + "\n" for question in questions)
        return subprocess.run(
            [program], input=text, capture_output=True, text=True, check=True, timeout=120
        ).stdout.splitlines()

    return ask


def question(count, rng, indexes):
    entries = [rng.randbytes(rng.randrange(40)) for _ in range(count)]
    hashes = [leaf_hash(entry) for entry in entries]
    paths = {index: inclusion_path(hashes, index) for index in indexes}
    return {
        "entries": [entry.hex() for entry in entries],
        "root": tree_root(hashes).hex(),
        "paths": {
            str(index): [path[at : at + 32].hex() for at in range(0, len(path), 32)] for index, path in paths.items()
        },
    }


def test_the_judge_finds_every_tree_and_path_right(judge, seed):
    rng = random.Random(seed)
    questions = [question(count, rng, range(count)) for count in range(130)]
    questions += [question(count, rng, rng.sample(range(count), 20)) for count in (1_000, 4_095, 4_096, 4_097, 20_000)]
    assert judge(questions) == ["ok"] * len(questions)


def test_the_judge_refuses_what_is_wrong(judge, seed):
    asked = question(100, random.Random(seed), range(100))
    moved = {**asked, "paths": {**asked["paths"], "7": asked["paths"]["8"]}}
    answers = judge([asked, {**asked, "root": "00" * 32}, moved, {**asked, "entries": asked["entries"][:-1]}])
    assert answers[0] == "ok"
    assert all(answer != "ok" for answer in answers[1:])
