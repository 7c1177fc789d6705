"""Shows what a transaction costs before it is signed, and asks where it costs money."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from kg.cli.output import Output
from kg.workspace.workspace import Workspace

if TYPE_CHECKING:
    from anchoring.chain.transactions import Cost


yes_option = click.option("-y", "--yes", is_flag=True, help="Send without asking.")
wait_option = click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=1800.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait until it is final; 0: only send it.",
)


def asking(output: Output, workspace: Workspace, *, yes: bool) -> Callable[[Cost], bool]:
    """Whether to send for a cost: `yes`, or the answer of whoever sits there; on the embedded chain nothing is asked.

    Raises UsageError where nobody can be asked.
    """

    def consent(cost: Cost) -> bool:
        output.say(f"costs      up to {cost.gas} gas, about {ether(cost.expected)}, at most {ether(cost.most)}")
        if yes or workspace.chain.embedded:
            return True
        if not sys.stdin.isatty():
            raise click.UsageError("sending costs money, and nobody can be asked here: say --yes")
        return click.confirm("send it?", err=True)

    return consent


@contextmanager
def asked() -> Iterator[None]:
    """Whoever says no ends the command."""
    from anchoring.chain.advance import Declined

    try:
        yield
    except Declined:
        raise click.Abort from None


def ether(wei: int) -> str:
    """An amount as people read it."""
    return f"{wei / 10**18:.6f} ETH"
