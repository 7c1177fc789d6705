"""`triplock clone` and `pull`: somebody else's graph, verified in full, in a folder of one's own."""

from __future__ import annotations

from typing import Any

import click

from anchoring.signing.anchor import GraphId
from kg.cli.output import Output, pass_output
from kg.cli.places import places_of, places_options
from kg.workspace.pull import PullReport


@click.command(short_help="Take over somebody else's graph, verified.")
@click.argument("graph", metavar="GRAPH-ID")
@click.argument("folder", metavar="DIR")
@click.option("--rpc", multiple=True, required=True, metavar="URL", help="Endpoint of the chain; several must agree.")
@places_options
@click.option("--at", type=click.IntRange(min=1), default=None, help="The version; default newest.")
@click.option("--shallow", is_flag=True, help="Leave source documents and older versions where they are.")
@click.option("--confirmations", type=click.IntRange(min=1), default=1, show_default=True, help="Blocks to ask for.")
@pass_output
def clone(
    output: Output,
    /,
    graph: str,
    folder: str,
    rpc: tuple[str, ...],
    at: int | None,
    shallow: bool,
    confirmations: int,
    **places: Any,
) -> None:
    """Make DIR a clone of the graph: its head from the chain, its blocks from anywhere, verified in full, queryable.

    Blocks come from all places named, several at once; each is checked as it comes, and a place that lies or is too
    slow is dropped. Interrupted, the same command goes on.
    """
    from kg.workspace.clone import clone as take_over

    with output.progress() as progress:
        report = take_over(
            GraphId.parse(graph),
            folder,
            rpc=rpc,
            places=places_of(**places),
            at=at,
            shallow=shallow,
            confirmations=confirmations,
            progress=progress,
        )
    show(output, report)
    output.say(f"ask it: triplock -C {folder} query …; move it on: triplock -C {folder} pull")


@click.command(short_help="Move a clone to the newest version.")
@places_options
@click.option("--at", type=click.IntRange(min=1), default=None, help="The version; default newest.")
@click.option("--shallow", is_flag=True, help="Leave source documents and older versions where they are.")
@pass_output
def pull(output: Output, /, at: int | None, shallow: bool, **places: Any) -> None:
    """Move a clone to the newest version of its graph, or to version --at, verified in full.

    Only blocks that are lacking are fetched, and the store is moved by the difference. Until then it holds the former
    version, also after a crash.
    """
    from kg.workspace.pull import pull as move_on

    with output.workspace() as workspace, output.progress() as progress:
        report = move_on(workspace, places=places_of(**places), at=at, shallow=shallow, progress=progress)
    show(output, report)


def show(output: Output, report: PullReport) -> None:
    """Print what was done, and talk about who was dropped and what is not to be had."""
    came = report.retrieved
    text = f"version    {report.version}{'' if report.new else ' (it was here)'}\ngraph      {report.graph}\n"
    if report.new:
        text += (
            f"blocks     {came.blocks} came ({came.bytes} bytes), {came.here} were here\n"
            f"statements {report.moved.added} added, {report.moved.removed} removed\n"
        )
    if report.documents[1]:
        text += f"documents  {report.documents[0]} of {report.documents[1]} are here\n"
    if report.history or report.not_had:
        text += f"older      {len(report.history)} versions are here, {len(report.not_had)} are not to be had\n"
    output.result(report.as_json(), text.rstrip())
    for name, reason in came.dropped.items():
        output.say(f"dropped {name}: {reason}")
    if report.moved.blank:
        output.say("the version has blank nodes: in the clone they are IRIs under /.well-known/genid/")
    if report.new and not report.directory:
        output.say(
            "no place named the version's directory, so its signature is not here; the transaction stands for it"
        )
