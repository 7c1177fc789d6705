"""What is kept beside the newest versions so that the next one is built on them instead of from every statement.

    STATE/versions/HEAD.index         the top leaves (kg.workspace.proving)
    STATE/versions/HEAD.first-lines   which block a line belongs to
    STATE/versions/HEAD.base          the store, the generation that the version was built from, and its root

All of it is derived. What is missing, damaged, or of another store is passed over, and the version is built in full.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from anchoring.dataset.first_lines import FirstLines
from anchoring.dataset.version import Dataset
from anchoring.errors import TriplockError
from kg.workspace.proving import keep_index

if TYPE_CHECKING:
    from kg.jobs.versions import VersionRecord
    from kg.workspace.workspace import Workspace

_BASE = re.compile(r"triplock-base/1 ([0-9a-f]{1,64}) ([0-9]{1,18}) ([0-9a-f]{64})\n")


@dataclass(frozen=True, slots=True)
class Base:
    """A version to build on: what the store held at `generation`."""

    generation: int
    dataset: Dataset
    first_lines: FirstLines


def keep_base(workspace: Workspace, record: VersionRecord, dataset: Dataset, first_lines: FirstLines) -> None:
    """Keep what the next version is built on, and drop that of versions before the parent."""
    keep_index(workspace, record, dataset)
    root = bytes.fromhex(record.root[2:])
    _write(_file(workspace, record.head, "first-lines"), first_lines.encode(root=root))
    text = f"triplock-base/1 {workspace.store.identity} {record.generation} {record.root[2:]}\n"
    _write(_file(workspace, record.head, "base"), text.encode("ascii"))
    newest = {record.head[2:], record.parent[2:]}
    for suffix in ("first-lines", "base"):
        for file in _folder(workspace).glob(f"*.{suffix}"):
            if file.stem not in newest:
                file.unlink(missing_ok=True)


def find_base(workspace: Workspace) -> Base | None:
    """The version nearest to what the store holds that one can be built on, if there is any."""
    identity, generation = workspace.store.identity, workspace.store.generation
    found = []
    for file in _folder(workspace).glob("*.base"):
        match = _BASE.fullmatch(file.read_bytes()[:200].decode("ascii", "replace"))
        if match and match[1] == identity and int(match[2]) <= generation:
            found.append((int(match[2]), match[3], file.stem))
    for reached, root, head in sorted(found, reverse=True):
        try:
            index, first_lines = (_file(workspace, head, suffix).read_bytes() for suffix in ("index", "first-lines"))
            dataset = Dataset.from_index(index, root=bytes.fromhex(root))
            return Base(reached, dataset, FirstLines.decode(first_lines, root=bytes.fromhex(root)))
        except (OSError, TriplockError):
            continue
    return None


def _folder(workspace: Workspace) -> Path:
    return workspace.state / "versions"


def _file(workspace: Workspace, head: str, suffix: str) -> Path:
    return _folder(workspace) / f"{head.removeprefix('0x')}.{suffix}"


def _write(file: Path, content: bytes) -> None:
    temporary = file.with_name(f".{file.name}.tmp")
    temporary.write_bytes(content)
    temporary.replace(file)
