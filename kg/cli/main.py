"""The command `triplock`: one sub-command a verb, each a thin shell over the library.

Standard output is data, standard error is talk. Exit codes: see anchoring.errors.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from kg.cli.failures import NOBODY_READS, failure_of
from kg.cli.output import Output, json_text
from queries.results import visible

COMMANDS: dict[str, str] = {
    "init": "kg.cli.init:init",
    "ingest": "kg.cli.ingest:ingest",
    "ingest-chain": "kg.cli.ingest_chain:ingest_chain",
    "withdraw": "kg.cli.withdraw:withdraw",
    "rejected": "kg.cli.rejected:rejected",
    "review": "kg.cli.review:review",
    "eval": "kg.cli.eval:eval_command",
    "train": "kg.cli.train:train",
    "train-encoder": "kg.cli.train_encoder:train_encoder",
    "cost": "kg.cli.cost:cost",
    "merges": "kg.cli.merges:merges",
    "query": "kg.cli.query:query",
    "cypher": "kg.cli.query:cypher",
    "sync": "kg.cli.sync:sync",
    "why": "kg.cli.why:why",
    "snapshot": "kg.cli.versions:snapshot",
    "publish": "kg.cli.versions:publish",
    "log": "kg.cli.log:log",
    "diff": "kg.cli.diff:diff",
    "checkout": "kg.cli.diff:checkout",
    "status": "kg.cli.status:status",
    "prove": "kg.cli.prove:prove",
    "verify": "kg.cli.verify:verify",
    "audit": "kg.cli.audit:audit",
    "clone": "kg.cli.clone:clone",
    "pull": "kg.cli.clone:pull",
    "adopt": "kg.cli.adopt:adopt",
    "pin": "kg.cli.pin:pin",
    "unpin": "kg.cli.pin:unpin",
    "gc": "kg.cli.pin:gc",
    "export": "kg.cli.export:export",
    "anchor": "kg.cli.anchor:anchor",
    "hash": "kg.cli.hash:hash_command",
    "canonicalize": "kg.cli.hash:canonicalize",
    "owner": "kg.cli.owner:owner",
    "publisher": "kg.cli.publisher:publisher",
    "relay": "kg.cli.relay:relay",
    "chain": "kg.cli.chain:chain",
    "models": "kg.cli.models:models",
}
"""The verbs, in the order of the work; each is loaded when it is called."""


class Verbs(click.Group):
    """A group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a verb."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("-C", "folder", metavar="DIR", default=None, help="Use the workspace at or above DIR.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, errors included.")
@click.option("-q", "--quiet", is_flag=True, help="Print no talk and no progress.")
@click.option("-v", "--verbose", is_flag=True, help="Print more talk, and the trace of an error.")
@click.version_option(package_name="triplock", prog_name="triplock")
@click.pass_context
def cli(ctx: click.Context, folder: str | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Build a knowledge graph whose every fact has a source, and versions that a stranger can check.

    \b
    Exit codes:
      0  yes, or done, and every check ran
      1  the thing checked does not hold
      2  wrong usage
      3  input refused
      4  a service could not be reached or answered wrongly (try again)
      5  finished in part; the ledger names what failed
      6  not refuted, but something was left unchecked, which is named
     70  a defect of triplock
    130  interrupted; the same command goes on
    141  whoever read standard output closed it
    """
    ctx.obj = Output(folder=folder, as_json=as_json, quiet=quiet, verbose=verbose)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit."""
    if sys.stdout is None or sys.stderr is None:  # closed by whoever started us
        nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open until the process ends
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    code = run(arguments)
    try:
        sys.stdout.flush()
    except OSError:
        # What could not be written is still in the buffer, and the interpreter would try once more and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(code)


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        result: Any = cli.main(args=words, prog_name="triplock", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except (BrokenPipeError, SystemExit):  # click makes the one into the other
        return NOBODY_READS
    except BaseException as error:  # noqa: BLE001 - each becomes a message and an exit code
        return _fail(error, words)
    return result if isinstance(result, int) else 0


def _fail(error: BaseException, words: list[str]) -> int:
    """Say why the command ended; its exit code."""
    failure = failure_of(error)
    expected = isinstance(error, click.ClickException | click.Abort | KeyboardInterrupt)
    if not expected and ("-v" in words or "--verbose" in words):
        import traceback

        click.echo(visible("".join(traceback.format_exception(error))), err=True)
    try:
        if "--json" in words:
            click.echo(json_text({"error": failure.document}))
        elif isinstance(error, click.ClickException):
            error.show()
        else:
            click.echo(visible(f"triplock: {failure.text}"), err=True)
    except OSError:
        pass  # nobody is there to hear it; the exit code says it
    return failure.exit_code


if __name__ == "__main__":
    main()
