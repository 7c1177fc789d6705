"""The command `triplock`: one sub-command a verb, each a thin shell over the library.

Standard output is data, standard error is talk. Exit codes: see anchoring.errors.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

import click

from anchoring.errors import TriplockError, WrongUsage
from kg.cli.output import Output

COMMANDS: dict[str, str] = {
    "init": "kg.cli.init:init",
    "ingest": "kg.cli.ingest:ingest",
    "ingest-chain": "kg.cli.ingest_chain:ingest_chain",
    "withdraw": "kg.cli.withdraw:withdraw",
    "rejected": "kg.cli.rejected:rejected",
    "query": "kg.cli.query:query",
    "cypher": "kg.cli.query:cypher",
    "sync": "kg.cli.sync:sync",
    "why": "kg.cli.why:why",
    "snapshot": "kg.cli.versions:snapshot",
    "publish": "kg.cli.versions:publish",
    "log": "kg.cli.versions:log",
    "status": "kg.cli.status:status",
    "prove": "kg.cli.verify:prove",
    "verify": "kg.cli.verify:verify",
    "export": "kg.cli.export:export",
    "hash": "kg.cli.hash:hash_command",
    "canonicalize": "kg.cli.hash:canonicalize",
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
    """
    ctx.obj = Output(folder=folder, as_json=as_json, quiet=quiet, verbose=verbose)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    as_json, verbose = "--json" in words, "-v" in words or "--verbose" in words
    try:
        result: Any = cli.main(args=words, prog_name="triplock", standalone_mode=False)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        if as_json:
            _print_error(WrongUsage(error.format_message(), remedy="see --help").as_json())
        else:
            error.show()
        return WrongUsage.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("\nstopped; what was done is kept, and the same command goes on from here", err=True)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except TriplockError as error:
        if verbose:
            import traceback

            traceback.print_exc()
        if as_json:
            _print_error(error.as_json())
        else:
            click.echo(f"triplock: {error}", err=True)
        return error.exit_code
    return result if isinstance(result, int) else 0


def _print_error(document: dict[str, object]) -> None:
    click.echo(json.dumps({"error": document}, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
