"""`triplock ingest`: documents and RDF files into the graph."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from anchoring.errors import WrongUsage
from kg.cli.failures import INTERRUPTED
from kg.cli.output import Output, duration, fetching, pass_output
from kg.errors import IngestIncomplete

if TYPE_CHECKING:
    from extractors.models.metering import Meter, Prices
    from kg.workspace.intake import IngestReport
    from kg.workspace.plan import Plan
    from kg.workspace.workspace import Workspace

_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(s|m|h|)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


class Duration(click.ParamType[float]):
    """Seconds: `90`, `90s`, `15m`, `2h`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds in the text."""
        found = _DURATION.fullmatch(str(value))
        if found is None:
            self.fail(f"{value!r} is no duration: give seconds, or 15m, or 2h", param, ctx)
        return float(found[1]) * _SECONDS[found[2]]


@click.command(short_help="Read documents and RDF files into the graph.")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "--model",
    default=None,
    help="Override [model] use; linguistic asks no model, none reads by fixed code only.",
)
@click.option("--ontology", default=None, help="Override [model] ontology.")
@click.option(
    "--few-shot",
    type=click.Path(dir_okay=False, exists=True),
    default=None,
    help="Override [model] examples: labelled texts, JSON lines.",
)
@click.option("--weights", multiple=True, metavar="FILE", help="Override [model] weights; may be repeated.")
@click.option("--max-chunks", type=click.IntRange(min=0), default=None, help="Chunks a document for the model.")
@click.option("--section", "sections", multiple=True, help="Give the model only sections so headed; may be repeated.")
@click.option("--max-bytes", type=click.IntRange(min=1), default=None, help="Largest document to read.")
@click.option("--again", is_flag=True, help="Read sources that were withdrawn before, too.")
@click.option("--no-merge", "merge", is_flag=True, flag_value=False, default=True, help="Leave entities unmerged.")
@click.option("--max-cost", type=click.FloatRange(min=0), default=None, help="Stop before this much money is spent.")
@click.option("--max-tokens", type=click.IntRange(min=0), default=None, help="Stop before so many tokens are used.")
@click.option("--max-time", type=Duration(), default=None, help="Stop after this time: 90, 15m, 2h.")
@click.option("--dry-run", is_flag=True, help="Print what would be read and asked, and what it costs; ask nothing.")
@click.option("--calibrate", is_flag=True, help="With --dry-run: ask three chunks, to know how long the rest takes.")
@pass_output
def ingest(
    output: Output,
    paths: tuple[str, ...],
    model: str | None,
    ontology: str | None,
    few_shot: str | None,
    weights: tuple[str, ...],
    max_chunks: int | None,
    sections: tuple[str, ...],
    max_bytes: int | None,
    again: bool,
    merge: bool,
    max_cost: float | None,
    max_tokens: int | None,
    max_time: float | None,
    dry_run: bool,
    calibrate: bool,
) -> int:
    """Read Markdown, text, HTML, JSON, PDF and RDF files into the graph; directories are walked.

    Front matter and interface declarations are read by code, prose by the model, and what a whole document shows of
    its subject by weights of `triplock train`.
    Every chunk ends in the ledger as done, empty or failed; a second run asks only what has no answer.
    At a limit, or at Ctrl-C, the call that is on its way is finished, and everything so far is kept.
    """
    from extractors.documents.load import MAX_BYTES
    from extractors.models.metering import Limits, Meter
    from kg.workspace.ingest import has_prose
    from kg.workspace.ingest import ingest as read
    from kg.workspace.reader import NO_MODEL, labelled_examples, open_extractor, prices
    from kg.workspace.relations import open_relations

    if calibrate and not dry_run:
        raise click.UsageError("--calibrate goes with --dry-run")
    largest = MAX_BYTES if max_bytes is None else max_bytes
    with output.workspace() as workspace:
        wanted = sections or workspace.configuration.model.sections
        examples = labelled_examples(workspace, few_shot or "")
        reading: dict[str, Any] = {"sections": wanted, "max_chunks": max_chunks, "max_bytes": largest}
        chosen = model if has_prose(paths, **reading) else NO_MODEL
        relations = open_relations(workspace, model=model, ontology=ontology, weights=weights)
        price = prices(workspace)
        meter = Meter(price, Limits(max_cost, max_tokens, max_time))
        if max_cost is not None and not (price.per_million_in or price.per_million_out):
            raise WrongUsage(
                "--max-cost needs prices, and the settings have none",
                remedy="set price_in and price_out under [model] in triplock.toml",
            )
        with output.progress() as progress:
            if dry_run:
                opening = {"model": chosen, "ontology": ontology, "examples": examples}
                planned = _planned(workspace, paths, opening, reading, meter if calibrate else None)
            else:
                with (
                    open_extractor(
                        workspace,
                        model=chosen,
                        ontology=ontology,
                        examples=examples,
                        meter=meter,
                        progress=fetching(progress, "the model"),
                    ) as extractor,
                    _stopping(output, meter),
                ):
                    report = read(
                        workspace,
                        paths,
                        extractor=extractor,
                        relations=relations,
                        again=again,
                        meter=meter,
                        merge=merge,
                        progress=progress,
                        **reading,
                    )
    if dry_run:
        show_plan(output, planned, price)
        return 0
    show(output, report, price, sum(call.cached for call in meter.calls))
    return _exit_code(report)


def _planned(
    workspace: Workspace,
    paths: tuple[str, ...],
    opening: dict[str, Any],
    reading: dict[str, Any],
    meter: Meter | None,
) -> Plan:
    """The plan; calibrated through `meter` if there is one. `opening` and `reading` say with what and how much."""
    from kg.workspace.plan import calibrate, plan
    from kg.workspace.reader import open_dry_run, open_extractor, prices

    with open_dry_run(workspace, **opening) as dry:
        planned = plan(workspace, paths, dry=dry, **reading)
    if meter is not None:
        with open_extractor(workspace, **opening, meter=meter) as extractor:
            if extractor is not None:
                calibrate(planned, extractor, meter, max_bytes=reading["max_bytes"])
    planned.money = prices(workspace).of(planned.tokens_in, planned.tokens_out)
    return planned


@contextmanager
def _stopping(output: Output, meter: Meter) -> Iterator[None]:
    """Within it the first Ctrl-C lets the call that is on its way finish; the second ends at once, as ever."""

    def first(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        meter.stop()
        output.say("stopping after the call that is on its way; Ctrl-C again stops at once")

    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield  # a service, or a background job that Ctrl-C does not mean
        return
    signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _exit_code(report: IngestReport) -> int:
    from extractors.models.errors import StopAsked

    if isinstance(report.ended, StopAsked):
        return INTERRUPTED
    return 0 if report.complete else IngestIncomplete.exit_code


def show_plan(output: Output, planned: Plan, price: Prices) -> None:
    """Print what an ingest would do."""
    for path, error in planned.failed:
        output.say(f"failed   {path}: {error}")
    how = "by the model's tokenizer" if planned.exact else "estimated by characters"
    takes = "unknown" if planned.seconds is None else duration(planned.seconds)
    text = (
        f"documents  {planned.documents}\n"
        f"sentences  {planned.sentences} in prose, {planned.chunks} chunks without an end yet\n"
        f"model      {planned.asked} calls, {planned.kept} answers kept from before\n"
        f"tokens     {planned.tokens_in} prompt ({how}), {planned.tokens_out} completion\n"
        f"time       {takes} ({planned.basis})\n"
        f"money      {_money(planned.money, price)}"
    )
    output.result({**planned.as_json(), "currency": price.currency}, text)


def _money(amount: float, price: Prices) -> str:
    if not (price.per_million_in or price.per_million_out):
        return "0 (no prices set)"
    return f"{amount:.4f} {price.currency}".rstrip()


def show(output: Output, report: IngestReport, price: Prices, cached: int) -> None:
    """Print what an ingest did; `cached` are prompt tokens that the server had evaluated for a call before."""
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
        "claimsWeighed": report.claims_weighed,
        "chunks": report.chunks,
        "asked": report.calls,
        "kept": report.kept,
        "merges": report.merges.as_json() if report.merges else None,
        "tokens": {"prompt": report.tokens_in, "completion": report.tokens_out},
        "promptTokensKept": cached,
        "seconds": round(report.seconds, 3),
        "money": report.money,
        "currency": price.currency,
        "reasons": dict(report.reasons),
        "ended": report.ended.as_json() if report.ended else None,
        "left": report.left,
        "failed": [{"path": path, **error.as_json()} for path, error in report.failed],
        "skipped": [{"path": path, "reason": reason} for path, reason in report.skipped],
        "revised": [
            {"former": r.former, "current": r.current, "stay": r.stay, "withdrawn": r.withdrawn} for r in report.revised
        ],
    }
    chunks = ", ".join(f"{count} {status}" for status, count in report.chunks.items())
    kept = f" ({cached} of them kept by the server)" if cached else ""
    text = (
        f"documents  {report.documents} read, {report.unchanged} unchanged, {len(report.failed)} failed\n"
        f"claims     {report.claims_read} read by code, {report.claims_inferred} inferred from prose, "
        f"{report.claims_weighed} from whole documents by learnt weights\n"
        f"chunks     {chunks}\n"
        f"model      {report.calls} sentences asked, {report.kept} answers kept from before\n"
        f"tokens     {report.tokens_in} prompt{kept}, {report.tokens_out} completion{_per_claim(report)}\n"
        f"time       {duration(report.seconds)} of the model\n"
        f"money      {_money(report.money, price)}\n"
        f"merges     {report.merges or 'left as they are'}"
    )
    output.result(document, text)
    for reason, count in report.reasons.most_common(3):
        output.say(f"failed   {count} chunks: {reason}")
    if report.ended:
        output.say(f"{report.ended.what}; {report.ended.remedy} ({report.left} files are not read whole)")
    elif not report.complete:
        output.say("some parts failed: `triplock rejected` names the chunks; the same command tries them again")


def _per_claim(report: IngestReport) -> str:
    if not report.calls or not report.claims_inferred:
        return ""
    return f", {(report.tokens_in + report.tokens_out) / report.claims_inferred:.0f} a claim"
