"""`triplock ingest-chain`: blocks, logs, transfers and tokens of an EVM chain into the graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from extractors.chain.datasets import help_text
from kg.cli.output import Output, pass_output
from kg.errors import IngestIncomplete

if TYPE_CHECKING:
    from kg.workspace.ingest_chain import ChainReport

_EPILOG = "\b\nDatasets:\n" + "\n".join(f"  {line}" for line in help_text().splitlines())


@click.command(epilog=_EPILOG, short_help="Read blocks of an EVM chain into the graph.")
@click.option("--rpc", "url", default=None, metavar="URL", help="JSON-RPC endpoint to read from.")
@click.option("--blocks", default=None, metavar="A:B", help="Both ends are read: 17173049:17173050, -1000:, 15M:+1000.")
@click.option(
    "--rows", type=click.Path(exists=True, path_type=Path), default=None, help="Read ethereum-etl rows instead."
)
@click.option("--dataset", "datasets", multiple=True, help="What to read of each block; may be repeated.")
@click.option("--tokens", is_flag=True, help="Ask each token contract for name, symbol and decimals.")
@click.option(
    "--token-list",
    "token_lists",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="Read a token list file, too; may be repeated.",
)
@click.option(
    "--chain-list",
    "chain_lists",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="Read the names of chains from a list such as chains.json, too; may be repeated.",
)
@click.option("--chain-id", type=click.IntRange(min=1), default=1, help="Chain of rows and lists that name none.")
@click.option("--source", default=None, metavar="NAME", help="What the endpoint is called in the claims.")
@click.option("--require-hashed", is_flag=True, help="Refuse blocks whose header cannot be re-hashed.")
@click.option("--again", is_flag=True, help="Read files that were withdrawn before, too.")
@pass_output
def ingest_chain(
    output: Output,
    url: str | None,
    blocks: str | None,
    rows: Path | None,
    datasets: tuple[str, ...],
    tokens: bool,
    token_lists: tuple[Path, ...],
    chain_lists: tuple[Path, ...],
    chain_id: int,
    source: str | None,
    require_hashed: bool,
    again: bool,
) -> int:
    """Read blocks of an EVM chain: headers re-hashed and marked hashed, the rest marked reported."""
    from kg.workspace.ingest_chain import (
        ChainReport,
        ChainRequest,
        ingest_lists,
        ingest_rows,
        ingest_rpc,
    )

    if (url is None) == (rows is None) and not ((token_lists or chain_lists) and url is None):
        raise click.UsageError("give --rpc URL with --blocks A:B, --rows DIR, --token-list FILE or --chain-list FILE")
    if url is not None and blocks is None:
        raise click.UsageError("--rpc needs --blocks A:B, such as --blocks -100:")
    lists = {"token_lists": token_lists, "chain_lists": chain_lists}
    request = ChainRequest(datasets, source, tokens, require_hashed, again, merge=not any(lists.values()))
    with output.workspace() as workspace:
        with output.progress() as progress:
            if url is not None and blocks is not None:
                report = ingest_rpc(workspace, url, blocks, request, progress=progress)
            elif rows is not None:
                report = ingest_rows(workspace, rows, request, chain_id=chain_id, progress=progress)
            else:
                report = ChainReport()
        if any(lists.values()):
            ingest_lists(workspace, report, **lists, chain_id=chain_id, again=again)
    if report.stopped is not None and not report.blocks:
        raise report.stopped
    show(output, report)
    if report.stopped is not None:
        output.say(f"stopped: {report.stopped}")
        return IngestIncomplete.exit_code
    return 0


def show(output: Output, report: ChainReport) -> None:
    """Print what an ingest of a chain did."""
    for warning in dict.fromkeys(report.warnings):
        output.say(f"warning  {warning}")
    for aside in report.left_aside:
        output.say(f"left     {aside}")
    for token, name, reason in report.unread:
        output.detail(f"unread   {name}() of {token}: {reason}")
    trust = ", ".join(f"{count} {level}" for level, count in sorted(report.trust.items()))
    document = {
        "blocks": report.blocks,
        "unchanged": report.unchanged,
        "claims": report.claims,
        "headers": report.trust,
        "tokens": report.tokens,
        "listedTokens": report.listed,
        "listedChains": report.listed_chains,
        "stopped": report.stopped.as_json() if report.stopped else None,
    }
    text = (
        f"blocks   {report.blocks} read ({trust or 'none new'}), {report.unchanged} unchanged\n"
        f"claims   {report.claims}\n"
        f"tokens   {report.tokens} asked, {report.listed} listed\n"
        f"chains   {report.listed_chains} listed"
    )
    output.result(document, text)
