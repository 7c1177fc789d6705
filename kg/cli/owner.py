"""`triplock owner`: who owns the graph, and how it is handed on."""

from __future__ import annotations

import click

from kg.cli.accounts import ADDRESS
from kg.cli.consent import asked, asking, yes_option
from kg.cli.output import Output, pass_output


@click.group(short_help="Show the graph's owner; hand the graph on.")
def owner() -> None:
    """Show who owns the graph, or hand it on in two steps: the owner names the next one, who then accepts.

    From then on the former owner is refused, and all publishers that it named have lapsed. The graph keeps its id.
    """


@owner.command()
@pass_output
def show(output: Output) -> None:
    """Show who owns the graph as of the newest block, who may take it over, and through whose hands it went."""
    from kg.workspace.ownership import ownership

    with output.workspace() as workspace:
        found = ownership(workspace)
        graph, creator, here = workspace.chain.graph, workspace.chain.creator, workspace.chain.account
    document = {
        "graph": str(graph),
        "creator": creator,
        "owner": found.owner,
        "pending": found.pending or None,
        "transfers": [{"from": each.from_, "to": each.to, "block": each.block} for each in found.transfers],
        "mine": here == found.owner,
        "block": found.block.number,
    }
    lines = [f"graph      {graph}", f"owner      {found.owner}" + (" (this workspace)" if here == found.owner else "")]
    lines += [f"offered    {found.pending}, who has not accepted yet"] if found.pending else []
    lines += [f"handed on  {each.from_} to {each.to} in block {each.block}" for each in found.transfers]
    output.result(document, "\n".join(lines))


@owner.command()
@click.argument("account", metavar="ADDRESS|nobody")
@yes_option
@pass_output
def transfer(output: Output, account: str, yes: bool) -> None:
    """Name who may take the graph over: nothing changes until they accept. "nobody" takes the offer back."""
    from kg.workspace.ownership import NOBODY
    from kg.workspace.ownership import transfer as name

    to = NOBODY if account == "nobody" else ADDRESS(account)
    with asked(), output.workspace() as workspace:
        transaction = name(workspace, to, asking(output, workspace, yes=yes))
    offered = None if to == NOBODY else to
    done = f"offered to {to}; it takes over with `triplock owner accept`" if offered else "the offer is taken back"
    output.result({"pending": offered, "transaction": f"0x{transaction.hex()}"}, done)


@owner.command()
@yes_option
@pass_output
def accept(output: Output, yes: bool) -> None:
    """Take over a graph that its owner offered to this workspace's key; [graph] creator and label name the graph."""
    from kg.workspace.ownership import accept as take_over

    with asked(), output.workspace() as workspace:
        transaction = take_over(workspace, asking(output, workspace, yes=yes))
        account = workspace.signer.address
    output.result(
        {"owner": account, "transaction": f"0x{transaction.hex()}"},
        f"{account} owns the graph; the publishers that were named before have lapsed",
    )
