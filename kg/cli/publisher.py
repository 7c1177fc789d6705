"""`triplock publisher`: who else may publish to the graph, and until when."""

from __future__ import annotations

import click

from kg.cli.accounts import ADDRESS, moment
from kg.cli.consent import asked, asking, yes_option
from kg.cli.output import Output, pass_output


@click.group(short_help="Let others publish to the graph, up to a time.")
def publisher() -> None:
    """Let other accounts publish to the graph, up to a time. Only the owner can; a change of owner ends it for all.

    Who was let sets [graph] creator (and label) in a workspace of its own, and publishes as usual.
    """


@publisher.command()
@click.argument("account", metavar="ADDRESS", type=ADDRESS)
@click.option(
    "--until", required=True, metavar="TIME", help="2027-01-31 (its end, UTC), 2027-01-31T12:00:00Z, 12h, 30d, forever."
)
@yes_option
@pass_output
def add(output: Output, account: str, until: str, yes: bool) -> None:
    """Let an account publish up to a time; said again, the later word counts."""
    from kg.workspace.ownership import let_publish, time_of

    last = time_of(until)
    with asked(), output.workspace() as workspace:
        transaction = let_publish(workspace, account, last, asking(output, workspace, yes=yes))
    document = {"account": account, "until": last, "transaction": f"0x{transaction.hex()}"}
    output.result(document, f"{account} may publish until {moment(last)}")


@publisher.command()
@click.argument("account", metavar="ADDRESS", type=ADDRESS)
@yes_option
@pass_output
def remove(output: Output, account: str, yes: bool) -> None:
    """Let an account publish no longer."""
    from kg.workspace.ownership import let_publish

    with asked(), output.workspace() as workspace:
        transaction = let_publish(workspace, account, 0, asking(output, workspace, yes=yes))
    output.result({"account": account, "transaction": f"0x{transaction.hex()}"}, f"{account} may publish no longer")


@publisher.command("list")
@pass_output
def list_(output: Output) -> None:
    """List who may publish as of the newest block: the owner, and others with their times."""
    from kg.workspace.ownership import ownership

    with output.workspace() as workspace:
        found = ownership(workspace)
        graph = str(workspace.chain.graph)
    rows = [{"account": each.account, "until": each.until} for each in found.delegates]
    lines = [f"{found.owner}  owner"]
    lines += [f"{each.account}  until {moment(each.until)}" for each in found.delegates]
    output.result({"graph": graph, "owner": found.owner, "publishers": rows}, "\n".join(lines))
