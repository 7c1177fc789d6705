"""Whatever is read, withdrawn, published, pinned and collected in whatever order: what is to be kept is whole."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from clone_places import settings

from anchoring.dataset.walk import walk
from anchoring.encoding.cid import Cid
from kg.errors import NothingToPublish
from kg.workspace import kept
from kg.workspace.collect import collect
from kg.workspace.workspace import Workspace


def write(folder: Path, rng: random.Random, name: int) -> Path:
    """A document of a few hundred statements, of which those of other documents share blocks."""
    file = folder / f"{name}.nt"
    first = rng.randrange(1000)
    lines = (
        f'<http://e.example/{i:05d}> <http://e.example/p> "{"v" * (i % 90)}" .\n' for i in range(first, first + 300)
    )
    file.write_text("".join(lines))
    return file


def check(workspace: Workspace, keep: int | None, lost: set[int]) -> None:
    """Every version that the simplest reading of the rule keeps is there to the last block, and can be verified.

    What an earlier collection removed, with a smaller `keep`, is `lost`.
    """
    records = workspace.versions.all()
    by_hand = kept.read(workspace)
    newest = records if keep is None else records[-keep:]
    wanted = [r for r in records if r.head in by_hand or not r.anchored] + [r for r in newest if r.number not in lost]
    for record in {record.head: record for record in wanted}.values():
        for _ in walk(Cid.parse(record.directory), workspace.blocks):
            pass
    # a version that is a snapshot so far is on no chain
    if anchored := [record for record in wanted if record.anchored]:
        assert workspace.verify(str(max(record.number for record in anchored))).exit_code == 0
    for source in workspace.sources.all():
        if source.state != "withdrawn":
            assert list(walk(Cid.parse(source.cid), workspace.blocks))


@pytest.mark.soak
def test_any_order_of_steps_keeps_what_is_to_be_kept(
    tmp_path: Path, soak_scale: Callable[[int], int], seed: int
) -> None:
    rng = random.Random(seed)
    with Workspace.init(tmp_path / "kg", settings()) as workspace:
        files: list[Path] = []
        lost: set[int] = set()
        for step in range(soak_scale(1500)):
            records = workspace.versions.all()
            action = rng.choice(["read", "read", "withdraw", "snapshot", "publish", "publish", "pin", "unpin", "gc"])
            if action == "read":
                files.append(write(tmp_path, rng, step))
                assert workspace.ingest(files[-1]).complete
            elif action == "withdraw" and files:
                workspace.withdraw(str(files.pop(rng.randrange(len(files)))), "a test")
            elif action in ("snapshot", "publish"):
                try:
                    workspace.snapshot() if action == "snapshot" else workspace.publish()
                except NothingToPublish:
                    assert not len(workspace.store)
            elif action == "pin" and (here := [r for r in records if r.anchored and r.number not in lost]):
                kept.write(workspace, kept.read(workspace) | {rng.choice(here).head})
            elif action == "unpin":
                kept.write(workspace, [])
            elif action == "gc" and len(records) > 1:
                keep = rng.choice([1, 2, 3])
                report = collect(workspace, keep=keep)
                check(workspace, keep, lost)
                lost.update(report.versions)
                assert collect(workspace, keep=keep).blocks == 0
