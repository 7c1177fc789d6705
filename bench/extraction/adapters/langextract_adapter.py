"""langextract: extractions of the class `relationship` with subject, relation and object as attributes.

It refuses to run without examples, so both settings have labelled sentences.
shipped: one example, its defaults otherwise (JSON held to the schema that the examples give).
best: all examples, and an output schema in which the relation is one of the ontology's.
"""

from __future__ import annotations

from collections.abc import Sequence

import langextract as lx
from langextract.prompt_validation import PromptValidationLevel
from langextract.providers.openai import OpenAILanguageModel
from wire import KEY, Example, Extract, Job, Triple, serve

CLASS = "relationship"


def prepare(job: Job) -> Extract:
    names = sorted({r.name for r in job.relations})
    listed = "; ".join(f"{r.name} ({' or '.join(r.domain)} - {' or '.join(r.range)})" for r in job.relations)
    described = f"Extract the relationships that the text states, of these kinds only: {listed}."
    attributes = {"subject": {"type": "string"}, "relation": {"enum": names}, "object": {"type": "string"}}
    schema = _schema(attributes) if job.best else None

    def extract(text: str, examples: Sequence[Example]) -> list[Triple]:
        shown = [_example(e) for e in (examples if job.best else examples[:1])]
        config = lx.factory.ModelConfig(
            model_id=job.model,
            provider=OpenAILanguageModel.__name__,
            provider_kwargs={"api_key": KEY, "base_url": job.address, "temperature": 0.0, "max_workers": 1},
        )
        found = lx.extract(
            text, prompt_description=described, examples=shown, config=config, output_schema=schema,
            max_char_buffer=max(len(text), 1000), show_progress=False, fetch_urls=False,
            prompt_validation_level=PromptValidationLevel.OFF,  # it refuses examples that state nothing
        )  # fmt: skip
        triples = []
        for extraction in found.extractions or ():
            told = extraction.attributes or {}
            parts = [str(told.get(k) or "") for k in ("subject", "relation", "object")]
            triples.append((parts[0], parts[1], parts[2], "", ""))
        return triples

    return extract


def _example(example: Example) -> lx.data.ExampleData:
    extractions = [
        lx.data.Extraction(
            extraction_class=CLASS, extraction_text=s, attributes={"subject": s, "relation": r, "object": o}
        )
        for s, r, o in example.triples
    ]
    return lx.data.ExampleData(text=example.text, extractions=extractions)


def _schema(attributes: dict[str, object]) -> dict[str, object]:
    """The raw envelope of its JSON with the attributes required."""
    inner = {
        "type": "object", "properties": attributes, "required": list(attributes), "additionalProperties": False,
    }  # fmt: skip
    item = {
        "type": "object",
        "properties": {CLASS: {"type": "string"}, f"{CLASS}_attributes": inner},
        "required": [CLASS, f"{CLASS}_attributes"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"extractions": {"type": "array", "items": item}},
        "required": ["extractions"],
        "additionalProperties": False,
    }


if __name__ == "__main__":
    serve(prepare, "langextract", "openai")
