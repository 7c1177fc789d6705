"""OntoGPT's SPIRES: a LinkML template of the ontology, a text split into fields, each relation split again.

shipped: a template with subject, predicate and object as text, the predicates named in its description.
best: the predicate is an enumeration, and the description shows labelled sentences.
Both settings have temperature 0 instead of its 1.0.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from ontogpt.engines.spires_engine import SPIRESEngine
from wire import KEY, Example, Extract, Job, Triple, serve


def prepare(job: Job) -> Extract:
    folder = Path(tempfile.mkdtemp(prefix="ontogpt-"))

    def extract(text: str, examples: Sequence[Example]) -> list[Triple]:
        template = yaml.safe_dump(_template(job, examples if job.best else ()), sort_keys=False)
        path = folder / f"stated_{hashlib.sha256(template.encode()).hexdigest()[:12]}.yaml"
        path.write_text(template, "utf-8")
        engine = SPIRESEngine(
            template=str(path), model=f"openai/{job.model}", api_base=job.address, temperature=0.0,
        )  # fmt: skip
        engine.client.api_key = KEY
        engine.client.cache_db_path = str(folder)
        found: Any = engine.extract_from_text(text).extracted_object
        rows = found.model_dump() if hasattr(found, "model_dump") else found or {}
        return [_triple(row) for row in rows.get("relations") or () if isinstance(row, dict)]

    return extract


def _triple(row: dict[str, Any]) -> Triple:
    subject, relation, thing = (str(row.get(k) or "") for k in ("subject", "predicate", "object"))
    return subject, relation, thing, "", ""


def _template(job: Job, examples: Sequence[Example]) -> dict[str, Any]:
    names = sorted({r.name for r in job.relations})
    described = f"A semicolon-separated list of relations that the text states, of these only: {', '.join(names)}."
    if examples:
        described += " Such as: " + "; ".join(f"{s} {r} {o}" for e in examples for s, r, o in e.triples)
    relations = {"description": described, "multivalued": True, "range": "StatedRelation"}
    predicate: dict[str, Any] = {"description": f"the relation, one of: {', '.join(names)}"}
    if job.best:
        predicate["range"] = "RelationName"
    return {
        "id": "https://graph.example/stated", "name": "stated", "title": "Relations that a text states",
        "prefixes": {"linkml": "https://w3id.org/linkml/", "stated": "https://graph.example/stated/"},
        "default_prefix": "stated", "default_range": "string", "imports": ["linkml:types", "core"],
        "classes": {
            "Stated": {"tree_root": True, "attributes": {"relations": relations}},
            "StatedRelation": {
                "is_a": "CompoundExpression",
                "attributes": {
                    "subject": {"description": "the subject, as the text names it"},
                    "predicate": predicate,
                    "object": {"description": "the object, as the text names it"},
                },
            },
        },
        "enums": {"RelationName": {"permissible_values": {name: {} for name in names}}},
    }  # fmt: skip


if __name__ == "__main__":
    serve(prepare, "ontogpt", "litellm")
