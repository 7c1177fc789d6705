"""`triplock status`: what the workspace holds and how far it is."""

from __future__ import annotations

import json

import click

from kg.cli.output import Output, pass_output


@click.command(short_help="Show what the workspace holds.")
@pass_output
def status(output: Output) -> None:
    """Show what the workspace holds: sources, chunks, blocks, statements, versions, and the graph id."""
    from kg.workspace.status import status as describe

    with output.workspace() as workspace:
        document = describe(workspace)
    output.result(document, "\n".join(f"{name:<20}{_shown(value)}" for name, value in document.items()))


def _shown(value: object) -> str:
    if value is None:
        return "none yet"
    if isinstance(value, dict):
        return (
            ", ".join(
                f"{count} {name}" if isinstance(count, int) else f"{name} {count}" for name, count in value.items()
            )
            or "none"
        )
    if isinstance(value, list):
        return "; ".join(json.dumps(item) for item in value) or "none"
    return str(value)
