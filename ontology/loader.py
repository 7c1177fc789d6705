"""From a file to an `Ontology`: OWL, RDFS or SHACL shapes in any RDF syntax, or the Text2KGBench JSON form.

What is read: `owl:Class` and `rdfs:Class` with `rdfs:subClassOf`; object, datatype and plain properties with
`rdfs:domain` and `rdfs:range`, in which an `owl:unionOf` stands for its members; `rdfs:label`, English first;
`tl:extractable`, `tl:namePattern` and `tl:Example` of ontology/triplock.ttl; `skos:altLabel` and `skos:example` of
properties. What SHACL shapes say of relations is read by `ontology.shapes_source`: of a property that is declared, too,
the declaration is completed by the shapes.
Left out: restrictions, `owl:imports` (nothing is fetched), annotation properties and inference.
OWL 2: https://www.w3.org/TR/owl2-mapping-to-rdf/ ; RDFS: https://www.w3.org/TR/rdf-schema/
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from importlib import resources
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from anchoring.encoding.unixfs import document_blocks
from anchoring.errors import InputRefused, WrongUsage
from anchoring.rdf.rdf_input import read_quads
from ontology import text2kgbench
from ontology.errors import OntologyNotFound, OntologyRefused
from ontology.label_words import spaced
from ontology.model import Class, Example, Ontology, Relation
from ontology.shapes_source import shape_relations

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
TL = "https://w3id.org/triplock/ns#"

MAX_BYTES = 64 * 1024 * 1024
"""A longer file is refused: no ontology that a model can be held to is so large."""

_CLASSES = {OWL + "Class", RDFS + "Class"}
_PROPERTIES = {OWL + "ObjectProperty", OWL + "DatatypeProperty", RDF + "Property"}
_ANYTHING = {OWL + "Thing", RDFS + "Resource", RDFS + "Class", OWL + "Class"}
_SYNTAXES = {".owl": ("rdf", "ttl", "jsonld"), "": ("ttl", "rdf", "jsonld"), ".xml": ("rdf",)}
"""What an extension may hold; any other names its syntax."""

Term = NamedNode | BlankNode | Literal
Properties = dict[str, list[Term]]


def packaged() -> tuple[str, ...]:
    """The names of the ontologies that come with triplock.

    >>> "ethereum-standards" in packaged()
    True
    """
    files = (Path(entry.name) for entry in resources.files("ontology").iterdir())
    return tuple(sorted(f.stem for f in files if f.suffix == ".ttl" and f.stem != "shapes"))


def read(name_or_path: str | Path) -> tuple[str, bytes]:
    """The file's name and bytes, of a packaged name or a path; raises OntologyNotFound, OntologyRefused."""
    name = str(name_or_path)
    if name in packaged():
        return f"{name}.ttl", resources.files("ontology").joinpath(f"{name}.ttl").read_bytes()
    path = Path(name_or_path)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise OntologyRefused(
                f"{name} has {size:,} bytes, more than {MAX_BYTES:,}",
                remedy="give the part of it that the extraction needs",
            )
        return path.name, path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise OntologyNotFound(
            f"there is no ontology {name!r}", remedy=f"give a file or one of {', '.join(packaged())}"
        ) from None
    except OSError as error:
        raise OntologyRefused(f"{name} cannot be read: {error.strerror}", remedy="give a readable file") from None


def load(name_or_path: str | Path) -> Ontology:
    """The ontology of a packaged name ("ethereum-standards") or a file.

    Its `digest` is the `ipfs://` IRI of the file's bytes. Raises OntologyNotFound, OntologyRefused.

    >>> standards = load("ethereum-standards")
    >>> standards.relations["https://w3id.org/triplock/ethereum-standards#addsOpcode"].label
    'adds opcode'
    """
    name, content = read(name_or_path)
    return loads(content, name)


