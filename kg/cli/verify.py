"""`triplock verify`: what a stranger does with a version or a proof."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from kg.cli.output import Output, pass_output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anchoring.verification.verdict import Verdict

_ANSWERS = {
    "passed": "yes: every check ran and holds",
    "refuted": "NO: do not rely on it",
    "unchecked": "not refuted, but not all was checked",
}
_FRAUD_ANSWERS = {
    "passed": "yes: its signer, the publisher, signed what cannot be a version",
    "refuted": "NO: it convicts nobody of anything in this graph",
    "unchecked": "its signer signed what cannot be a version; whether that is the publisher was not checked",
}
_MARKS = {"passed": "ok", "refuted": "NO", "unchecked": "--"}


@click.command(short_help="Verify a version, a proof or a fraud proof.")
@click.argument("target", metavar="[TARGET]", required=False)
@click.option("--proof", type=click.Path(dir_okay=False, path_type=Path), default=None, help="A proof file to verify.")
@click.option("--fraud", type=click.Path(dir_okay=False, path_type=Path), default=None, help="A fraud proof to verify.")
@click.option("--graph", "graph_text", default=None, metavar="ID", help="eip155:CHAIN:REGISTRY/GRAPH that you trust.")
@click.option("--rpc", multiple=True, metavar="URL", help="Your endpoint of the chain; several must agree.")
@click.option("--confirmations", type=click.IntRange(min=1), default=1, show_default=True, help="Blocks to ask for.")
@click.option(
    "--car", "cars", multiple=True, type=click.Path(exists=True, dir_okay=False), help="Take blocks from here."
)
@click.option("--blocks", "folders", multiple=True, type=click.Path(exists=True, file_okay=False), help="Or from here.")
@click.option("--kubo", default=None, metavar="URL", help="Or from this Kubo RPC address.")
@click.option("--gateway", "gateways", multiple=True, metavar="URL", help="Or from this IPFS gateway.")
@click.option(
    "--block-hash", "hashes", multiple=True, metavar="0xHASH", help="A block that you trust, for a proof without --rpc."
)
@click.option("--current", is_flag=True, help="Demand that the version is the graph's newest.")
@click.option(
    "--max-age",
    type=click.IntRange(min=0),
    default=3_600,
    show_default=True,
    metavar="SECONDS",
    help="With --current: as of a block that is no older.",
)
@click.option("--anchor-only", is_flag=True, help="Check manifest, signature and chain, not the data.")
@pass_output
def verify(
    output: Output,
    target: str | None,
    proof: Path | None,
    fraud: Path | None,
    graph_text: str | None,
    rpc: tuple[str, ...],
    confirmations: int,
    cars: tuple[str, ...],
    folders: tuple[str, ...],
    kubo: str | None,
    gateways: tuple[str, ...],
    hashes: tuple[str, ...],
    current: bool,
    max_age: int,
    anchor_only: bool,
) -> int:
    """Verify a version (TARGET: a CID, a version number, or a CAR or N-Quads file), or a proof or fraud proof.

    Trust starts from the graph id that you give, and from your endpoint (--rpc) or, for a proof that holds the chain's
    part, from hashes of blocks (--block-hash). Inside a workspace its own graph, chain and blocks are the default.
    Exit code 0: every check ran and holds. 1: one does not. 6: none is refuted, but some could not be made.
    With --fraud, 0 says that whoever signed the version signed what cannot be.
    """
    from kg.workspace.verification import Trusted, Wish, block_hash, verify_bundle, verify_fraud_file, verify_target

    if sum(given is not None for given in (target, proof, fraud)) != 1:
        raise click.UsageError("give a TARGET, --proof FILE or --fraud FILE")
    if hashes and (proof is None or rpc):
        raise click.UsageError("--block-hash is for a --proof that is checked without --rpc")
    wish = Wish(frozenset(map(block_hash, hashes)), current, max_age)
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
        if hashes:
            trusted = replace(trusted, chain=None)
        if fraud is not None:
            verdict = verify_fraud_file(fraud, trusted)
        elif proof is not None:
            verdict = verify_bundle(proof, trusted, wish)
        else:
            verdict = verify_target(target or "", trusted, anchor_only=anchor_only, wish=wish)
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
    answers = _FRAUD_ANSWERS if verdict.subject == "fraud proof" else _ANSWERS
    answer = answers[verdict.outcome.value]
    output.result(verdict.as_json(), "\n".join([*lines, *_claimed(verdict), f"{verdict.subject}: {answer}"]))


def _claimed(verdict: Verdict) -> list[str]:
    """What a proof claims, and on what condition it holds."""
    about = verdict.about
    statements = cast("Sequence[str]", about.get("statements", ()))
    shown = cast("Sequence[str]", about.get("lines", ()))
    lines = [f"    {about['claim']:<12}{statement}" for statement in statements]
    lines += [f"    {'':<12}{line}" for line in shown]
    if about.get("condition"):
        lines.append(f"    {'condition':<12}it holds {about['condition']}")
    return lines
