"""`triplock snapshot` and `publish`: versions of the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kg.cli.consent import asking, wait_option, yes_option
from kg.cli.output import Output, pass_output

if TYPE_CHECKING:
    from kg.jobs.versions import VersionRecord


def describe(record: VersionRecord) -> tuple[dict[str, object], str]:
    """A version as a document and as text."""
    document: dict[str, object] = {
        "version": record.number,
        "state": record.state,
        "graph": record.graph,
        "root": record.root,
        "quads": record.quads,
        "blocks": record.blocks,
        "manifest": record.manifest,
        "directory": record.directory,
        "data": record.data,
        "head": record.head,
        "parent": record.parent,
        "transaction": record.transaction_hash or None,
        "block": record.block_number,
        "blockHash": record.block_hash or None,
    }
    text = (
        f"version    {record.number} ({record.state})\n"
        f"root       {record.root}\n"
        f"quads      {record.quads} in {record.blocks} blocks\n"
        f"manifest   {record.manifest}\n"
        f"directory  ipfs://{record.directory}\n"
        f"graph      {record.graph}"
    )
    if record.transaction_hash:
        text += f"\nsent       {record.transaction_hash}" + (
            f" in block {record.block_number}" if record.block_number else ""
        )
    return document, text


@click.command(short_help="Build the next version; nothing is sent.")
@pass_output
def snapshot(output: Output) -> None:
    """Build the next version: canonical N-Quads, blocks, Merkle root, manifest and signature. Nothing is sent.

    If another workspace of the same publisher was first, the version is built on top of theirs.
    """
    from kg.workspace.snapshot import Work
    from kg.workspace.snapshot import snapshot as build

    told: list[Work] = []
    with output.workspace() as workspace:
        document, text = describe(build(workspace, tell=told.append))
    for work in told:
        document |= {"newBlocks": work.new_blocks, "newBytes": work.new_bytes, "inFull": work.reason or None}
        if work.reason:
            output.say(f"every statement was read: {work.reason}")
        else:
            output.say(f"built on an earlier version: {work.new_blocks} new blocks of {work.new_bytes} bytes")
    output.result(document, text)


@click.command(short_help="Pin the version and anchor it on the chain.")
@yes_option
@click.option("--max-cost", type=click.FloatRange(min=0, min_open=True), metavar="GWEI", help="The most it may cost.")
@click.option("--replace", is_flag=True, help="Pay more for a transaction that waits for a block.")
@click.option("--rebase", is_flag=True, help="If another publisher was first, build on top of that version.")
@wait_option
@pass_output
def publish(output: Output, yes: bool, max_cost: float | None, replace: bool, rebase: bool, wait: float) -> None:
    """Pin the version and anchor it in the registry contract; shows the cost before it sends.

    What was begun goes on where it stopped, and a second call does nothing more. A transaction that stands in no
    block after `patience` seconds (settings) is replaced by one that pays more, within what was allowed; `--replace`
    does so at once. A version of a graph without a licence is refused.
    """
    from kg.workspace.publish import PublishOptions
    from kg.workspace.publish import publish as anchor

    with output.workspace() as workspace:
        options = PublishOptions(
            max_cost=None if max_cost is None else int(max_cost * 10**9), wait=wait, replace=replace, rebase=rebase
        )
        published = anchor(workspace, consent=asking(output, workspace, yes=yes), options=options)
        if published is None:
            raise click.Abort  # the version is built and waits
        document, text = describe(published.record)
    document["new"] = published.new
    output.result(document, text)
    if not published.new:
        output.say("it was published before; nothing was sent")
