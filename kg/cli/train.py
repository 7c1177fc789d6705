"""`triplock train`: learn a relation of documents' subjects from the documents whose headers state it."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.files import written
from kg.cli.output import Output, pass_output


@click.command(short_help="Learn a relation of whole documents from headers that state it.")
@click.argument("documents", metavar="DOCUMENT...", nargs=-1, required=True)
@click.option("--relation", required=True, metavar="NAME", help="Label, local name or IRI of the relation.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE", help="Write weights here."
)
@click.option("--ontology", default="ethereum-standards", show_default=True, help="A packaged name or a file.")
@click.option(
    "--field", "fields", multiple=True, metavar="NAME", help="Header field that states it; may be repeated. [its name]"
)
@click.option("--pattern", default=None, metavar="REGEX", help="Names of its objects. [tl:namePattern of its range]")
@pass_output
def train(
    output: Output,
    documents: tuple[str, ...],
    relation: str,
    out: Path,
    ontology: str,
    fields: tuple[str, ...],
    pattern: str | None,
) -> None:
    """Learn a relation from documents whose headers state it, to read it where they do not; directories are walked.

    The subject is what a document is about. What is learnt is which of the things that a body names stand in the
    relation, by where and between which words it names them. `[model] weights` names the file for `triplock ingest`.
    The same documents give the same bytes.
    """
    from extractors.document_relations.task import task_of
    from extractors.document_relations.training import train as learn
    from extractors.documents.load import RDF_MEDIA_TYPES, load_document, walk
    from ontology.loader import load

    task = task_of(load(ontology), relation, fields=fields, pattern=pattern)
    found = (f.path for f in walk(documents) if f.media_type is not None and f.media_type not in RDF_MEDIA_TYPES)
    weights = learn((load_document(path) for path in found), task)
    with written(out) as stream:
        stream.write(weights.to_json().encode())
    document = {"file": str(out), "digest": weights.digest, "steps": len(weights.model.steps), **weights.origin}
    output.result(document, "\n".join(f"{name:<14}{value}" for name, value in document.items()))
