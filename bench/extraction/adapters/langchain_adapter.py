"""LangChain's LLMGraphTransformer, of langchain-neo4j.

shipped: the names of nodes and relationships, strict mode and structured output, which are its defaults.
best: relationships with the classes of their ends, and labelled sentences in the additional instructions.
"""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.documents import Document
from langchain_neo4j.graph_transformers.llm import LLMGraphTransformer
from langchain_openai import ChatOpenAI
from wire import KEY, SECONDS, Example, Extract, Job, Triple, camel, serve, upper


def prepare(job: Job) -> Extract:
    llm = ChatOpenAI(
        model=job.model, base_url=job.address, api_key=KEY, temperature=0, max_tokens=job.max_tokens, timeout=SECONDS
    )
    nodes = [camel(c) for c in job.classes]
    names: list[object] = sorted({upper(r.name) for r in job.relations})
    if job.best:
        names = [(camel(s), upper(r), camel(o)) for s, r, o in job.patterns()]

    def extract(text: str, examples: Sequence[Example]) -> list[Triple]:
        more = _shown(job, examples) if job.best else ""
        transformer = LLMGraphTransformer(
            llm, allowed_nodes=nodes, allowed_relationships=names, additional_instructions=more
        )
        graph = transformer.convert_to_graph_documents([Document(page_content=text)])[0]
        return [(r.source.id, r.type, r.target.id, r.source.type, r.target.type) for r in graph.relationships]

    return extract


def _shown(job: Job, examples: Sequence[Example]) -> str:
    """Examples without curly brackets, which a prompt template would take for its own."""
    lines = ["Examples of texts and their relationships (source (type), relationship, target (type)):"]
    for example in examples:
        lines.append(f"Text: {example.text}")
        for subject, relation, thing in example.triples:
            start, end = job.typed(relation)
            lines.append(f"- {subject} ({camel(start)}), {upper(relation)}, {thing} ({camel(end)})")
    return "\n".join(lines).replace("{", "{{").replace("}", "}}") + "\n"


if __name__ == "__main__":
    serve(prepare, "langchain-neo4j", "langchain-openai")
