"""`triplock withdraw`: take a source or a claim back."""

from __future__ import annotations

import click

from kg.cli.output import Output, pass_output


@click.command(short_help="Take a document or a claim back.")
@click.argument("target", metavar="SOURCE|CLAIM")
@click.option("--reason", required=True, help="Why; kept in the ledger.")
@pass_output
def withdraw(output: Output, target: str, reason: str) -> None:
    """Withdraw a document (its CID or path) or one claim (its IRI) from the next version.

    Versions that are published stay as they are.
    """
    from kg.workspace.withdraw import withdraw as take_back

    with output.workspace() as workspace:
        count = take_back(workspace, target, reason)
    output.result({"withdrawn": target, "quads": count}, f"withdrawn  {target}  ({count} quads)")
    output.say("the next snapshot is without it")