def loads(content: bytes, name: str) -> Ontology:
    """The ontology of a file's bytes; the extension of `name` says what they are. Raises OntologyRefused."""
    digest = document_blocks(content)[0].iri if content else ""
    if name.endswith(".json"):
        ontology = text2kgbench.parse(content, name, digest)
    else:
        ontology = _Reader(content, name).ontology(digest)
    if not ontology.relations:
        raise OntologyRefused(
            f"{name} declares no property",
            remedy="give a file with owl:ObjectProperty, owl:DatatypeProperty, rdf:Property or SHACL property shapes",
        )
    return ontology


class _Reader:
    """The statements of one file by subject and predicate."""

    def __init__(self, content: bytes, name: str) -> None:
        self.by_subject: dict[Term, Properties] = defaultdict(lambda: defaultdict(list))
        suffix = Path(name).suffix.lower()
        failures = []
        for syntax in _SYNTAXES.get(suffix, (suffix.removeprefix("."),)):
            self.by_subject.clear()
            try:
                for quad in read_quads(content, syntax, base=f"file:///{_segment(name)}"):
                    if not isinstance(quad.subject, Triple) and not isinstance(quad.object, Triple):
                        self.by_subject[quad.subject][quad.predicate.value].append(quad.object)
            except (InputRefused, WrongUsage) as error:
                failures.append(error.what[:200])
                continue
            if self.by_subject:
                return
        raise OntologyRefused(
            f"{name} is no RDF file that holds an ontology: {failures[0] if failures else 'it is empty'}",
            remedy="give Turtle, RDF/XML, JSON-LD, N-Triples, or Text2KGBench JSON with the extension .json",
        )

    def ontology(self, digest: str) -> Ontology:
        named = {s.value: props for s, props in self.by_subject.items() if isinstance(s, NamedNode)}
        relations = {
            iri: self._relation(iri, props)
            for iri, props in sorted(named.items())
            if _PROPERTIES & _iris(props, RDF + "type")
        }
        shaped = shape_relations(self.by_subject, lambda iri: _label(iri, named.get(iri, {})))
        relations = {iri: _completed(r, shaped[iri]) if iri in shaped else r for iri, r in relations.items()}
        relations = dict(sorted({**shaped, **relations}.items()))
        classes = {iri for iri, props in named.items() if _CLASSES & _iris(props, RDF + "type")}
        for props in named.values():
            classes |= {iri for iri in _iris(props, RDFS + "subClassOf") if iri in named}
        classes |= {c for r in relations.values() for c in (*r.domain, *r.range)}
        own = sorted(iri for iri, props in named.items() if OWL + "Ontology" in _iris(props, RDF + "type"))
        return Ontology(
            iri=own[0] if own else digest,
            digest=digest,
            classes={iri: self._class(iri, named.get(iri, {})) for iri in sorted(classes - _ANYTHING)},
            relations=relations,
            examples=self._examples(named, relations),
        )

    def _class(self, iri: str, props: Properties) -> Class:
        above = tuple(sorted(_iris(props, RDFS + "subClassOf") - _ANYTHING - {iri}))
        return Class(iri, _label(iri, props), _comment(props), above, _text(props, TL + "namePattern"))

    def _relation(self, iri: str, props: Properties) -> Relation:
        domain, _ = self._classes_of(props, RDFS + "domain")
        range_, datatype = self._classes_of(props, RDFS + "range")
        if OWL + "DatatypeProperty" in _iris(props, RDF + "type"):
            range_, datatype = (), datatype or RDFS + "Literal"
        asked = _text(props, TL + "extractable") not in ("false", "0")
        deprecated = _text(props, OWL + "deprecated") in ("true", "1")
        return Relation(
            iri,
            _label(iri, props),
            _comment_with_examples(props),
            domain,
            range_,
            datatype,
            extractable=asked and not deprecated,
            other_names=_other_names(props),
        )

    def _classes_of(self, props: Properties, predicate: str) -> tuple[tuple[str, ...], str | None]:
        """The classes that a domain or range names, and the datatype it names, if one."""
        found: set[str] = set()
        seen: set[Term] = set()
        todo: list[Term] = list(props.get(predicate, ()))
        while todo:
            term = todo.pop()
            if term in seen:
                continue
            seen.add(term)
            if isinstance(term, NamedNode):
                found.add(term.value)
            elif isinstance(term, BlankNode):
                node = self.by_subject.get(term, {})
                for part in (OWL + "unionOf", RDF + "first", RDF + "rest", OWL + "onDatatype"):
                    todo.extend(node.get(part, ()))
        found.discard(RDF + "nil")
        datatypes = {f for f in found if f.startswith(XSD) or f in (RDFS + "Literal", RDF + "langString")}
        if found & _ANYTHING:
            return (), None
        return tuple(sorted(found - datatypes)), min(datatypes) if datatypes and datatypes == found else None

    def _examples(self, named: dict[str, Properties], relations: dict[str, Relation]) -> tuple[Example, ...]:
        """The labelled sentences, by IRI; the triples of one as they stand in its text."""
        examples = []
        for _, props in sorted(named.items()):
            if TL + "Example" in _iris(props, RDF + "type"):
                text = _text(props, TL + "text")
                triples = []
                for node in props.get(TL + "states", ()):
                    inner = self.by_subject.get(node, {})
                    subject, value = _text(inner, TL + "subject"), _text(inner, TL + "object")
                    relation = next(iter(_iris(inner, TL + "relation")), "")
                    if (
                        relation not in relations
                        or subject not in text
                        or value not in text
                        or not subject
                        or not value
                    ):
                        raise OntologyRefused(
                            f"the example {text[:60]!r} states {subject!r} {relation!r} {value!r}",
                            remedy="name a relation of the ontology, and subject and object as they stand in the text",
                        )
                    triples.append((subject, relations[relation].label, value))
                triples.sort(key=lambda t, text=text: (text.find(t[0]), text.find(t[2]), t))  # type: ignore[misc]
                examples.append(Example(text, tuple(triples)))
        return tuple(examples)


