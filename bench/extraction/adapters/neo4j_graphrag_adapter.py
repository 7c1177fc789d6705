"""neo4j-graphrag: the extractor and the pruner of its SimpleKGPipeline, without the database behind them.

shipped: the pipeline's own defaults (structured output with a model that has it, errors logged and passed over), the
schema as names of nodes and relationships.
best: the patterns too, and labelled sentences as `examples`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

from neo4j_graphrag.components.entity_relation_extractor import LLMEntityRelationExtractor, OnError
from neo4j_graphrag.components.graph_pruning import GraphPruning
from neo4j_graphrag.components.schema import GraphSchema
from neo4j_graphrag.components.types import Neo4jGraph, TextChunk, TextChunks
from neo4j_graphrag.llm import OpenAILLM
from wire import KEY, SECONDS, Example, Extract, Job, Triple, camel, serve, upper


def prepare(job: Job) -> Extract:
    parameters = {"temperature": 0, "max_tokens": job.max_tokens}
    llm = OpenAILLM(model_name=job.model, model_params=parameters, base_url=job.address, api_key=KEY, timeout=SECONDS)
    extractor = LLMEntityRelationExtractor(
        llm, create_lexical_graph=False, on_error=OnError.IGNORE, use_structured_output=True
    )
    schema: dict[str, object] = {
        "node_types": [camel(c) for c in job.classes],
        "relationship_types": sorted({upper(r.name) for r in job.relations}),
    }
    if job.best:
        schema["patterns"] = [(camel(s), upper(r), camel(o)) for s, r, o in job.patterns()]
    known = GraphSchema.model_validate(schema)

    async def graph(text: str, examples: str) -> Neo4jGraph:
        chunks = TextChunks(chunks=[TextChunk(text=text, index=0)])
        found = await extractor.run(chunks=chunks, schema=known, examples=examples)
        return (await GraphPruning().run(found, known)).graph

    def extract(text: str, examples: Sequence[Example]) -> list[Triple]:
        found = asyncio.run(graph(text, "\n\n".join(_shown(job, e) for e in examples) if job.best else ""))
        nodes = {n.id: n for n in found.nodes}
        triples = []
        for r in found.relationships:
            start, end = nodes.get(r.start_node_id), nodes.get(r.end_node_id)
            if start is not None and end is not None:
                names = [str(n.properties.get("name") or next(iter(n.properties.values()), "")) for n in (start, end)]
                triples.append((names[0], r.type, names[1], start.label, end.label))
        return triples

    return extract


def _shown(job: Job, example: Example) -> str:
    """An example in the form that the default prompt asks for."""
    ids: dict[str, str] = {}
    nodes, relationships = [], []
    for subject, relation, thing in example.triples:
        for name, label in zip((subject, thing), job.typed(relation), strict=True):
            if name not in ids:
                ids[name] = str(len(ids))
                nodes.append({"id": ids[name], "label": camel(label), "properties": {"name": name}})
        relationships.append({"type": upper(relation), "start_node_id": ids[subject], "end_node_id": ids[thing]})
    return f"Input text:\n{example.text}\n{json.dumps({'nodes': nodes, 'relationships': relationships})}"


if __name__ == "__main__":
    serve(prepare, "neo4j-graphrag", "openai")
