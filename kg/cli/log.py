"""`triplock log`: the versions of a graph, as the chain alone tells of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from anchoring.encoding.cid import RAW, Cid
from anchoring.signing.anchor import Anchor, GraphId
from kg.cli.output import Output, pass_output

if TYPE_CHECKING:
    from kg.jobs.versions import VersionRecord


@click.command(short_help="List the versions that the chain tells of.")
@click.argument("graph", metavar="[GRAPH-ID]", required=False)
@click.option("--rpc", multiple=True, metavar="URL", help="Endpoint of the chain; several must agree.")
@pass_output
def log(output: Output, graph: str | None, rpc: tuple[str, ...]) -> None:
    """List a graph's versions as the chain's events tell them, newest first.

    With a GRAPH-ID and --rpc nothing else is needed: no workspace, no blocks. Without them it is the workspace's
    graph, and a version that waits here is listed too.
    """
    from kg.cli.versions import describe

    waiting: VersionRecord | None = None
    if graph is None and not rpc:
        with output.workspace() as workspace:
            wanted = workspace.chain.graph
            anchors = workspace.chain.registry.anchors(wanted)
            waiting = workspace.versions.waiting(str(wanted))
    elif graph is not None and rpc:
        from kg.workspace.chain import foreign_registry

        wanted = GraphId.parse(graph)
        anchors = foreign_registry(wanted, rpc).anchors(wanted)
    else:
        raise click.UsageError("a GRAPH-ID and --rpc URL go together; without both it is the workspace's graph")
    rows = [_row(anchor) for anchor in reversed(anchors)]
    lines = [f"graph {wanted}"]
    if waiting:
        lines.append(
            f"{waiting.number:>4}  {waiting.root}  {waiting.quads:>9} quads  {waiting.state}, not on the chain yet"
        )
    lines += [
        f"{row['version']:>4}  {row['root']}  {row['quads']:>9} quads  block {row['block']}  {row['date']}"
        f"  by {row['publisher']}\n      head {row['head']}  manifest {row['cid']}\n      sent {row['transaction']}"
        for row in rows
    ]
    output.result(
        {"graph": str(wanted), "versions": rows, "waiting": describe(waiting)[0] if waiting else None},
        "\n".join(lines),
    )


def _row(anchor: Anchor) -> dict[str, object]:
    when = datetime.fromtimestamp(min(anchor.block.timestamp, 253402300799), UTC)
    return {
        "version": anchor.version,
        "head": f"0x{anchor.head.hex()}",
        "parent": f"0x{anchor.parent.hex()}",
        "root": f"0x{anchor.root.hex()}",
        "quads": anchor.quads,
        "blocks": anchor.blocks,
        "manifest": f"0x{anchor.manifest.hex()}",
        "cid": str(Cid(RAW, anchor.manifest)),
        "publisher": anchor.publisher,
        "block": anchor.block.number,
        "blockHash": f"0x{anchor.block.hash.hex()}",
        "time": anchor.block.timestamp,
        "date": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "transaction": f"0x{anchor.transaction.hex()}",
    }
