"""LlamaIndex's SchemaLLMPathExtractor.

shipped: as its documentation calls it, with entities, relations and a validation schema, strict; tool calls.
best: structured output held to the schema by the server, and labelled sentences in the prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from llama_index.core.indices.property_graph import SchemaLLMPathExtractor
from llama_index.core.indices.property_graph.transformations.schema_llm import DEFAULT_SCHEMA_PATH_EXTRACT_PROMPT
from llama_index.core.schema import TextNode
from llama_index.llms.openai_like import OpenAILike
from wire import KEY, SECONDS, Example, Extract, Job, Triple, serve, upper


def prepare(job: Job) -> Extract:
    llm = OpenAILike(
        model=job.model, api_base=job.address, api_key=KEY, temperature=0, max_tokens=job.max_tokens,
        timeout=SECONDS, is_chat_model=True, is_function_calling_model=True, should_use_structured_outputs=job.best,
    )  # fmt: skip
    entities = Literal[tuple(upper(c) for c in job.classes)]  # type: ignore[valid-type]
    relations = Literal[tuple(sorted({upper(r.name) for r in job.relations}))]  # type: ignore[valid-type]
    patterns = [(upper(s), upper(r), upper(o)) for s, r, o in job.patterns()]

    def extract(text: str, examples: Sequence[Example]) -> list[Triple]:
        prompt = _shown(job, examples) + DEFAULT_SCHEMA_PATH_EXTRACT_PROMPT.template if job.best else None
        extractor = SchemaLLMPathExtractor(
            llm, extract_prompt=prompt, possible_entities=entities, possible_relations=relations,
            kg_validation_schema=patterns, strict=True, num_workers=1,
        )  # fmt: skip
        node = extractor([TextNode(text=text)])[0]
        nodes = {n.id: n for n in node.metadata["nodes"]}
        return [
            (nodes[r.source_id].name, r.label, nodes[r.target_id].name,
             nodes[r.source_id].label, nodes[r.target_id].label)
            for r in node.metadata["relations"]
        ]  # fmt: skip

    return extract


def _shown(job: Job, examples: Sequence[Example]) -> str:
    lines = ["Examples of texts and their paths:"]
    for example in examples:
        lines.append(f"-------\n{example.text}\n-------")
        for subject, relation, thing in example.triples:
            start, end = job.typed(relation)
            lines.append(f"{subject} ({upper(start)}) {upper(relation)} {thing} ({upper(end)})")
    return "\n".join(lines).replace("{", "{{").replace("}", "}}") + "\n\n"


if __name__ == "__main__":
    serve(prepare, "llama-index-core", "llama-index-llms-openai-like")
