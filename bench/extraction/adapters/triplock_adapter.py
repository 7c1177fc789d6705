"""triplock: its chat reader over the sentences of a text, as `triplock extract` uses it, without the store behind it.

shipped: the ontology alone. best: with the labelled sentences, to choose examples from and to learn names from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from wire import KEY, VALUE, Example, Extract, Job, Triple, serve

from extractors.documents.chunks import chunks
from extractors.documents.load import load_document
from extractors.models.openai_compatible import OpenAiCompatible
from extractors.reading.chat_reader import ChatReader
from extractors.reading.reader import Passage
from ontology import model
from ontology.loader import load

SUREST_LEFT_OUT = Decimal("0.50")
"""What is less sure is no claim: the extractor's own limit."""


def prepare(job: Job) -> Extract:
    ontology = load(job.ontology) if job.ontology else _made_of_labels(job)
    if job.best:
        labelled = tuple(model.Example(e.text, e.triples) for e in job.labelled)
        ontology = replace(ontology, examples=(*ontology.examples, *labelled))
    reader = ChatReader(OpenAiCompatible(job.address, job.model, key=KEY, timeout=1800.0, tries=1), ontology)

    def extract(text: str, examples: Sequence[Example]) -> list[Triple]:
        document = load_document(text.encode(), name="text.md" if text.startswith("---\n") else "text.txt")
        found = []
        for chunk in chunks(document):
            for sentence in chunk.sentences:
                for one in reader.read(Passage(document, chunk, sentence)).found:
                    if one.confidence >= SUREST_LEFT_OUT:
                        t = one.triple
                        found.append((t.subject.text, t.relation.label, t.object.text, "", ""))
        return found

    return extract


def headed(text: str, about: str) -> str:
    """A piece of a proposal under a header with its number, which is where such documents say what they are."""
    return f"---\neip: {about.removeprefix('EIP-')}\n---\n\n{text}"


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
