"""`triplock prove` and `triplock verify`: proofs for strangers, and what a stranger does with them."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.files import written
from kg.cli.output import Output, pass_output

if TYPE_CHECKING:
    from anchoring.verdict import Verdict

_MARKS = {"passed": "ok", "refuted": "NO", "unchecked": "--"}


@click.command(short_help="Write a proof that a statement is in a version.")
@click.argument("statement", metavar="N-QUAD")
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), required=True, help="Write it here.")
@click.option("--version", "number", type=click.IntRange(min=1), default=None, help="The version; default newest.")
@click.option("--view", is_flag=True, help="Print the proof as JSON, too.")
@pass_output
def prove(output: Output, statement: str, target: Path, number: int | None, view: bool) -> None:
    """Write the proof that a statement stands in a published version.

    For a claim the file also holds its provenance and the quoted bytes of the document.
    """
    from anchoring.bundle_view import bundle_view
    from kg.workspace.proving import prove_statement

    with output.workspace() as workspace:
        bundle = prove_statement(workspace, statement, number=number)
    content = bundle.encode()
    with written(target) as stream:
        stream.write(content)
    document: dict[str, object] = {
        "file": str(target),
        "bytes": len(content),
        "claim": str(bundle.claim.kind),
        "statements": [statement.decode() for statement in bundle.claim.statements],
        "condition": bundle.claim.condition,
        "opened": len(bundle.lines),
        "excerpts": [excerpt.quote for excerpt in bundle.excerpts],
        "graph": str(bundle.manifest.graph),
        "version": bundle.manifest.version,
    }
    if view:
        document["proof"] = bundle_view(bundle)
    text = (
        f"proof      {target} ({len(content)} bytes)\n"
        f"statement  {bundle.claim.statements[0].decode()}\n"
        f"with       {len(bundle.lines) - 1} statements of its provenance, {len(bundle.excerpts)} quotes\n"
        f"version    {bundle.manifest.version}\n"
        f"graph      {bundle.manifest.graph}"
    )
    output.result(
        document, text + ("\n" + json.dumps(bundle_view(bundle), indent=2, ensure_ascii=False) if view else "")
    )
    output.say(f"check it with: triplock verify --proof {target} --graph {bundle.manifest.graph} --rpc URL")


@click.command(short_help="Verify a version or a proof.")
@click.argument("target", metavar="[TARGET]", required=False)
@click.option("--proof", type=click.Path(dir_okay=False, path_type=Path), default=None, help="A proof file to verify.")
@click.option("--graph", "graph_text", default=None, metavar="ID", help="eip155:CHAIN:REGISTRY/GRAPH that you trust.")
@click.option("--rpc", multiple=True, metavar="URL", help="Your endpoint of the chain; several must agree.")
@click.option("--confirmations", type=click.IntRange(min=1), default=1, show_default=True, help="Blocks to ask for.")
@click.option(
    "--car", "cars", multiple=True, type=click.Path(exists=True, dir_okay=False), help="Take blocks from here."
)
@click.option("--blocks", "folders", multiple=True, type=click.Path(exists=True, file_okay=False), help="Or from here.")
@click.option("--kubo", default=None, metavar="URL", help="Or from this Kubo RPC address.")
@click.option("--gateway", "gateways", multiple=True, metavar="URL", help="Or from this IPFS gateway.")
@click.option("--anchor-only", is_flag=True, help="Check manifest, signature and chain, not the data.")
@pass_output
def verify(
    output: Output,
    target: str | None,
    proof: Path | None,
    graph_text: str | None,
    rpc: tuple[str, ...],
    confirmations: int,
    cars: tuple[str, ...],
    folders: tuple[str, ...],
    kubo: str | None,
    gateways: tuple[str, ...],
    anchor_only: bool,
) -> int:
    """Verify a version (TARGET: a CID, a version number, or a CAR or N-Quads file), or a proof with --proof.

    Trust starts from the graph id that you give. Inside a workspace its own graph, chain and blocks are the default.
    Exit code 0: every check ran and holds. 1: one does not. 6: none is refuted, but some could not be made.
    """
    from kg.workspace.verification import Trusted, verify_bundle, verify_target

    if (target is None) == (proof is None):
        raise click.UsageError("give a TARGET or --proof FILE")
    with ExitStack() as stack:
        trusted = stack.enter_context(
            Trusted.given(
                output.folder,
                graph=graph_text,
                rpc=rpc,
                confirmations=confirmations,
                cars=cars,
                folders=folders,
                kubo=kubo,
                gateways=gateways,
            )
        )
        if proof is not None:
            verdict = verify_bundle(proof, trusted)
        else:
            verdict = verify_target(target or "", trusted, anchor_only=anchor_only)
    show(output, verdict)
    return verdict.exit_code


def show(output: Output, verdict: Verdict) -> None:
    """Print a verdict, one line a check; what the proof attaches is one line where all of it holds."""
    attached = [check for check in verdict.checks if check.name.startswith("attachment ")]
    folded = not output.verbose and all(check.outcome.value == "passed" for check in attached)
    lines = []
    for check in verdict.checks:
        if folded and check in attached:
            if check is attached[0]:
                lines.append(f"{_MARKS['passed']:<4}{'attachments':<16}{len(attached)} statements of its provenance")
        else:
            lines.append(f"{_MARKS[check.outcome.value]:<4}{check.name:<16}{check.detail}")
    answer = {
        "passed": "yes: every check ran and holds",
        "refuted": "NO: do not rely on it",
        "unchecked": "not refuted, but not all was checked",
    }[verdict.outcome.value]
    output.result(verdict.as_json(), "\n".join([*lines, f"{verdict.subject}: {answer}"]))
