"""With nothing but the TriG export and the bytes of the documents, every quote slices out at its offsets."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import rdflib
from stating_reader import StatingReader
from thread_places import DOCUMENTS

from anchoring.encoding.cid import Cid
from extractors.reading.extractor import Extractor
from kg.workspace.ingest import ingest
from kg.workspace.workspace import Workspace
from ontology.loader import load

OA = rdflib.Namespace("http://www.w3.org/ns/oa#")
PROV = rdflib.Namespace("http://www.w3.org/ns/prov#")
TL = rdflib.Namespace("https://w3id.org/triplock/ns#")

HARD = """---
eip: 90001
title: Ünïcode 🦄 表題
author: Ann Example (@ann)
status: Draft
type: Standards Track
category: ERC
created: 2020-01-01
requires: 20, 165
---

## Abstract

🦄 This standard requires ERC-165, and ERC-165 is no token. 🦄 emoji first.\u00a0NBSP between.  以太坊是区块链。第二句。

```solidity
event Moved🦄(address indexed a);
event Moved(address indexed from, uint256 amount); // 转移
function move(address to, uint256 amount) external returns (bool);
```
"""


def quotes(exported: bytes) -> list[tuple[str, int, int, str, str]]:
    """(document, start, end, quote, encoding), read by rdflib and not by our own code."""
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=exported, format="trig")
    found = []
    for span, quote in dataset.subject_objects(OA.exact):
        document = str(span).partition("#")[0]
        encoding = str(dataset.value(rdflib.URIRef(document), TL.encoding))
        start, end = (int(dataset.value(span, edge)) for edge in (OA.start, OA.end))
        found.append((document, start, end, str(quote), encoding))
    return found


# rdflib warns about its own calls.
@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_quote_slices_out_of_the_document(
    workspace: Workspace, tmp_path: Path, newline: str, encoding: str
) -> None:
    hard = tmp_path / "hard.md"
    hard.write_bytes(HARD.replace("\n", newline).encode(encoding))
    report = workspace.ingest(hard, DOCUMENTS / "erc-20.md")
    assert not report.failed
    bytes_by_iri = {Cid.of(path.read_bytes()).iri: path.read_bytes() for path in (hard, DOCUMENTS / "erc-20.md")}
    exported = io.BytesIO()
    workspace.export("trig", exported)
    found = quotes(exported.getvalue())
    from_hard = 0
    for document, start, end, quote, stated in found:
        text = bytes_by_iri[document].decode(stated)
        assert text[start:end] == quote
        from_hard += document == Cid.of(hard.read_bytes()).iri
    assert len(found) > 20
    if newline != "\r":
        assert from_hard >= 8


def places(exported: bytes) -> list[tuple[str, str, str, str, str]]:
    """(claim, edge, place, quote of the claim, start of the quote) of each named subject and object, by rdflib."""
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=exported, format="trig")
    found = []
    for edge in (TL.subjectSpan, TL.objectSpan):
        for claim, place in dataset.subject_objects(edge):
            span = dataset.value(claim, PROV.wasDerivedFrom)
            quote, start = (str(dataset.value(span, term)) for term in (OA.exact, OA.start))
            found.append((str(claim), str(edge), str(place), quote, start))
    return found


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_subject_and_object_slice_out_of_the_document_and_of_the_quote(
    workspace: Workspace, tmp_path: Path, newline: str, encoding: str
) -> None:
    hard = tmp_path / "hard.md"
    hard.write_bytes(HARD.replace("\n", newline).encode(encoding))
    ontology = load("ethereum-standards")
    reader = StatingReader(ontology, [("This standard", "requires", "ERC-165")])
    report = ingest(workspace, [hard], extractor=Extractor(reader, ontology, workspace.mint))
    assert report.claims_inferred == 1
    exported = io.BytesIO()
    workspace.export("trig", exported)
    (stated,) = {found[4] for found in quotes(exported.getvalue())}
    text = hard.read_bytes().decode(stated)
    sliced = {}
    for claim, edge, place, quote, start in places(exported.getvalue()):
        document, _, fragment = place.partition("#char=")
        first, last = map(int, fragment.split(","))
        assert document == Cid.of(hard.read_bytes()).iri
        assert text[first:last] == quote[first - int(start) : last - int(start)]
        sliced[edge] = text[first:last]
        (explanation,) = workspace.why(claim)
        assert explanation.evidence is not None
        named = {str(TL.subjectSpan): explanation.evidence.subject, str(TL.objectSpan): explanation.evidence.object}
        assert named[edge] is not None
        assert named[edge].words == text[first:last]
    assert sliced == {str(TL.subjectSpan): "This standard", str(TL.objectSpan): "ERC-165"}
