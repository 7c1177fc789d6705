"""triplock: its extractor with the chat reader over the sentences of a text, without the store behind it.

Where weights for relations of whole documents come with the ontology, they read, too, as they do in `ingest`.
shipped: the ontology alone. best: with the labelled sentences, to choose examples from and to learn from.
A workspace finds out once how its server is constrained and remembers it; here it is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from wire import KEY, VALUE, Example, Extract, Job, Triple, serve

from extractors.document_relations.reading import RelationReader
from extractors.document_relations.weights import packaged
from extractors.documents.chunks import chunks
from extractors.documents.load import MARKDOWN, PLAIN, load_document
from extractors.models.openai_compatible import OpenAiCompatible
from extractors.reading.chat_reader import ChatReader
from extractors.reading.extractor import Extractor, Status
from kg.claims.iris import Mint
from kg.claims.model import Claim
from kg.workspace.evaluation import stated
from ontology import model
from ontology.loader import load

HEADER = "---\neip: "


@cache
def prepare(job: Job) -> Extract:
    """Once for each ontology, whose texts come in turns: what is learned is kept, as in a run over one ontology."""
    ontology = load(job.ontology) if job.ontology else _made_of_labels(job)
    labelled = tuple(model.Example(e.text, e.triples) for e in job.labelled)
    ontology = replace(ontology, examples=tuple(e for e in ontology.examples if e in labelled))  # none of a tested text
    labelled = labelled if job.best else ()
    asked = OpenAiCompatible(job.address, job.model, key=KEY, timeout=1800.0, tries=1, constrain="grammar")
    reader = ChatReader(asked, ontology, examples=labelled)
    mint = Mint("https://graph.example/")
    extractor = Extractor(reader, ontology, mint)
    whole = [RelationReader(weights) for weights in packaged(job.ontology)]

    def told(claim: Claim) -> Triple:
        triple = stated(claim, ontology)
        return triple.subject, triple.relation, triple.object, "", ""

    def extract(text: str, examples: Sequence[Example]) -> list[Triple]:
        media_type = MARKDOWN if text.startswith(HEADER) else PLAIN
        document = load_document(text.encode(), name="a text", media_type=media_type)
        found = []
        for chunk in chunks(document):
            result = extractor.extract(document, chunk)
            if result.status is Status.FAILED:
                raise RuntimeError(result.reason)
            found += map(told, result.claims)
        return [*found, *(told(claim) for reader in whole for claim in reader.claims(document, mint))]

    return extract


def headed(text: str, about: str) -> str:
    """A piece of a proposal under a header with its number, which is where such documents say what they are."""
    return f"{HEADER}{about.removeprefix('EIP-')}\n---\n\n{text}"


def _made_of_labels(job: Job) -> model.Ontology:
    """The ontology of a data set that has none as a file."""
    iri = "https://graph.example/labels#"
    classes = {iri + name: model.Class(iri + name, name) for name in job.classes if name != VALUE}
    relations = {}
    for number, r in enumerate(job.relations):
        things = tuple(iri + name for name in r.range if name != VALUE)
        text = None if things or not r.range else "http://www.w3.org/2001/XMLSchema#string"
        domain = tuple(iri + name for name in r.domain)
        relations[f"{iri}r{number}"] = model.Relation(f"{iri}r{number}", r.name, "", domain, things, text)
    return model.Ontology(iri, "", classes, relations)


if __name__ == "__main__":
    serve(prepare, "triplock", "xllamacpp", introduce=headed)
