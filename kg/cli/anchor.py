"""`triplock anchor`: an RDF file as a version of a graph of its own, in one CAR."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.consent import asking, wait_option, yes_option
from kg.cli.hash import base_option, format_option, processes_option, source_of, temporary_option
from kg.cli.output import Output, pass_output


@click.command(short_help="Anchor an RDF file as it is, and write it to a CAR.")
@click.argument("file", metavar="FILE")
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), required=True, help="Write the CAR here.")
@click.option("--label", required=True, help="Label of the file's graph; not that of the workspace's own.")
@click.option("--licence", default="", help="SPDX identifier or IRI; the settings' if not given.")
@yes_option
@click.option("--max-cost", type=click.FloatRange(min=0), default=None, metavar="GWEI", help="The most it may cost.")
@wait_option
@format_option
@base_option
@processes_option
@temporary_option
@pass_output
def anchor(
    output: Output,
    file: str,
    target: Path,
    label: str,
    licence: str,
    yes: bool,
    max_cost: float | None,
    wait: float,
    form: str | None,
    base: str | None,
    processes: int | None,
    temporary: Path | None,
) -> None:
    """Anchor an RDF file (`-` for standard input) as it is: no claims are made of it, it does not enter the store.

    Its canonical form becomes the next version of the graph that the publisher has under the label, signed, in one
    CAR file that holds all its blocks. The same command again goes on where it stopped, and a file that is the newest
    version already is not sent again.
    """
    from kg.workspace.anchor_file import FileOptions, anchor_file

    source, syntax = source_of(file, form)
    options = FileOptions(
        syntax, base, processes, temporary, licence, None if max_cost is None else int(max_cost * 10**9), wait
    )
    with output.workspace() as workspace:
        made = anchor_file(workspace, source, target, label, options, consent=asking(output, workspace, yes=yes))
    if made.declined:
        output.say(f"not sent; the version is in {target}")
        raise click.Abort
    fields, found = made.snapshot.fields, made.anchor
    document: dict[str, object] = {
        "graph": str(fields.graph),
        "version": fields.version,
        "root": f"0x{fields.root.hex()}",
        "quads": fields.quads,
        "blocks": fields.blocks,
        "manifest": str(made.snapshot.cid),
        "directory": str(made.snapshot.directory),
        "car": str(target),
        "transaction": f"0x{found.transaction.hex()}" if found else None,
        "block": found.block.number if found else None,
        "new": made.new,
    }
    text = (
        f"version    {fields.version}\nroot       0x{fields.root.hex()}\n"
        f"quads      {fields.quads} in {fields.blocks} blocks\nmanifest   {made.snapshot.cid}\n"
        f"directory  ipfs://{made.snapshot.directory}\ngraph      {fields.graph}\nfile       {target}"
    )
    if found:
        text += f"\nsent       0x{found.transaction.hex()} in block {found.block.number}"
    output.result(document, text)
    if not made.new:
        output.say("it was published before; nothing was sent")
