"""With nothing but the TriG export and the bytes of the documents, every quote slices out at its offsets."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import rdflib
from thread_places import DOCUMENTS

from anchoring.encoding.cid import Cid
from kg.workspace.workspace import Workspace

OA = rdflib.Namespace("http://www.w3.org/ns/oa#")
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

🦄 emoji first.\u00a0NBSP between.  以太坊是区块链。第二句。

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
