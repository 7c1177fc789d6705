"""`triplock why`: from a statement to its quote, source, model, version and transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kg.cli.output import Output, pass_output

if TYPE_CHECKING:
    from kg.workspace.adopted import Adopted
    from kg.workspace.why import Explanation


@click.command(short_help="Show where a statement comes from.")
@click.argument("target", metavar="N-QUAD|CLAIM")
@pass_output
def why(output: Output, target: str) -> None:
    """Show where a statement (one line of N-Quads) or a claim (its IRI) comes from.

    Prints the quote with the text around it, the document's CID, who read it and how,
    and the versions and transactions that hold it.
    """
    from kg.workspace.why import why as explain

    with output.workspace() as workspace:
        explanations = explain(workspace, target)
    document = {"explanations": [explanation.as_json() for explanation in explanations]}
    output.result(document, "\n\n".join(_text(explanation, target) for explanation in explanations))


SHOWN = 8
"""Statements of a claim that are shown; a block's logs are one claim of hundreds."""


def _text(explanation: Explanation, target: str) -> str:
    rows: list[tuple[str, str]] = [("claim", explanation.claim)]
    asked = [statement for statement in explanation.statements if target.startswith(statement.removesuffix(" ."))]
    shown = asked or list(explanation.statements[:SHOWN])
    rows += [("states", statement) for statement in shown]
    if more := len(explanation.statements) - len(shown):
        rows.append(("", f"… and {more} more (--json shows all)"))
    sure = f", confidence {explanation.confidence}" if explanation.confidence else ""
    rows.append(("trust", f"{explanation.trust}{sure}"))
    rows.append(("read by", f"{explanation.agent} ({explanation.kind})"))
    rows += [(f"  {name}", value) for name, value in explanation.parameters]
    if evidence := explanation.evidence:
        rows.append(("document", evidence.document))
        if evidence.path:
            rows.append(("path", evidence.path))
        if evidence.title:
            rows.append(("title", evidence.title))
        page = f", {_flat(evidence.fragment)}" if evidence.fragment else ""
        rows.append(("at", f"code points {evidence.start} to {evidence.end}{page}"))
        rows.append(("quote", f"{_flat(evidence.before)}⟦{_flat(evidence.quote)}⟧{_flat(evidence.after)}"))
        for side, named in (("subject", evidence.subject), ("object", evidence.object)):
            if named:
                rows.append((side, f"{_flat(named.words)!r} at {named.start} to {named.end}"))
        for standing in evidence.revised_by:
            places = ", ".join(map(str, standing.starts[:SHOWN])) or "nowhere"
            rows.append(("still in", f"{standing.document} at code point {places}"))
            if standing.path:
                rows.append(("  path", standing.path))
    elif explanation.derived_from:
        rows.append(("from", explanation.derived_from))
    for step in explanation.adopted:
        rows.append(("adopted from", f"version {step.version} of {step.graph}"))
        rows += [(f"  {name}", value) for name, value in _step(step) if value]
    for version in explanation.versions:
        sent = f", transaction {version.transaction_hash}" if version.transaction_hash else ""
        rows.append(("version", f"{version.number} ({version.state}), manifest {version.manifest}{sent}"))
    if not explanation.versions:
        rows.append(("version", "in none yet"))
    return "\n".join(f"{name:<14}{value}" for name, value in rows)


def _step(step: Adopted) -> list[tuple[str, str]]:
    """What somebody else's graph says of a claim."""
    sure = f", confidence {step.confidence}" if step.confidence else ""
    return [
        ("manifest", step.manifest),
        ("publisher", step.publisher),
        ("licence", step.licence),
        ("claim", step.claim),
        ("trust", f"{step.trust}{sure}"),
        ("read by", f"{step.agent} ({step.kind})" if step.activity else ""),
        *step.parameters,
        ("from", step.used),
    ]


def _flat(text: str) -> str:
    return " ".join(text.split("\n")).replace("\r", " ").replace("\f", " ")
