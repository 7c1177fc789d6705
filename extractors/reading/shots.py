"""The labelled sentences that a prompt shows: some for every sentence, and the nearest to this one.

The first are chosen once, so that each relation is seen, and stay in the part of the prompt that a server keeps;
the nearest cost their tokens at each call. An example is shown only if the rules that offer lines to the model would
offer its lines too: what a prompt shows, the grammar allows.
"""

from __future__ import annotations

from collections.abc import Sequence

from anchoring.encoding.cid import Cid
from extractors.documents.model import Document
from extractors.mentions.candidates import candidates
from extractors.mentions.kinds import Kinds
from extractors.models.protocol import Message
from extractors.reading.examples import Examples
from extractors.reading.prompt import messages, prefix_digest, system_message
from ontology.grammar import EMPTY, possible_triples
from ontology.model import Example, Ontology

KEPT = 20
NEAREST = 1
_CHARACTERS = 4400
"""Of the part that is kept: about 1,000 tokens."""

_ANY_DOCUMENT = Document(Cid.of(b""), b"", "", "utf-8", "text/plain", "", "urn:example:own")


class Shots:
    """The examples of an ontology in the form of the grammar, and the chat that shows them.

    Those `beside` are only shown where they are nearest, and change nothing of what every call shares.
    """

    def __init__(
        self,
        ontology: Ontology,
        kinds: Kinds,
        *,
        beside: Sequence[Example] = (),
        kept: int = KEPT,
        nearest: int = NEAREST,
    ) -> None:
        self._answers = {
            example: answer
            for example in ontology.examples
            if (answer := _answer(example, ontology, kinds)) is not None
        }
        name = ontology.iri.rstrip("/#").rpartition("/")[2].replace("-", " ")
        self._system = system_message(name, ontology.extractable)
        self._kept = self._chosen(kept)
        more = {example: _answer(example, ontology, kinds) for example in beside if example not in self._answers}
        self._answers |= {example: answer for example, answer in more.items() if answer is not None}
        self._rest = Examples([e for e in self._answers if e not in self._kept])
        self._nearest = nearest

    @property
    def digest(self) -> str:
        """`sha256:` of the part of the prompt that every call shares; the rest is named by the ontology's digest."""
        return prefix_digest(self._system, [(e.text, self._answers[e]) for e in self._kept])

    def chat(self, sentence: str) -> tuple[Message, ...]:
        """The messages that ask about a sentence; the nearest example comes last."""
        near = [e for e in reversed(self._rest.nearest(sentence, self._nearest)) if e.text != sentence]
        return messages(self._system, [(e.text, self._answers[e]) for e in (*self._kept, *near)], sentence)

    def _chosen(self, count: int) -> tuple[Example, ...]:
        """Short ones first, relation by relation, those that state nothing being one more relation."""
        groups: dict[str, list[Example]] = {}
        for example in sorted(self._answers, key=lambda e: (len(e.text), e.text)):
            groups.setdefault(example.triples[0][1] if example.triples else EMPTY, []).append(example)
        chosen: list[Example] = []
        room = _CHARACTERS - len(self._system)
        while len(chosen) < count and any(groups.values()):
            for _, group in sorted(groups.items()):
                if group and len(chosen) < count:
                    example = group.pop(0)
                    if (room := room - len(example.text) - len(self._answers[example])) >= 0:
                        chosen.append(example)
        return tuple(chosen)


def _answer(example: Example, ontology: Ontology, kinds: Kinds) -> str | None:
    """The example's triples as the grammar writes them, or None where the rules would not offer them all."""
    offered = possible_triples(ontology, [kinds.term(c, _ANY_DOCUMENT) for c in candidates(example.text)])
    if not offered:
        return None
    wanted = {tuple(triple) for triple in example.triples}
    lines = [t.line for t in offered if (t.subject.text, t.relation.label, t.object.text) in wanted]
    if len(lines) < len(wanted):
        return None
    return "\n".join(lines) or EMPTY
