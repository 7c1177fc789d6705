"""`triplock cost`: what the model's reading has cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kg.cli.output import Output, duration, pass_output

if TYPE_CHECKING:
    from kg.workspace.cost import Cost


@click.command(short_help="Show what the model's reading has cost.")
@pass_output
def cost(output: Output) -> None:
    """Show calls, tokens, time and money of the model so far: in all, by document, by relation, and for a claim.

    Prices are those that the settings had when a call was made. Answers that were kept cost nothing.
    """
    from kg.workspace.cost import NONE, costs

    with output.workspace() as workspace:
        found = costs(workspace)
    currency = ", ".join(found.currencies)
    document = {
        "calls": found.total.calls,
        "currency": currency,
        "total": found.total.as_json(),
        "documents": [{"path": path, "source": cid, **each.as_json()} for (path, cid), each in found.documents.items()],
        "relations": [{"relation": name or None, **each.as_json()} for name, each in found.relations.items()],
    }
    lines = [f"{'':<52}{'claims':>8}{'tokens':>10}{'a claim':>9}{'time':>14}{'money':>12}"]
    lines.append(_line(f"all, {found.total.calls} calls", found.total))
    lines += [_line(path or cid, each) for (path, cid), each in found.documents.items()]
    lines += [_line(name if name != NONE else "no relation", each) for name, each in found.relations.items()]
    output.result(document, "\n".join(lines))


def _line(name: str, each: Cost) -> str:
    tokens = each.tokens_in + each.tokens_out
    a_claim = f"{tokens / each.claims:.0f}" if each.claims else ""
    shown = name if len(name) <= 50 else "…" + name[-49:]
    return f"{shown:<52}{each.claims:>8}{tokens:>10.0f}{a_claim:>9}{duration(each.seconds):>14}{each.money:>12.4f}"