def _completed(declared: Relation, shaped: Relation) -> Relation:
    """A declared relation with what only shapes say of it."""
    typed = declared.range or declared.datatype
    return replace(
        declared,
        comment=declared.comment or shaped.comment,
        domain=declared.domain or shaped.domain,
        range=declared.range if typed else shaped.range,
        datatype=declared.datatype if typed else shaped.datatype,
        values=shaped.values,
        pattern=shaped.pattern,
    )


def _iris(props: Properties, predicate: str) -> set[str]:
    return {term.value for term in props.get(predicate, ()) if isinstance(term, NamedNode)}


def _text(props: Properties, predicate: str) -> str:
    """The literal of a predicate: English first, then without language, then the first by language and value."""
    literals = [term for term in props.get(predicate, ()) if isinstance(term, Literal)]
    return min(literals, key=_preference).value if literals else ""


def _preference(literal: Literal) -> tuple[int, str, str]:
    language = (literal.language or "").lower()
    rank = 0 if language == "en" else 1 if language.startswith("en-") else 2 if not language else 3
    return rank, language, literal.value


def _label(iri: str, props: Properties) -> str:
    return _text(props, RDFS + "label") or _text(props, SKOS + "prefLabel") or local_name(iri)


def _other_names(props: Properties) -> tuple[str, ...]:
    literals = (term for term in props.get(SKOS + "altLabel", ()) if isinstance(term, Literal))
    return tuple(sorted({term.value for term in literals if _preference(term)[0] < 3 and term.value.strip()}))


def _comment(props: Properties) -> str:
    return " ".join((_text(props, RDFS + "comment") or _text(props, SKOS + "definition")).split())


def _comment_with_examples(props: Properties) -> str:
    """What a property means, with the first of its `skos:example`."""
    example = " ".join(_text(props, SKOS + "example").split())
    return f"{_comment(props)} Example: {example}".strip() if example else _comment(props)


def local_name(iri: str) -> str:
    """A readable name from the end of an IRI.

    >>> local_name("http://example.org/ns#hasGasCost"), local_name("http://example.org/block_number/")
    ('has gas cost', 'block number')
    """
    tail = re.split(r"[#/:]", iri.rstrip("#/:"))[-1] or iri
    words = spaced(tail).replace("-", " ")
    return words.lower() if words != tail else tail


def _segment(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)
