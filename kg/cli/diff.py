"""`triplock diff` and `checkout`: earlier versions, compared and taken out."""

from __future__ import annotations

import sys
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.files import written
from kg.cli.output import Output, pass_output
from kg.cli.places import opened_versions, places_of, places_options

if TYPE_CHECKING:
    from kg.workspace.diff import Difference
    from kg.workspace.named_version import NamedVersion


@click.command(short_help="Show what one version has and another has not.")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option(
    "--format",
    "form",
    type=click.Choice(["signed", "patch", "counts"]),
    default="signed",
    show_default=True,
    help="signed: N-Quads lines behind + and -; patch: an RDF Patch; counts: only how many.",
)
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), default=None, help="Write here.")
@places_options
@pass_output
def diff(output: Output, /, before: str, after: str, form: str, target: Path | None, **places: Any) -> None:
    """Show what turns version A into version B.

    A and B are numbers, CIDs of manifests or directories, CAR files, or folders that `triplock checkout`
    wrote. Lines are written as they are found, in their order, and only blocks that differ are read.
    An answer is whole when the exit code is 0.
    """
    from kg.workspace.diff import write_difference

    if form != "counts" and output.as_json and target is None:
        form = "counts"
    with ExitStack() as stack:
        old, new = opened_versions(output, stack, (before, after), places_of(**places))
        if old.manifest.graph != new.manifest.graph:
            output.say(f"these are two graphs: {old.manifest.graph} and {new.manifest.graph}")
        stream = stack.enter_context(written(target) if target else nullcontext(sys.stdout.buffer))
        found = write_difference(old, new, form, stream)
        stream.flush()
    _show(output, old, new, found, form, target)


def _show(
    output: Output, old: NamedVersion, new: NamedVersion, found: Difference, form: str, target: Path | None
) -> None:
    document = {
        "from": _side(old),
        "to": _side(new),
        "added": found.added,
        "removed": found.removed,
        "blocksRead": found.blocks_read,
        "file": str(target) if target else None,
    }
    text = f"{found.added} added, {found.removed} removed; {found.blocks_read} data blocks were read"
    text += f" of {old.manifest.blocks} and {new.manifest.blocks}"
    if form == "counts" or target or output.as_json:
        output.result(document, text)
    else:
        output.say(text)


def _side(version: NamedVersion) -> dict[str, object]:
    manifest = version.manifest
    return {
        "graph": str(manifest.graph),
        "version": manifest.version,
        "root": f"0x{manifest.root.hex()}",
        "manifest": str(manifest.block.cid),
        "quads": manifest.quads,
    }


@click.command(short_help="Write the files of a version into a folder.")
@click.argument("name", metavar="VERSION")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@places_options
@pass_output
def checkout(output: Output, /, name: str, folder: Path, **places: Any) -> None:
    """Write the files of a version into the new folder DIR.

    VERSION is a number, the CID of a manifest or directory, or a CAR file. DIR appears whole or not at all.
    Every byte has the hash that the manifest names; whether the lines are in order, and the version its owner's, is
    for `triplock verify` to say.
    """
    from kg.workspace.checkout import checkout as take_out

    with ExitStack() as stack:
        (version,) = opened_versions(output, stack, (name,), places_of(**places))
        sizes = take_out(version, folder)
    text = "\n".join(f"{size:>12}  {file}" for file, size in sorted(sizes.items()))
    output.result({**_side(version), "folder": str(folder), "files": sizes}, text)
