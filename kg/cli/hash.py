"""`triplock hash` and `triplock canonicalize`: any RDF file, no workspace."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kg.cli.files import written
from kg.cli.output import Output, pass_output

_FORMAT_HELP = "Syntax by extension or media type (nq, nt, ttl, trig, rdf, jsonld); guessed from the name otherwise."


def _source(path: str, form: str | None) -> tuple[Path | bytes, str | None]:
    """A file, or standard input for `-`, which is taken for N-Quads unless a format is given."""
    if path == "-":
        return sys.stdin.buffer.read(), form or "nq"
    return Path(path), form


@click.command("hash", short_help="Print root, counts and CID of RDF files.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--format", "form", default=None, metavar="FORMAT", help=_FORMAT_HELP)
@click.option("--base", default=None, metavar="IRI", help="Base for relative IRIs.")
@pass_output
def hash_command(output: Output, files: tuple[str, ...], form: str | None, base: str | None) -> None:
    """Print root, counts and CID of RDF files (`-` for standard input), each taken as a dataset of its own."""
    from anchoring.canonical import canonical_lines
    from anchoring.version import hash_dataset

    rows = []
    for path in files:
        source, syntax = _source(path, form)
        rows.append({"file": path, **hash_dataset(canonical_lines(source, syntax, base)).as_json()})
    text = "\n".join(
        f"file    {row['file']}\nroot    {row['root']}\n"
        f"quads   {row['quads']} in {row['blocks']} blocks\ncid     {row['cid']}"
        for row in rows
    )
    output.result({"files": rows}, text)


@click.command(short_help="Print the canonical N-Quads of an RDF file.")
@click.argument("file", metavar="FILE")
@click.option("--format", "form", default=None, metavar="FORMAT", help=_FORMAT_HELP)
@click.option("--base", default=None, metavar="IRI", help="Base for relative IRIs.")
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), default=None, help="Write here.")
@pass_output
def canonicalize(output: Output, file: str, form: str | None, base: str | None, target: Path | None) -> None:
    """Print the canonical N-Quads (RDFC-1.0) of an RDF file (`-` for standard input).

    A graph built to make this expensive is refused, the same on every machine.
    """
    from anchoring.canonical import canonical_lines

    output.data_to(target)
    source, syntax = _source(file, form)
    lines = canonical_lines(source, syntax, base)
    content = b"".join(line + b"\n" for line in lines)
    if target is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    with written(target) as stream:
        stream.write(content)
    output.result({"file": str(target), "statements": len(lines)}, f"{len(lines)} statements written to {target}")
