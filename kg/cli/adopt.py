"""`triplock adopt`: claims of somebody else's graph into one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.claims.model import Trust
from kg.cli.output import Output, pass_output

if TYPE_CHECKING:
    from kg.workspace.adopt import AdoptReport

_TRUST = click.Choice([level.value for level in Trust])


@click.command(short_help="Take claims of a clone into your own graph.")
@click.argument("clone", metavar="CLONE", type=click.Path(exists=True, file_okay=False))
@click.option("--subject", "subjects", multiple=True, metavar="IRI", help="Claims that state something of it.")
@click.option("--prefix", "prefixes", multiple=True, metavar="TEXT", help="Or of what has an IRI that begins so.")
@click.option("--query", "queries", multiple=True, metavar="SPARQL|FILE", help="Or that state what this CONSTRUCTs.")
@click.option("--all", "everything", is_flag=True, help="All claims.")
@click.option("--trust", multiple=True, type=_TRUST, help="Of those, only what that graph knows in this way.")
@click.option("--min-confidence", default=None, metavar="0..1", help="And only what it is at least so sure of.")
@click.option("--again", is_flag=True, help="Also what was withdrawn here before.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken, and take nothing.")
@pass_output
def adopt(
    output: Output,
    /,
    clone: str,
    subjects: tuple[str, ...],
    prefixes: tuple[str, ...],
    queries: tuple[str, ...],
    everything: bool,
    trust: tuple[str, ...],
    min_confidence: str | None,
    again: bool,
    dry_run: bool,
) -> None:
    """Take claims of the verified version in the folder CLONE into the graph of this workspace.

    Each claim is taken whole and keeps whose it is: graph, version, publisher, and what that graph says of it. Its
    trust here is `adopted`. `triplock why` shows where it comes from, `triplock withdraw CLONE` takes all back.
    """
    from kg.workspace.adopt import adopt as take
    from kg.workspace.foreign import Choice
    from queries.sparql import check_filter

    levels, least = check_filter(trust or None, min_confidence)
    choice = Choice(subjects, prefixes, tuple(map(_text, queries)), everything, levels, least)
    with output.workspace() as workspace:
        report = take(workspace, clone, choice, again=again, dry_run=dry_run)
        own = workspace.configuration.graph.licence
    _show(output, report, own, dry_run=dry_run)


def _text(query: str) -> str:
    """A query, or the content of the file that it names."""
    path = Path(query)
    return path.read_text(encoding="utf-8") if path.suffix == ".rq" else query


def _show(output: Output, report: AdoptReport, own: str, *, dry_run: bool) -> None:
    version = report.version
    rows = [
        ("graph", str(version.graph)),
        ("version", f"{version.number}, manifest {version.manifest}"),
        ("publisher", version.publisher),
        ("licence", version.licence),
        ("would take" if dry_run else "taken", f"{report.claims} claims of {report.statements} statements"),
    ]
    if report.here:
        rows.append(("here before", f"{report.here} claims"))
    if report.withdrawn:
        rows.append(("withdrawn", f"{report.withdrawn} claims stay out (--again takes them)"))
    output.result({**report.as_json(), "dryRun": dry_run}, "\n".join(f"{name:<13}{value}" for name, value in rows))
    if version.licence != own:
        output.say(f"the licence of that graph is {version.licence}, yours is {own or 'not set'}: see that they agree")
