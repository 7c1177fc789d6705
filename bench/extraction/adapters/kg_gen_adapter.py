"""kg-gen: entities, then relations between them, with DSPy.

shipped: `KGGen.generate`, which takes no schema.
best: its two steps called one by one, because only the second takes a `context`: schema and labelled sentences.
"""

from __future__ import annotations

from collections.abc import Sequence

import dspy
from kg_gen import KGGen
from kg_gen.steps._1_get_entities import get_entities
from kg_gen.steps._2_get_relations import get_relations
from wire import KEY, Example, Extract, Job, Triple, serve


def prepare(job: Job) -> Extract:
    kg = KGGen(
        model=f"openai/{job.model}", api_base=job.address, api_key=KEY, temperature=0.0, max_tokens=job.max_tokens
    )
    dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)

    def extract(text: str, examples: Sequence[Example]) -> list[Triple]:
        if not job.best:
            found = sorted(kg.generate(input_data=text).relations)
        else:
            with dspy.context(lm=kg.lm):
                found = get_relations(text, get_entities(text), context=_context(job, examples))
        return [(subject, relation, thing, "", "") for subject, relation, thing in found]

    return extract


def _context(job: Job, examples: Sequence[Example]) -> str:
    listed = "; ".join(f"{r.name} ({' or '.join(r.domain)} - {' or '.join(r.range)})" for r in job.relations)
    shown = "\n".join(
        f"Text: {e.text}\nTriples: " + "; ".join(f"({s}, {r}, {o})" for s, r, o in e.triples) for e in examples
    )
    return f"Use only these predicates: {listed}.\nExamples:\n{shown}"


if __name__ == "__main__":
    serve(prepare, "kg-gen", "dspy")
