"""`triplock ingest`: documents and RDF files into the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from extractors.documents.load import MAX_BYTES
from kg.cli.output import Output, pass_output
from kg.errors import IngestIncomplete

if TYPE_CHECKING:
    from kg.workspace.intake import IngestReport


@click.command(short_help="Read documents and RDF files into the graph.")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--model", default=None, help="Override [model] use; none reads only what fixed code can read.")
@click.option("--ontology", default=None, help="Override [model] ontology.")
@click.option(
    "--few-shot",
    type=click.Path(dir_okay=False, exists=True),
    default="",
    help="Override [model] examples: labelled texts, JSON lines.",
)
@click.option("--max-chunks", type=click.IntRange(min=0), default=None, help="Chunks a document for the model.")
@click.option("--section", "sections", multiple=True, help="Give the model only sections so headed; may be repeated.")
@click.option("--max-bytes", type=click.IntRange(min=1), default=MAX_BYTES, help="Largest document to read.")
@click.option("--again", is_flag=True, help="Read sources that were withdrawn before, too.")
@click.option("--dry-run", is_flag=True, help="Print what would be read and asked, and ask nothing.")
@pass_output
def ingest(
    output: Output,
    paths: tuple[str, ...],
    model: str | None,
    ontology: str | None,
    few_shot: str,
    max_chunks: int | None,
    sections: tuple[str, ...],
    max_bytes: int,
    again: bool,
    dry_run: bool,
) -> int:
    """Read Markdown, text, HTML and RDF files into the graph; directories are walked.

    Front matter and interface declarations are read by code, prose by the model.
    Every chunk ends in the ledger as done, empty or failed; a second run asks only what has no answer.
    """
    from kg.workspace.ingest import has_prose, plan
    from kg.workspace.ingest import ingest as read
    from kg.workspace.reader import NO_MODEL, labelled_examples, open_extractor, passage_filter

    with output.workspace() as workspace:
        wanted = sections or workspace.configuration.model.sections
        examples = labelled_examples(workspace, few_shot)
        if dry_run:
            planned = plan(
                workspace,
                paths,
                sections=wanted,
                max_chunks=max_chunks,
                max_bytes=max_bytes,
                would_ask=passage_filter(workspace, ontology=ontology, examples=examples),
            )
            document = {"documents": planned.documents, "sentences": planned.sentences, "asked": planned.asked}
            output.result(document, "\n".join(f"{name:<12}{count}" for name, count in document.items()))
            return 0
        with (
            output.progress() as progress,
            open_extractor(
                workspace,
                model=model if has_prose(paths) else NO_MODEL,
                ontology=ontology,
                examples=examples,
                progress=lambda done, size: progress("fetching the model (MB)", done >> 20, size >> 20),
            ) as extractor,
        ):
            report = read(
                workspace,
                paths,
                extractor=extractor,
                sections=wanted,
                max_chunks=max_chunks,
                max_bytes=max_bytes,
                again=again,
                progress=progress,
            )
    show(output, report)
    return 0 if report.complete else IngestIncomplete.exit_code


def show(output: Output, report: IngestReport) -> None:
    """Print what an ingest did."""
    for path, reason in report.skipped:
        output.say(f"skipped  {path}: {reason}")
    for path, warning in report.warnings:
        output.say(f"warning  {path}: {warning}")
    for revision in report.revised:
        output.say(
            f"revised  {revision.former} by {revision.current}: "
            f"{revision.stay} claims stay, {revision.withdrawn} withdrawn"
        )
    for path, error in report.failed:
        output.say(f"failed   {path}: {error}")
    document: dict[str, object] = {
        "documents": report.documents,
        "unchanged": report.unchanged,
        "claimsRead": report.claims_read,
        "claimsInferred": report.claims_inferred,
        "chunks": report.chunks,
        "asked": report.calls,
        "kept": report.kept,
        "tokens": {"prompt": report.tokens_in, "completion": report.tokens_out},
        "failed": [{"path": path, **error.as_json()} for path, error in report.failed],
        "skipped": [{"path": path, "reason": reason} for path, reason in report.skipped],
        "revised": [
            {"former": r.former, "current": r.current, "stay": r.stay, "withdrawn": r.withdrawn} for r in report.revised
        ],
    }
    chunks = ", ".join(f"{count} {status}" for status, count in report.chunks.items())
    text = (
        f"documents  {report.documents} read, {report.unchanged} unchanged, {len(report.failed)} failed\n"
        f"claims     {report.claims_read} read by code, {report.claims_inferred} inferred by the model\n"
        f"chunks     {chunks}\n"
        f"model      {report.calls} sentences asked, {report.kept} answers kept from before\n"
        f"tokens     {report.tokens_in} prompt, {report.tokens_out} completion"
    )
    output.result(document, text)
    if not report.complete:
        output.say("some parts failed: `triplock rejected` names the chunks; the same command tries them again")
