"""`triplock hash` and `triplock canonicalize`: any RDF file, no workspace."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

import click

from kg.cli.files import written
from kg.cli.output import Output, pass_output

processes_option = click.option(
    "--processes", type=click.IntRange(min=1), default=None, metavar="N", help="Share the work on large files among N."
)
temporary_option = click.option(
    "--temporary",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=None,
    metavar="DIR",
    help="Folder for the temporary files of large ones.",
)

_FORMAT_HELP = "Syntax by extension or media type (nq, nt, ttl, trig, rdf, jsonld); guessed from the name otherwise."

format_option = click.option("--format", "form", default=None, metavar="FORMAT", help=_FORMAT_HELP)
base_option = click.option("--base", default=None, metavar="IRI", help="Base for relative IRIs.")


def source_of(path: str, form: str | None) -> tuple[Path | BinaryIO, str | None]:
    """A file, or standard input for `-`, which is taken for N-Quads unless a format is given."""
    if path == "-":
        return sys.stdin.buffer, form or "nq"
    return Path(path), form


@click.command("hash", short_help="Print root, counts and CID of RDF files.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@format_option
@base_option
@processes_option
@temporary_option
@pass_output
def hash_command(
    output: Output,
    files: tuple[str, ...],
    form: str | None,
    base: str | None,
    processes: int | None,
    temporary: Path | None,
) -> None:
    """Print root, counts and CID of RDF files (`-` for standard input), each taken as a dataset of its own.

    N-Quads and N-Triples files of more than 16 MiB are sorted in temporary files, by as many processes as there are
    cores, at most four; the result does not depend on it.
    """
    from anchoring.dataset.document_build import hash_document

    rows = []
    for path in files:
        source, syntax = source_of(path, form)
        commitment = hash_document(source, syntax, base, processes=processes, folder=temporary)
        rows.append({"file": path, **commitment.as_json()})
    text = "\n".join(
        f"file    {row['file']}\nroot    {row['root']}\n"
        f"quads   {row['quads']} in {row['blocks']} blocks\ncid     {row['cid']}"
        for row in rows
    )
    output.result({"files": rows}, text)


@click.command(short_help="Print the canonical N-Quads of an RDF file.")
@click.argument("file", metavar="FILE")
@format_option
@base_option
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), default=None, help="Write here.")
@processes_option
@temporary_option
@pass_output
def canonicalize(
    output: Output,
    file: str,
    form: str | None,
    base: str | None,
    target: Path | None,
    processes: int | None,
    temporary: Path | None,
) -> None:
    """Print the canonical N-Quads (RDFC-1.0) of an RDF file (`-` for standard input).

    A graph built to make this expensive is refused, the same on every machine.
    """
    from anchoring.dataset.document_build import canonical_document

    output.data_to(target)
    source, syntax = source_of(file, form)
    pieces = canonical_document(source, syntax, base, processes=processes, folder=temporary)
    if target is None:
        sys.stdout.buffer.writelines(pieces)
        sys.stdout.buffer.flush()
        return
    statements = 0
    with written(target) as stream:
        for piece in pieces:
            stream.write(piece)
            statements += piece.count(b"\n")
    output.result({"file": str(target), "statements": statements}, f"{statements} statements written to {target}")
