"""`triplock review`: a person's verdict on what a model inferred."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.claims.iris import short
from kg.cli.files import written
from kg.cli.output import Output, pass_output
from kg.jobs.verdicts import ACCEPTED, REJECTED

if TYPE_CHECKING:
    from kg.workspace.review import Inferred
    from kg.workspace.workspace import Workspace

_TARGET = click.Path(dir_okay=False, path_type=Path)
_KEYS = "[a]ccept  [r]eject  [s]kip  [u]ndo the last  [q]uit"


@click.group(invoke_without_command=True, short_help="Accept or reject what a model inferred.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Show so many claims.")
@click.option("--list", "listed", is_flag=True, help="Only list them, on a terminal too.")
@click.option("--judged", is_flag=True, help="List the verdicts that were given.")
@click.option(
    "--export", type=_TARGET, metavar="FILE", help="Write what was judged as labelled sentences (JSON lines)."
)
@click.pass_context
def review(ctx: click.Context, limit: int, listed: bool, judged: bool, export: Path | None) -> None:
    """Accept or reject what a model inferred, the least sure first.

    On a terminal each claim is shown with its quote, and one key gives the verdict; elsewhere they are listed.
    What is rejected is withdrawn from the next version and stays out. Sentences in which something was accepted are
    shown to the model as examples from then on; --export writes them for `triplock eval`.
    """
    if ctx.invoked_subcommand is not None:
        return
    output = ctx.find_object(Output)
    assert output is not None  # noqa: S101 - the group above makes it
    with output.workspace() as workspace:
        if export is not None:
            _export(output, workspace, export)
        elif judged:
            _judged(output, workspace)
        elif not listed and not output.as_json and sys.stdin.isatty() and sys.stdout.isatty():
            _one_by_one(output, workspace)
        else:
            _list(output, workspace, limit)


@review.command()
@click.argument("claims", metavar="ID...", nargs=-1, required=True)
@pass_output
def accept(output: Output, claims: tuple[str, ...]) -> None:
    """Accept claims, by the ids that `triplock review` prints."""
    _judge(output, claims, ACCEPTED, "")


@review.command()
@click.argument("claims", metavar="ID...", nargs=-1, required=True)
@click.option("--reason", default="", help="Why; kept in the ledger.")
@pass_output
def reject(output: Output, claims: tuple[str, ...], reason: str) -> None:
    """Reject claims: they are withdrawn from the next version."""
    _judge(output, claims, REJECTED, reason)


@review.command()
@click.argument("claims", metavar="ID...", nargs=-1, required=True)
@pass_output
def undo(output: Output, claims: tuple[str, ...]) -> None:
    """Take verdicts back; what was rejected is in the graph again."""
    from kg.workspace.review import take_back

    with output.workspace() as workspace, workspace.changing():
        undone = take_back(workspace, claims)
    ids = [short(verdict.claim) for verdict in undone]
    output.result({"undone": ids}, "\n".join(f"undone    {each}" for each in ids))


def _judge(output: Output, claims: tuple[str, ...], verdict: str, reason: str) -> None:
    from kg.workspace.review import judge

    with output.workspace() as workspace, workspace.changing():
        given = judge(workspace, claims, verdict, reason)
    ids = [short(each.claim) for each in given]
    output.result({verdict: ids}, "\n".join(f"{verdict:<9} {each}" for each in ids))


def _list(output: Output, workspace: Workspace, limit: int) -> None:
    from kg.workspace.review import count_waiting, waiting

    shown, count = waiting(workspace, limit=limit), count_waiting(workspace)
    document = {"waiting": count, "claims": [one.as_json() for one in shown]}
    output.result(document, "\n\n".join(_text(one) for one in shown))
    if count > len(shown):
        output.say(f"and {count - len(shown)} more")


def _judged(output: Output, workspace: Workspace) -> None:
    verdicts = workspace.verdicts.all()
    document = {
        "verdicts": [
            {"claim": each.claim, "verdict": each.verdict, "reason": each.reason, "statement": each.statement}
            for each in verdicts
        ]
    }
    lines = [f"{short(each.claim)}  {each.verdict:<9} {each.statement}" for each in verdicts]
    output.result(document, "\n".join(lines))


def _export(output: Output, workspace: Workspace, target: Path) -> None:
    from kg.workspace.description import ontology_name
    from kg.workspace.review import labelled
    from ontology.loader import load

    found = labelled(workspace, load(ontology_name(workspace)))
    with written(target) as stream:
        for one in found:
            stream.write(one.line().encode())
    output.result({"sentences": len(found), "file": str(target)}, f"{len(found)} labelled sentences in {target}")


def _one_by_one(output: Output, workspace: Workspace) -> None:
    """Show a claim, take a key; every verdict is on disk before the next claim is shown."""
    from kg.workspace.review import judge, take_back, waiting

    claims, at = waiting(workspace), 0
    given: list[str] = []
    while at < len(claims):
        output.result({}, f"{_text(claims[at])}\n{len(claims) - at} left   {_KEYS}")
        key = click.getchar().casefold()
        if key == "q":
            break
        if key == "s":
            at += 1
        elif key in ("a", "r"):
            with workspace.changing():
                judge(workspace, [claims[at].claim], ACCEPTED if key == "a" else REJECTED)
            given.append(claims[at].claim)
            at += 1
        elif key == "u" and given:
            with workspace.changing():
                take_back(workspace, [given[-1]])
            at = next(number for number, one in enumerate(claims) if one.claim == given[-1])
            given.pop()
    output.say(f"{len(given)} judged, {len(claims) - len(given)} left")


def _text(one: Inferred) -> str:
    where = one.path or one.source
    quote = " ".join(one.sentence.split())
    return (
        f"{one.id}  {one.confidence}\n  {one.subject} | {one.relation} | {one.object}\n  {quote}\n"
        f"  {where} at {one.start} to {one.end}"
    )
