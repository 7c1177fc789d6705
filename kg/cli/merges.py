"""`triplock merges`: which IRIs stand for one thing, why, and taking it back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from kg.claims.iris import bare, short
from kg.cli.output import Output, pass_output

if TYPE_CHECKING:
    from kg.workspace.merging import KnownMerge


@click.group(short_help="Show and undo merges of entities.", invoke_without_command=True)
@click.pass_context
def merges(ctx: click.Context) -> None:
    """Show which IRIs stand for one thing, by which rule, and undo merges.

    Each merge is a claim of the graph: ALIAS owl:sameAs CANONICAL. Without a command all of them are listed.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_merges)


@merges.command("list")
@pass_output
def list_merges(output: Output) -> None:
    """List the merges of the graph, with rule and key."""
    from kg.workspace.merging import merges_of

    with output.workspace() as workspace:
        _show(output, merges_of(workspace))


@merges.command()
@click.argument("iri", metavar="IRI")
@pass_output
def why(output: Output, iri: str) -> None:
    """Show what IRI is one with, and what it was not merged with although they share a name."""
    from kg.workspace.merging import merges_of, resolution_of

    wanted = bare(iri)
    with output.workspace() as workspace:
        standing = merges_of(workspace)
        resolution, _ = resolution_of(workspace)
    canonical = next((m.canonical for m in standing if m.alias == wanted), wanted)
    its = [merge for merge in standing if merge.canonical == canonical]
    refused = [r for r in resolution.refused if wanted in r.nodes]
    suspects = [s for s in resolution.suspects if wanted in (s.node, s.like)]
    lines = [_line(merge) for merge in its]
    lines += [f"not merged  {r.key}  by {r.rule.value}: {r.reason}" for r in refused]
    lines += [f"suspect     {s.text}  {s.reason}" + (f", like {s.like}" if s.like else "") for s in suspects]
    document = {
        "iri": wanted,
        "canonical": canonical,
        "merges": [_document(merge) for merge in its],
        "refused": [{"key": r.key, "rule": r.rule.value, "reason": r.reason, "with": r.nodes} for r in refused],
        "suspects": [{"iri": s.node, "name": s.text, "reason": s.reason, "like": s.like} for s in suspects],
    }
    output.result(document, "\n".join(lines))
    if not lines:
        output.say("it is merged with nothing, and shares no name with anything")


@merges.command()
@click.argument("merge", metavar="MERGE")
@click.option("--reason", required=True, help="Why; kept in the ledger.")
@pass_output
def undo(output: Output, merge: str, reason: str) -> None:
    """Undo a merge (its IRI, or the first letters of the name that ends it). It is never done again."""
    from kg.workspace.merging import undo_merge

    with output.workspace() as workspace:
        undone = undo_merge(workspace, merge, reason)
    output.result({"undone": _document(undone)}, f"undone  {undone.alias}  is not  {undone.canonical}")
    output.say("the next snapshot is without it")


@merges.command()
@click.argument("merge", metavar="MERGE")
@pass_output
def restore(output: Output, merge: str) -> None:
    """Let a merge that was undone be done again."""
    from kg.workspace.merging import restore_merge

    with output.workspace() as workspace:
        restored = restore_merge(workspace, merge)
    output.result({"restored": restored.claim}, f"restored  {restored.alias}  and  {restored.canonical}")


@merges.command()
@pass_output
def undone(output: Output) -> None:
    """List the merges that were undone, with the reasons."""
    from kg.jobs.merges import Merges

    with output.workspace() as workspace:
        found = Merges(workspace.ledger).undone()
    lines = [f"{short(m.claim)[:8]}  {m.alias}  is not  {m.canonical}  ({m.reason})" for m in found]
    document = [
        {"merge": m.claim, "alias": m.alias, "canonical": m.canonical, "others": m.others, "reason": m.reason}
        for m in found
    ]
    output.result({"undone": document}, "\n".join(lines))


@merges.command()
@pass_output
def update(output: Output) -> None:
    """Resolve again, for graphs that were filled with --no-merge or by former rules."""
    from kg.workspace.merging import update_merges

    with output.workspace() as workspace, workspace.changing():
        report = update_merges(workspace, again=True)
    output.result(report.as_json(), f"merges     {report}")


@merges.command()
@pass_output
def refused(output: Output) -> None:
    """List what shares a name or identifier and was not merged, with the reason."""
    from kg.workspace.merging import resolution_of

    with output.workspace() as workspace:
        found = resolution_of(workspace)[0].refused
    lines = [f"{r.key}  ({r.rule.value}: {r.reason})\n" + "\n".join(f"    {node}" for node in r.nodes) for r in found]
    document = [{"key": r.key, "rule": r.rule.value, "reason": r.reason, "iris": r.nodes} for r in found]
    output.result({"refused": document}, "\n".join(lines))


@merges.command()
@pass_output
def suspects(output: Output) -> None:
    """List names that are made to be taken for others: look-alike letters, letters that cannot be seen."""
    from kg.workspace.merging import resolution_of

    with output.workspace() as workspace:
        found = resolution_of(workspace)[0].suspects
    lines = [f"{s.node}  {s.text}  {s.reason}" + (f", like {s.like}" if s.like else "") for s in found]
    document = [{"iri": s.node, "name": s.text, "reason": s.reason, "like": s.like or None} for s in found]
    output.result({"suspects": document}, "\n".join(lines))


def _show(output: Output, found: Iterable[KnownMerge]) -> None:
    found = list(found)
    output.result({"merges": [_document(merge) for merge in found]}, "\n".join(map(_line, found)))


def _line(merge: KnownMerge) -> str:
    through = f", through {merge.through}" if merge.through != merge.canonical else ""
    name = short(merge.claim)[:8]
    return f"{name}  {merge.alias}  is  {merge.canonical}  ({merge.rule}: {merge.key}{through})"


def _document(merge: KnownMerge) -> dict[str, object]:
    return {
        "merge": merge.claim,
        "alias": merge.alias,
        "canonical": merge.canonical,
        "rule": merge.rule,
        "key": merge.key,
        "through": merge.through,
        "evidence": list(merge.evidence),
    }
