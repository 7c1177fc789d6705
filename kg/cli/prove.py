"""`triplock prove`: a claim about a version, in one file that strangers can check."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.files import written
from kg.cli.output import Output, pass_output
from kg.cli.places import opened_places, places_of, places_options

if TYPE_CHECKING:
    from anchoring.proofs.bundle import Bundle
    from kg.workspace.places import Places
    from kg.workspace.proven_claim import Wanted


@click.command(short_help="Write a proof of what a version holds, lacks or changed.")
@click.argument("statements", metavar="[N-QUAD]...", nargs=-1)
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), required=True, help="Write it here.")
@click.option("--absent", is_flag=True, help="Prove that the version does not hold the statements.")
@click.option("--added", is_flag=True, help="Prove that the version added them.")
@click.option("--removed", is_flag=True, help="Prove that the version removed them.")
@click.option(
    "--prefix", default=None, metavar="TEXT", help="Prove which lines begin with TEXT, and that no others do."
)
@click.option("--subject", default=None, metavar="IRI", help="The same for everything about a subject.")
@click.option("--triple", default=None, metavar="N-TRIPLE", help="The same for a triple, in any graph.")
@click.option("--version", "number", type=click.IntRange(min=1), default=None, help="The version; default newest.")
@click.option("--from", "source", default=None, metavar="VERSION", help="Or any version: a CID, CAR file or folder.")
@click.option("--chain", is_flag=True, help="Put the chain's own proof in, for --block-hash without an endpoint.")
@click.option("--rpc", multiple=True, metavar="URL", help="With --chain: your endpoint, instead of the workspace's.")
@click.option("--view", is_flag=True, help="Print the proof as JSON, too.")
@click.option("--html", is_flag=True, help="Write a page beside it, FILE.html, that checks it in a browser.")
@places_options
@pass_output
def prove(
    output: Output,
    /,
    statements: tuple[str, ...],
    target: Path,
    number: int | None,
    source: str | None,
    chain: bool,
    rpc: tuple[str, ...],
    view: bool,
    html: bool,
    **options: Any,
) -> None:
    """Write the proof that statements stand in a published version, all in one file.

    A statement without a graph is looked for in all graphs. For claims the file also holds their provenance and the
    quoted bytes of the documents. What is absent, complete, added or removed holds if the version's lines are in
    order, which the proof says and `triplock verify` of the whole version checks.
    """
    from anchoring.proofs.bundle_view import bundle_view
    from anchoring.proofs.verify_page import page_with_proof

    if html and target.exists() and not target.is_file():
        raise click.UsageError(f"--html writes a page beside the proof, and {target} is no file")
    if number is not None and source is not None:
        raise click.UsageError("--version is of the workspace, --from of anywhere: give one of them")
    names = ("absent", "added", "removed", "prefix", "subject", "triple")
    wanted = _wanted(statements, {name: options.pop(name) for name in names})
    if rpc and not chain:
        raise click.UsageError("--rpc is for --chain")
    bundle = _made(output, wanted, number, source, places_of(**options))
    if chain:
        bundle = _with_chain(output, bundle, rpc)
    content = bundle.encode()
    with written(target) as stream:
        stream.write(content)
    document = {**_summary(bundle), "file": str(target), "bytes": len(content)}
    text = _text(bundle, target, len(content))
    if html:
        page = target.with_name(f"{target.name}.html")
        with written(page) as stream:
            stream.write(page_with_proof(content))
        document["page"] = str(page)
        text += f"\npage       {page}"
    if view:
        document["proof"] = viewed = bundle_view(bundle)
        text += "\n" + json.dumps(viewed, indent=2, ensure_ascii=False)
    output.result(document, text)
    how = "--rpc URL" + (" (or --block-hash 0xHASH)" if bundle.chain.anchor else "")
    output.say(f"check it with: triplock verify --proof {target} --graph {bundle.manifest.graph} {how}")


def _wanted(statements: tuple[str, ...], options: dict[str, Any]) -> Wanted:
    from anchoring.proofs.claims import ClaimKind
    from kg.workspace.proven_claim import Wanted, prefix_of_subject, prefix_of_text, prefix_of_triple

    given = [name for name, value in options.items() if value]
    if len(given) > 1:
        raise click.UsageError(f"one proof makes one kind of claim: give one of --{' and --'.join(given)}")
    prefixes = {"prefix": prefix_of_text, "subject": prefix_of_subject, "triple": prefix_of_triple}
    if given and given[0] in prefixes:
        if statements:
            raise click.UsageError(f"--{given[0]} says what is proven: give no statements with it")
        return Wanted(ClaimKind.PREFIX, prefix=prefixes[given[0]](options[given[0]]))
    kinds = {"absent": ClaimKind.ABSENCE, "added": ClaimKind.ADDED, "removed": ClaimKind.REMOVED}
    return Wanted(kinds[given[0]] if given else ClaimKind.PRESENCE, statements)


def _made(output: Output, wanted: Wanted, number: int | None, source: str | None, places: Places) -> Bundle:
    from kg.workspace.named_version import named_version
    from kg.workspace.proving import prove_claim, prove_statement

    with ExitStack() as stack:
        if source is None:
            return prove_statement(stack.enter_context(output.workspace()), wanted, number=number)
        workspace, readers = opened_places(output, stack, places)
        version = stack.enter_context(named_version(source, workspace=workspace, readers=readers))
        return prove_claim(wanted, version, workspace=workspace)


def _with_chain(output: Output, bundle: Bundle, rpc: tuple[str, ...]) -> Bundle:
    from kg.workspace.chain import foreign_registry
    from kg.workspace.proving import with_chain

    if rpc:
        return with_chain(bundle, foreign_registry(bundle.manifest.graph, rpc), output.say)
    with output.workspace() as workspace:
        return with_chain(bundle, workspace.chain.registry, output.say)


def _summary(bundle: Bundle) -> dict[str, object]:
    return {
        "claim": str(bundle.claim.kind),
        "statements": [statement.decode() for statement in bundle.claim.statements],
        "condition": bundle.claim.condition,
        "lines": len(bundle.lines),
        "excerpts": [excerpt.quote for excerpt in bundle.excerpts],
        "graph": str(bundle.manifest.graph),
        "version": bundle.manifest.version,
        "signed": bool(bundle.signature),
        "chain": [name for name in ("anchor", "head") if getattr(bundle.chain, name)],
    }


def _text(bundle: Bundle, target: Path, size: int) -> str:
    lines = [f"proof      {target} ({size} bytes)"]
    lines += [f"{bundle.claim.kind:<10} {statement.decode()}" for statement in bundle.claim.statements]
    if bundle.claim.condition:
        lines.append(f"condition  {bundle.claim.condition}")
    lines.append(f"with       {len(bundle.lines)} lines of the version, {len(bundle.excerpts)} quotes")
    lines.append(f"version    {bundle.manifest.version}")
    lines.append(f"graph      {bundle.manifest.graph}")
    if not bundle.signature:
        lines.append("signature  none at hand: whoever checks it needs the chain")
    return "\n".join(lines)
