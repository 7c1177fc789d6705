"""The prompt for general text: the relations, the nearest labelled sentences with what they state, the sentence.

An example's lines stand in the order in which its objects stand in the sentence. Labelled sentences often lack labels
(one triple a sentence is usual in data made from another knowledge base); `more` may say what else one states.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from extractors.mentions.candidates import Candidate
from extractors.mentions.known import KnownNames
from extractors.mentions.values import compared
from extractors.models.protocol import Message
from extractors.reading.examples import Examples, parts
from extractors.reading.made_up import made_up
from extractors.reading.prompt import messages, prefix_digest, system_message
from ontology.grammar import EMPTY, SEPARATOR, one_line
from ontology.model import Example, Ontology, Relation

NEAREST = 3
LONGEST = 300
"""Characters of an example's sentence: a longer one costs more than it shows."""

Line = tuple[str, str, str]


class OpenShots:
    """The labelled sentences of an ontology in the form of answers, and the chat that shows the nearest."""

    def __init__(
        self,
        ontology: Ontology,
        sentences: Sequence[tuple[Example, Sequence[Candidate]]],
        known: KnownNames,
        more: Callable[[Example, Sequence[Candidate]], Iterable[Line]],
        *,
        beside: Sequence[tuple[Example, Sequence[Candidate]]] = (),
    ) -> None:
        self._ontology = ontology
        labels = {relation.label for relation in ontology.extractable}
        self._sentences = {
            example: (mentions, lines)
            for example, mentions in (*sentences, *beside)
            if len(example.text) <= LONGEST
            and ((lines := _written(example, mentions, known, labels)) or not example.triples)
        }
        self._own = tuple(dict.fromkeys(example for example, _ in sentences if example in self._sentences))
        self._more = more
        self._answers: dict[Example, str] = {}
        self.examples = Examples(tuple(self._sentences), parts)
        name = ontology.iri.rstrip("/#").rpartition("/")[2].replace("-", " ").replace("_", " ")
        self._topic = name if name.replace(" ", "").isalpha() else ""

    @cached_property
    def digest(self) -> str:
        """`sha256:` of the instruction, the relations and the labelled sentences, or those made up in their place."""
        labelled = [(e.text, "\n".join(SEPARATOR.join(line) for line in e.triples)) for e in self._own]
        shown = labelled or made_up(self._ontology.extractable)
        return prefix_digest(self._system(self._ontology.extractable), shown)

    def nearest(self, sentence: str) -> tuple[Example, ...]:
        """The nearest labelled sentences but for the sentence itself, the nearest first."""
        return self.examples.nearest(sentence, NEAREST, without=sentence)

    def chat(self, sentence: str, relations: Sequence[Relation], near: Sequence[Example]) -> tuple[Message, ...]:
        """The messages that ask about a sentence; the nearest example comes last, made-up ones stand for none."""
        shown = [(e.text, self._answer(e)) for e in reversed(near)] or made_up(relations)
        return messages(self._system(relations), shown, sentence)

    def _system(self, relations: Sequence[Relation]) -> str:
        return system_message(self._topic, relations, self._ontology.classes)

    def _answer(self, example: Example) -> str:
        if example not in self._answers:
            mentions, lines = self._sentences[example]
            stated = {(relation, compared(value)) for _, relation, value in lines}
            lines = [*lines, *(m for m in self._more(example, mentions) if (m[1], compared(m[2])) not in stated)]
            lines.sort(key=lambda line: (example.text.find(line[2]), line))
            self._answers[example] = "\n".join(SEPARATOR.join(map(one_line, line)) for line in lines) or EMPTY
        return self._answers[example]


def _written(example: Example, mentions: Sequence[Candidate], known: KnownNames, labels: set[str]) -> list[Line]:
    """The example's triples with both ends as they stand in its text; those that do not stand there are left out."""
    found = []
    for subject, relation, value in example.triples:
        ends = [_standing(example.text, mentions, name, relation, known) for name in (subject, value)]
        if relation in labels and ends[0] and ends[1] and ends[0] != ends[1]:
            found.append((ends[0], relation, ends[1]))
    return list(dict.fromkeys(found))


def _standing(text: str, mentions: Sequence[Candidate], name: str, relation: str, known: KnownNames) -> str:
    """How the text writes a name: as it is, in another case or form, or by another name that is known; "" if not."""
    if name in text:
        return name
    at = text.casefold().find(name.casefold())
    if at >= 0 and text[at : at + len(name)].casefold() == name.casefold():
        return text[at : at + len(name)]
    wanted = compared(name)
    for mention in mentions:
        if wanted in (compared(mention.text), compared(known.name(relation, mention.text))):
            return mention.text
    return ""
