"""Memos made for a test: headers state what they need, bodies say so, and mention others only to compare."""

from __future__ import annotations

import random

from extractors.documents.load import load_document
from extractors.documents.model import Document

ONTOLOGY = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix tl: <https://w3id.org/triplock/ns#> .
@prefix : <https://example.org/memos#> .
:Memo a owl:Class ; rdfs:label "Memo"@en ; tl:namePattern "MEMO[- ]?[0-9]+" .
:dependsOn a owl:ObjectProperty ; rdfs:label "depends on"@en ; rdfs:domain :Memo ; rdfs:range :Memo .
:cites a owl:ObjectProperty ; rdfs:label "cites"@en ; rdfs:domain :Memo .
"""


def memo(number: int, needed: list[int], others: list[int], *, header: bool = True) -> Document:
    """MEMO-`number`, which needs some memos and compares itself with others."""
    lines = ["---", f"memo: {number}", f"title: Memo {number}"]
    if header:
        lines.append(f"depends-on: {', '.join(map(str, needed))}")
    lines += ["---", "", "# Specification", ""]
    lines += [f"The rules of MEMO-{n} hold here, and an office MUST follow [MEMO-{n}](./memo-{n}.md)." for n in needed]
    lines += ["", "# Rationale", ""]
    lines += [f"Unlike MEMO-{n}, nothing is kept. An alternative was MEMO {n}." for n in others]
    return load_document("\n".join(lines).encode(), name=f"memo-{number}.md")


def corpus(size: int = 60) -> list[Document]:
    """Memos that each need one to three others and mention as many."""
    draw = random.Random(7)
    made = []
    for number in range(100, 100 + size):
        drawn = draw.sample(range(1, 90), draw.randint(2, 6))
        cut = draw.randint(1, len(drawn) - 1)
        made.append(memo(number, drawn[:cut], drawn[cut:]))
    return made
