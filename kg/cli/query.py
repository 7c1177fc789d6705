"""`triplock query` and `triplock cypher`: questions to the graph."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.claims.model import Trust
from kg.cli.output import Output, pass_output

if TYPE_CHECKING:
    from queries.results import Result

_TRUST = click.Choice([level.value for level in Trust])


def _text(question: str | None, file: Path | None) -> str:
    """The question as an argument, from a file, or from standard input for `-`."""
    if (question is None) == (file is None):
        raise click.UsageError("give the question, or --file FILE, or `-` for standard input")
    if question is not None and question != "-":
        return question
    content = sys.stdin.buffer.read() if file is None else file.read_bytes()
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise click.UsageError(
            f"{file or 'standard input'} is not UTF-8: {error.reason} at byte {error.start}"
        ) from None


def _check_form(output: Output, form: str | None) -> None:
    """Before the question is asked: whether its answer can be written so."""
    from queries.results import format_named

    if form is not None and format_named(form) != "json" and output.as_json:
        raise click.UsageError(f"--json and --format {form} cannot both be had")


def _print(output: Output, result: Result, form: str | None) -> None:
    """The answer: JSON with --json, else as asked for, else a table on a terminal, CSV or Turtle elsewhere."""
    from queries.results import Triples, Truth, write

    if output.as_json:
        form = "json"
    elif form is None:
        form = "table" if sys.stdout.isatty() or isinstance(result, Truth) else "csv"
        form = "ttl" if isinstance(result, Triples) else form
    write(result, form, sys.stdout)
    if form != "table" and getattr(result, "truncated", False):
        output.say("there are more rows; raise --limit to see them")


@click.command(short_help="Ask the graph in SPARQL.")
@click.argument("question", metavar="[SPARQL]", required=False)
@click.option(
    "--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None, help="Read it here."
)
@click.option("--saved", "name", default=None, help="Ask a question that comes with triplock; `list` lists them.")
@click.option("--at", default=None, metavar="VERSION", help="Ask a version: a number, a CID, or a CAR file.")
@click.option("--trust", multiple=True, type=_TRUST, help="Only claims known in this way; may be repeated.")
@click.option("--min-confidence", type=click.FloatRange(0, 1), default=None, help="Only claims at least this sure.")
@click.option("--merged", is_flag=True, help="See one IRI for all that were merged (`triplock merges`).")
@click.option("--format", "form", default=None, help="table, csv, tsv, json, xml, ttl, nt, or a media type.")
@click.option("--limit", type=click.IntRange(min=1), default=None, help="Most rows to give.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=None, help="Seconds to wait at most.")
@pass_output
def query(
    output: Output,
    question: str | None,
    file: Path | None,
    name: str | None,
    at: str | None,
    trust: tuple[str, ...],
    min_confidence: float | None,
    merged: bool,
    form: str | None,
    limit: int | None,
    timeout: float | None,
) -> None:
    """Ask the graph in SPARQL 1.1; the union of all claims is the default graph, GRAPH reaches the evidence.

    The prefixes std:, chain:, tl:, prov:, oa:, dcterms: and the usual ones are known.
    With --at the graph is asked as it was in a version; that one is read the first time and kept for later questions.
    """
    from kg.workspace.asking import query as ask
    from kg.workspace.asking import query_at, saved, saved_query

    _check_form(output, form)
    if name == "list":
        queries = {key: text.lstrip("# ").splitlines()[0] for key, text in saved().items()}
        output.result({"saved": queries}, "\n".join(f"{key:<20}{about}" for key, about in queries.items()))
        return
    text = saved_query(name) if name else _text(question, file)
    with output.workspace() as workspace:
        options = {
            "trust": trust or None,
            "min_confidence": min_confidence,
            "limit": limit,
            "timeout": timeout,
            "merged": merged,
        }
        result = query_at(workspace, at, text, **options) if at else ask(workspace, text, **options)
    _print(output, result, form)


@click.command(short_help="Ask a graph in Neo4j in Cypher.")
@click.argument("question", metavar="[CYPHER]", required=False)
@click.option(
    "--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None, help="Read it here."
)
@click.option("--param", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter; may be repeated.")
@click.option("--trust", multiple=True, type=_TRUST, help="Only claims known in this way; may be repeated.")
@click.option("--min-confidence", type=click.FloatRange(0, 1), default=None, help="Only claims at least this sure.")
@click.option("--neo4j", "url", default=None, metavar="URL", help="Ask here, for a graph copied by `triplock sync`.")
@click.option("--user", default="neo4j", show_default=True, help="The password is read from TRIPLOCK_NEO4J_PASSWORD.")
@click.option("--name", default="main", show_default=True, help="The name the graph was copied under.")
@click.option("--format", "form", default=None, help="table, csv, tsv or json.")
@click.option("--limit", type=click.IntRange(min=1), default=None, help="Most rows to give.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=None, help="Seconds to wait at most.")
@pass_output
def cypher(
    output: Output,
    question: str | None,
    file: Path | None,
    parameters: tuple[str, ...],
    trust: tuple[str, ...],
    min_confidence: float | None,
    url: str | None,
    user: str,
    name: str,
    form: str | None,
    limit: int | None,
    timeout: float | None,
) -> None:
    """Ask a graph in Neo4j in Cypher; reading only. Values go in by --param, never into the text.

    A database may hold several graphs, and a question without a filter sees them all: `$kg` is the name of this one,
    as in MATCH (s:Standard {kg: $kg}).
    """
    from kg.workspace.asking import cypher as ask
    from kg.workspace.asking import cypher_at

    _check_form(output, form)
    text = _text(question, file)
    given = dict(_pair(parameter) for parameter in parameters)
    options = {
        "parameters": given,
        "trust": trust or None,
        "min_confidence": min_confidence,
        "limit": limit,
        "timeout": timeout,
    }
    if url is not None:
        result = cypher_at(url, user, name, text, **options)
    else:
        with output.workspace() as workspace:
            result = ask(workspace, text, **options)
    _print(output, result, form)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.UsageError(f"{text!r} is no parameter: write --param NAME=VALUE")
    return name, value
