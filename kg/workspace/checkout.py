"""A version taken out of its blocks: its files in a folder, or its statements in a store that can be asked."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from anchoring.encoding.unixfs_reader import read_leaves
from anchoring.errors import Refuted
from anchoring.signing.manifest import DATA_NAME, MAX_MANIFEST_BYTES
from anchoring.signing.signature_file import MAX_SIGNATURE_FILE
from kg.errors import FileUnusable
from kg.stores.lines import quads_of
from kg.stores.oxigraph import OxigraphStore
from kg.workspace.clone_store import Wanted
from kg.workspace.named_version import NamedVersion

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

MOST_KEPT = 2
"""So many earlier versions stay loaded in a workspace, those asked last."""

_AT_ONCE = 50_000


class CheckoutRefuted(Refuted):
    """A version's files are not what its manifest or directory states."""

    code = "checkout-refuted"


def checkout(version: NamedVersion, folder: Path) -> dict[str, int]:
    """Write the version's files into `folder`, which appears whole or not at all; their sizes by name.

    Raises FileUnusable where something is there already, CheckoutRefuted, and what reading raises.
    """
    target = folder.resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FileUnusable(f"{folder} is there already", remedy="name a folder that is new or empty")
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}")
    temporary.mkdir(parents=True)
    try:
        sizes = {name: _write(version, name, temporary / name) for name in version.files()}
        if target.exists():
            target.rmdir()
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return sizes


def _write(version: NamedVersion, name: str, file: Path) -> int:
    stated = {entry.name: entry for entry in version.manifest.files}
    cid = version.files()[name]
    if name in stated and stated[name].cid != cid:
        raise CheckoutRefuted(
            f"the directory shows {cid} as {name}, the manifest {stated[name].cid}", remedy="do not rely on it"
        )
    most = stated[name].size if name in stated else max(MAX_MANIFEST_BYTES, MAX_SIGNATURE_FILE)
    size = 0
    with file.open("xb") as stream:
        for leaf in read_leaves(cid, version.blocks, at_most=most):
            size += stream.write(leaf)
        stream.flush()
        os.fsync(stream.fileno())
    if name in stated and size != stated[name].size:
        raise CheckoutRefuted(
            f"{name} has {size} bytes, the manifest says {stated[name].size}", remedy="do not rely on it"
        )
    return size


@contextmanager
def store_at(workspace: Workspace, version: NamedVersion) -> Iterator[OxigraphStore]:
    """The version's statements in a store for asking; loaded once and kept, so that the next question is as fast.

    Blank nodes stand in it as the IRIs that a clone gives them. Raises CheckoutRefuted, StoreLocked while another
    process asks the same version, and what reading raises.
    """
    folder = workspace.state / "at"
    folder.mkdir(exist_ok=True)
    place = folder / f"{version.manifest.root.hex()}-{version.manifest.quads}"
    with (folder / "lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one process at a time loads and tidies up
        if not place.exists():
            _load(workspace, version, place)
        os.utime(place)
        store = OxigraphStore(place)
        _forget_others(folder)
    try:
        yield store
    finally:
        store.close()


def _forget_others(folder: Path) -> None:
    """Remove all but the stores that were asked last, and those that a process has open."""
    kept = sorted(folder.glob("[0-9a-f]*-*"), key=lambda each: each.stat().st_mtime, reverse=True)
    for old in kept[MOST_KEPT:]:
        with suppress(OSError), (old / "lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(old, ignore_errors=True)


def _load(workspace: Workspace, version: NamedVersion, place: Path) -> None:
    """Fill a store beside its place, then put it there, so that a crash leaves none that looks whole."""
    for left in place.parent.glob(".loading-*"):
        shutil.rmtree(left, ignore_errors=True)
    temporary = place.with_name(f".loading-{secrets.token_hex(6)}")
    try:
        store = OxigraphStore(temporary)
        try:
            lines = Wanted(workspace.mint, version.manifest).lines(version.lines())
            while chunk := list(islice(lines, _AT_ONCE)):
                store.apply(quads_of(chunk), [], store.generation)
            found = len(store)
        finally:
            store.close()
        if found != version.manifest.quads:
            raise CheckoutRefuted(
                f"{DATA_NAME} has {found} statements, the manifest says {version.manifest.quads}",
                remedy="verify the version; do not rely on it",
            )
        temporary.rename(place)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
