"""`triplock rejected`: what the model said that was not let in."""

from __future__ import annotations

from itertools import groupby

import click

from kg.cli.output import Output, pass_output


@click.command(short_help="Show what was refused of the model's answers.")
@click.argument("documents", metavar="[CID|PATH]...", nargs=-1)
@click.option("--reason", default="", metavar="TEXT", help="Only what was refused for a reason with this text in it.")
@click.option("--count", is_flag=True, help="Print how often each kind of reason was given.")
@pass_output
def rejected(output: Output, documents: tuple[str, ...], reason: str, count: bool) -> None:
    """Show what was refused of the model's answers, with the reason, and the chunks that failed.

    Refused are answers that do not fit the ontology, its values or the shapes, that are too unsure or none of those
    offered, and sentences that state no fact. Without documents all are shown.
    """
    from kg.workspace.rejections import rejections

    with output.workspace() as workspace:
        found = rejections(workspace, documents, reason)
    if count:
        output.result({"counts": found.counts}, "\n".join(f"{n:>7}  {kind}" for kind, n in found.counts.items()))
        return
    lines: list[str] = []
    for (source, path), group in groupby(found.refused, key=lambda r: (r.source, r.path)):
        lines.append(f"{path or source}")
        lines += [f"  at {r.start} to {r.end}  {' '.join(r.said.split())}  ({r.reason})" for r in group]
    lines += [f"{c.source}\n  at {c.start} to {c.end}  failed  ({c.reason})" for c in found.failed]
    output.result(found.as_json(), "\n".join(lines))
