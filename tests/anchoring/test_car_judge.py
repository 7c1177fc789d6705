"""go-car, the reference implementation of CAR, reads what is written here, and writes the CARv2 that is read here."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from anchoring.blockstores.car import CarReader, write_car
from anchoring.blockstores.car_stream import blocks_of_car
from anchoring.blockstores.errors import BadCar, BlockCorrupt
from anchoring.encoding.cid import DAG_PB, RAW, Block, Cid

SOURCE = Path(__file__).parent.parent / "judges" / "car"
Judge = Callable[..., tuple[int, list[list[str]]]]


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory, unavailable: Callable[[str], None]) -> Judge:
    """Runs the judge; needs go and, the first time, its module proxy."""
    if not shutil.which("go"):
        unavailable("needs go (1.21), to build tests/judges/car")
    program = tmp_path_factory.mktemp("judge") / "car"
    command = ["go", "build", "-mod=readonly", "-o", str(program), "."]
    environment = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local"}
    built = subprocess.run(command, cwd=SOURCE, env=environment, capture_output=True, text=True, timeout=900)
    if built.returncode:
        unavailable(f"tests/judges/car does not build: {built.stderr}")

    def run(*words: object) -> tuple[int, list[list[str]]]:
        done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, [line.split() for line in done.stdout.splitlines()]

    return run


def some_blocks(rng: random.Random, count: int) -> list[Block]:
    found = []
    for _ in range(count):
        data = rng.randbytes(rng.choice([0, 1, 100, 127, 128, 5000]))
        found.append(Block(Cid.of(data, rng.choice([RAW, DAG_PB])), data))
    return found


def told(lines: list[list[str]], what: str) -> list[list[str]]:
    return [line[1:] for line in lines if line[0] == what]


@pytest.mark.parametrize("count", [0, 1, 2, 40])
def test_go_car_reads_what_is_written_and_its_version_2_is_read(
    judge: Judge, tmp_path: Path, seed: int, count: int
) -> None:
    blocks = some_blocks(random.Random(seed), count)
    roots = [block.cid for block in blocks[:3]]
    one, two = tmp_path / "1.car", tmp_path / "2.car"
    write_car(one, roots, blocks)
    code, lines = judge("list", one)
    assert code == 0
    assert told(lines, "version") == [["1"]]
    assert told(lines, "root") == [[str(root)] for root in roots]
    assert told(lines, "block") == [[str(cid), str(len(data))] for cid, data in blocks]
    assert judge("wrap", one, two)[0] == 0
    assert told(judge("list", two)[1], "version") == [["2"]]
    assert two.read_bytes().startswith(bytes.fromhex("0aa16776657273696f6e02"))
    with CarReader(two) as car:
        assert car.roots == tuple(roots)
        assert list(car.blocks()) == list(dict.fromkeys(blocks))
        assert car.foreign == 0


def test_of_changed_files_nothing_is_read_that_go_car_does_not_read(judge: Judge, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    whole = tmp_path / "whole.car"
    blocks = some_blocks(rng, 3)
    write_car(whole, [blocks[0].cid], blocks)
    original = whole.read_bytes()
    read = 0
    for number in range(150):
        changed = bytearray(original)
        at = rng.randrange(len(changed)) if number % 2 else rng.randrange(min(140, len(changed)))
        if number % 5 == 0:
            del changed[at:]
        else:
            changed[at] ^= 1 << rng.randrange(8)
        path = tmp_path / "changed.car"
        path.write_bytes(changed)
        try:
            with CarReader(path) as car:
                if car.foreign:
                    continue
                mine = [[str(cid), str(len(data))] for cid, data in car.blocks()]
                roots = [[str(root)] for root in car.roots]
            streamed = [[str(cid), str(len(data))] for cid, data in blocks_of_car([bytes(changed)], "here")]
        except (BadCar, BlockCorrupt):
            continue
        read += 1
        code, lines = judge("list", path)
        assert code == 0, (number, at)
        assert told(lines, "root") == roots
        assert told(lines, "block") == streamed
        assert list(map(tuple, mine)) == list(dict.fromkeys(map(tuple, streamed)))
    assert read > 0
