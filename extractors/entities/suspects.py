"""Names to look at twice: written to deceive, or like the name of something else but for look-alike letters."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator

from extractors.entities.lookalikes import deceptive, skeleton
from extractors.entities.model import Suspect
from extractors.entities.nodes import Node


def suspects(nodes: list[Node]) -> list[Suspect]:
    """The suspects among the nodes, sorted."""
    alike: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for node in nodes:
        for text in node.texts:
            alike[skeleton(text)].add((text, node.id))
    found = {suspect for group in alike.values() for suspect in _of_group(sorted(group))}
    return sorted(found, key=lambda s: (s.node, s.text, s.like))


def _of_group(group: list[tuple[str, str]]) -> Iterator[Suspect]:
    first: dict[str, str] = {}
    for text, node in group:
        if text.isascii():
            first[_folded(text)] = min(first.get(_folded(text), node), node)
    plain = sorted((node, folded) for folded, node in first.items())[:3]
    for text, node in group:
        reason = deceptive(text)
        like = next((other for other, folded in plain if other != node and folded != _folded(text)), "")
        if reason:
            yield Suspect(node, text, reason, like)
        elif like and not text.isascii():
            yield Suspect(node, text, "it is written in letters that look like others", like)
        elif like and text.isalpha():
            yield Suspect(node, text, "it differs in letters that look alike", like)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
