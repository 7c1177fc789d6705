"""The terms that claims and their provenance are written in.

PROV-O, Web Annotation, DCTERMS and DCAT where they have a term, `tl:` (ontology/triplock.ttl) where none exists.
"""

from __future__ import annotations

from pyoxigraph import NamedNode

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
DCAT = "http://www.w3.org/ns/dcat#"
PROV = "http://www.w3.org/ns/prov#"
OA = "http://www.w3.org/ns/oa#"
VOID = "http://rdfs.org/ns/void#"
TL = "https://w3id.org/triplock/ns#"
STANDARDS = "https://w3id.org/triplock/ethereum-standards#"
CHAIN = "https://w3id.org/triplock/ethereum-chain#"
EIP = "https://eips.ethereum.org/EIPS/eip-"

PREFIXES: dict[str, str] = {
    "rdf": RDF,
    "rdfs": RDFS,
    "xsd": XSD,
    "owl": OWL,
    "skos": SKOS,
    "dcterms": DCTERMS,
    "dcat": DCAT,
    "prov": PROV,
    "oa": OA,
    "void": VOID,
    "tl": TL,
    "std": STANDARDS,
    "chain": CHAIN,
    "eip": EIP,
}
"""The prefixes that queries, exports and the documentation use."""

TYPE = NamedNode(RDF + "type")
LABEL = NamedNode(RDFS + "label")
GENERATED_BY = NamedNode(PROV + "wasGeneratedBy")
DERIVED_FROM = NamedNode(PROV + "wasDerivedFrom")
REVISION_OF = NamedNode(PROV + "wasRevisionOf")
USED = NamedNode(PROV + "used")
ASSOCIATED_WITH = NamedNode(PROV + "wasAssociatedWith")
INFORMED_BY = NamedNode(PROV + "wasInformedBy")
ATTRIBUTED_TO = NamedNode(PROV + "wasAttributedTo")
ACTIVITY = NamedNode(PROV + "Activity")
SOFTWARE_AGENT = NamedNode(PROV + "SoftwareAgent")
SOURCE_ENTITY = NamedNode(PROV + "Entity")
POSITION_SELECTOR = NamedNode(OA + "TextPositionSelector")
QUOTE_SELECTOR = NamedNode(OA + "TextQuoteSelector")
START = NamedNode(OA + "start")
END = NamedNode(OA + "end")
EXACT = NamedNode(OA + "exact")
FRAGMENT_SELECTOR = NamedNode(OA + "FragmentSelector")
CONFORMS_TO = NamedNode(DCTERMS + "conformsTo")
PDF_FRAGMENTS = NamedNode("http://tools.ietf.org/rfc/rfc3778")
"""What the Web Annotation model calls the fragments of a PDF: https://www.w3.org/TR/annotation-model/#fragment-selector"""
VALUE = NamedNode(RDF + "value")
TRUST = NamedNode(TL + "trust")
CONFIDENCE = NamedNode(TL + "confidence")
SUBJECT_SPAN = NamedNode(TL + "subjectSpan")
OBJECT_SPAN = NamedNode(TL + "objectSpan")
SAME_AS = NamedNode(OWL + "sameAs")
MERGE_RULE = NamedNode(TL + "mergeRule")
MERGE_KEY = NamedNode(TL + "mergeKey")
MERGED_THROUGH = NamedNode(TL + "mergedThrough")
GRAPH_NAME = NamedNode(TL + "graphName")
GRAPH = NamedNode(TL + "graph")
VERSION = NamedNode(TL + "version")
HEAD = NamedNode(TL + "head")
ENCODING = NamedNode(TL + "encoding")
TITLE = NamedNode(DCTERMS + "title")
LICENCE = NamedNode(DCTERMS + "license")
FORMAT = NamedNode(DCTERMS + "format")
BYTE_SIZE = NamedNode(DCAT + "byteSize")
XSD_INTEGER = NamedNode(XSD + "integer")
XSD_DECIMAL = NamedNode(XSD + "decimal")
