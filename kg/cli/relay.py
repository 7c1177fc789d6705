"""`triplock relay`: a version that one signs and another pays for."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.accounts import moment
from kg.cli.consent import asked, asking, yes_option
from kg.cli.files import written
from kg.cli.output import Output, pass_output


@click.group(short_help="Sign a version that another publishes; send one.")
def relay() -> None:
    """Publish by somebody else's transaction: the publisher signs into a file, whoever has money on the chain sends.

    The signature is for one version and up to a time; it can be used once, and vouches for nothing else.
    """


@relay.command()
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), required=True, help="Write the file here.")
@click.option(
    "--until", default="7d", show_default=True, metavar="TIME", help="A date, a time with its zone, 12h, 30d, forever."
)
@pass_output
def sign(output: Output, target: Path, until: str) -> None:
    """Build the next version, have it pinned, and sign that anybody may publish it up to a time. Nothing is sent.

    When it was sent, `triplock publish` finds it on the chain.
    """
    from kg.workspace.ownership import time_of
    from kg.workspace.relaying import sign as make

    last = time_of(until)
    with output.workspace() as workspace:
        made = make(workspace, last)
    with written(target) as stream:
        stream.write(made.encode())
    document = {
        "file": str(target),
        "graph": str(made.graph),
        "version": made.fields.version,
        "head": f"0x{made.fields.head.hex()}",
        "publisher": made.publisher,
        "until": made.deadline,
    }
    text = f"version {made.fields.version} can be published by whoever has {target}, until {moment(made.deadline)}"
    output.result(document, text)


@relay.command()
@click.argument("file", type=click.Path(path_type=Path))
@yes_option
@pass_output
def send(output: Output, file: Path, yes: bool) -> None:
    """Publish what somebody signed, with this workspace's key and chain: you pay, they are the publisher."""
    from anchoring.chain.relay import MAX_RELAY_FILE, Relay
    from kg.workspace.relaying import send as publish

    with file.open("rb") as stream:
        signed = Relay.decode(stream.read(MAX_RELAY_FILE + 1))
    with asked(), output.workspace() as workspace:
        anchor = publish(workspace, signed, asking(output, workspace, yes=yes))
    document = {
        "graph": str(anchor.graph),
        "version": anchor.version,
        "head": f"0x{anchor.head.hex()}",
        "publisher": anchor.publisher,
        "transaction": f"0x{anchor.transaction.hex()}",
        "block": anchor.block.number,
    }
    text = f"version {anchor.version} of {anchor.graph}\npublished by {anchor.publisher}"
    output.result(document, f"{text}, sent in 0x{anchor.transaction.hex()}")
