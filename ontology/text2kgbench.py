"""The Text2KGBench form of an ontology: JSON with `concepts` and `relations`, and its labelled sentences.

An empty `range` means a literal of no stated kind.
Source: https://github.com/cenguix/Text2KGBench (ISWC 2023, https://arxiv.org/abs/2308.02357)
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from anchoring.encoding.bounded_json import bounded_json
from ontology.errors import OntologyRefused
from ontology.model import Class, Example, Ontology, Relation

BASE = "https://cenguix.github.io/Text2KGBench/"
STRING = "http://www.w3.org/2001/XMLSchema#string"


def parse(content: bytes, name: str, digest: str) -> Ontology:
    """The ontology of the JSON in `content`; `name` is for messages. Raises OntologyRefused."""
    document = _json(content, name)
    if not isinstance(document, dict) or not isinstance(document.get("relations"), list):
        raise _refused(name, "it has no list of relations")
    identifier = str(document.get("id") or document.get("title") or name.removesuffix(".json"))
    base = BASE + re.sub(r"[^A-Za-z0-9._-]+", "_", identifier)
    concepts = f"{base}/concepts#"
    labels: dict[str, str] = {}
    for concept in _objects(document.get("concepts", []), name):
        labels[_field(concept, "qid", name)] = _field(concept, "label", name)
    relations: dict[str, Relation] = {}
    for entry in _objects(document["relations"], name):
        iri = f"{base}/relations#{_slug(_field(entry, 'pid', name))}"
        domain, range_ = str(entry.get("domain") or ""), str(entry.get("range") or "")
        for concept_id in (domain, range_):
            if concept_id:
                labels.setdefault(concept_id, concept_id)
        relations[iri] = Relation(
            iri=iri,
            label=_field(entry, "label", name),
            domain=(concepts + _slug(domain),) if domain else (),
            range=(concepts + _slug(range_),) if range_ else (),
            datatype=None if range_ else STRING,
        )
    classes = {concepts + _slug(key): Class(concepts + _slug(key), label) for key, label in sorted(labels.items())}
    return Ontology(iri=base, digest=digest, classes=classes, relations=relations)


def examples(lines: Iterable[str], name: str = "the sentences") -> tuple[Example, ...]:
    """Labelled sentences from JSON lines, in either form that the benchmark has.

    Training lines hold one triple (`sub_label`, `rel_label`, `obj_label`), gold lines a list of them (`triples`);
    lines of one sentence are joined. Raises OntologyRefused.

    >>> examples(['{"sent": "Ann met Bo.", "sub_label": "Ann", "rel_label": "met", "obj_label": "Bo"}'])
    (Example(text='Ann met Bo.', triples=(('Ann', 'met', 'Bo'),)),)
    """
    by_sentence: dict[str, list[tuple[str, str, str]]] = {}
    for line in lines:
        if not line.strip():
            continue
        entry = _json(line.encode(), name)
        if not isinstance(entry, dict):
            raise _refused(name, f"a line is no object: {line[:60]!r}")
        triples = by_sentence.setdefault(_field(entry, "sent", name), [])
        if "triples" in entry:
            found = [tuple(_field(t, k, name) for k in ("sub", "rel", "obj")) for t in _objects(entry["triples"], name)]
        else:
            found = [tuple(_field(entry, k, name) for k in ("sub_label", "rel_label", "obj_label"))]
        triples.extend((s, r, o) for s, r, o in found if (s, r, o) not in triples)
    return tuple(Example(text, tuple(triples)) for text, triples in by_sentence.items())


def _json(content: bytes, name: str) -> object:
    try:
        document: object = bounded_json(content)
        return document
    except ValueError as error:
        raise _refused(name, f"it is no JSON: {str(error)[:120]}") from None


def _objects(value: object, name: str) -> list[dict[str, object]]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise _refused(name, f"a list of objects was expected, not {str(value)[:60]!r}")
    return value


def _field(entry: dict[str, object], key: str, name: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise _refused(name, f"{str(entry)[:80]} has no text {key!r}")
    return value


def _slug(identifier: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", identifier)


def _refused(name: str, why: str) -> OntologyRefused:
    return OntologyRefused(
        f"{name} is not in the Text2KGBench form: {why}",
        remedy='give {"concepts": [{"qid", "label"}], "relations": [{"pid", "label", "domain", "range"}]}',
    )
