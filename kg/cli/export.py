"""`triplock export`: the graph, or a published version, as a file."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from kg.cli.files import written
from kg.cli.output import Output, pass_output


@click.command(short_help="Write the graph or a version to a file.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["nq", "trig", "ttl", "jsonld", "car"]),
    default="nq",
    show_default=True,
    help="car holds a published version with all its blocks; the others the statements.",
)
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), default=None, help="Write here.")
@click.option(
    "--at",
    "--version",
    "at",
    metavar="VERSION",
    default=None,
    help="A version: a number, a CID, or a CAR file. Default: what the graph holds now, or its newest version as car.",
)
@click.option("--since", metavar="VERSION", default=None, help="For car: only the blocks that this version lacks.")
@click.option("--blank-nodes", is_flag=True, help="Turn genid IRIs back into the blank nodes they stand for.")
@pass_output
def export(
    output: Output, form: str, target: Path | None, at: str | None, since: str | None, blank_nodes: bool
) -> None:
    """Write the graph in canonical N-Quads, TriG, Turtle or JSON-LD, or a version as a CAR file."""
    from kg.workspace.export import export_car, export_graph, export_version
    from kg.workspace.proving import version_of

    if since is not None and form != "car":
        raise click.UsageError("--since goes with --format car; `triplock diff` tells what changed")

    output.data_to(target)
    if form == "car" and target is None and sys.stdout.isatty():
        raise click.UsageError("a CAR is binary: name a file with -o, or redirect standard output")
    what = "blocks" if form == "car" else "statements"
    with output.workspace() as workspace, written(target) if target else nullcontext(sys.stdout.buffer) as stream:
        if at is None and since is not None:
            at = str(version_of(workspace).number)
        if at is not None:
            count = export_version(workspace, at, form, stream, blank_nodes=blank_nodes, since=since)
        elif form == "car":
            count = export_car(workspace, stream)
        else:
            count = export_graph(workspace, form, stream, blank_nodes=blank_nodes)
        stream.flush()
    if target is not None:
        output.result({"file": str(target), "format": form, what: count}, f"{count} {what} written to {target}")
