"""`triplock rejected`: what the model said that was not let in."""

from __future__ import annotations

import click

from kg.cli.output import Output, pass_output


@click.command(short_help="Show what was refused of the model's answers.")
@pass_output
def rejected(output: Output) -> None:
    """Show what was refused of the model's answers, with the reason, and the chunks that failed."""
    with output.workspace() as workspace:
        refused = workspace.sources.rejected()
        failed = workspace.sources.chunks("failed")
    lines = [f"{source}  at {start}  {said}  ({reason})" for source, start, said, reason in refused]
    lines += [f"{chunk.source}  at {chunk.start}  failed  ({chunk.reason})" for chunk in failed]
    document = {
        "rejected": [{"source": s, "start": at, "said": said, "reason": why} for s, at, said, why in refused],
        "failed": [{"source": c.source, "start": c.start, "reason": c.reason} for c in failed],
    }
    output.result(document, "\n".join(lines))
