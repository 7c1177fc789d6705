"""A reader by a trained encoder: spans by token classification, their relations by classification of marked pairs.

`extractors.reading.encoder_training` makes one from labelled sentences; this reads with it. Both run
`extractors.models.encoder_program` by the Python that runs transformers. It knows only the relations that it was
trained on.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from extractors.documents.lead_in import lead_in
from extractors.mentions.candidates import Candidate, Shape
from extractors.models.errors import ModelUnreachable
from extractors.models.model_process import ModelProcess
from extractors.models.transformers_python import installed_versions, interpreter, loaded
from extractors.models.weights import default_cache
from extractors.models.weights_digest import folder_digest
from extractors.reading.ends import Ends
from extractors.reading.offered import too_long
from extractors.reading.polarity import doubt
from extractors.reading.reader import Found, Passage, Reading
from ontology.grammar import Triple
from ontology.model import Ontology, Relation

VERSION = "1"
"""Raised when the same weights and sentences give other findings."""
READING_SECONDS = 600.0
PROGRAM = Path(__file__).parents[1] / "models" / "encoder_program.py"
_SMALLER = "free memory, or use a smaller encoder"


class EncoderReader:
    """Reads with the encoder that `train_encoder` wrote into `folder`, in the terms of `ontology`.

    Raises BadModelFile for a folder without one, and MissingExtra without transformers.
    """

    def __init__(self, folder: Path, ontology: Ontology, *, cache: Path | None = None) -> None:
        self._folder, self._ontology, self._python = folder.absolute(), ontology, interpreter()
        digests = [folder_digest(self._folder / part, cache or default_cache()) for part in ("spans", "relations")]
        versions = installed_versions(self._python)
        self._identity = (*versions.items(), ("encoder", "sha256:" + "+".join(digests)))
        self._relations = {relation.label: relation for relation in ontology.extractable}
        self._ends = Ends(ontology, ())
        self._child: ModelProcess | None = None

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The rules, the weights and what runs them, and the ontology."""
        return (("reader", f"encoder {VERSION}"), *self._identity, ("ontology", self._ontology.digest))

    def asks(self, passage: Passage) -> bool:
        """Never: nothing that costs money is asked."""
        return False

    def read(self, passage: Passage) -> Reading:
        """What the sentence states; a sentence too long to be one is rejected.

        Raises BadModelFile, MissingExtra and ModelUnreachable.
        """
        sentence = passage.sentence
        if reason := too_long(sentence):
            return Reading(rejected=((sentence.text, reason),), read=False)
        found, rejected, mentions = [], [], {}
        for subject, label, value, sure in self._stated(sentence.aligned):
            relation = self._relations.get(label)
            ends = [
                Candidate(sentence.start + s, sentence.start + e, sentence.text[s:e], Shape.NAME)
                for s, e in (subject, value)
            ]
            triple = self._triple(ends[0], relation, ends[1]) if relation else None
            if triple is None:
                rejected.append((f"{ends[0].text} | {label} | {ends[1].text}", "does not fit the ontology"))
                continue
            introduced = lead_in(passage.document, sentence.start)
            if why := doubt(sentence.aligned, subject, value, lead_in=introduced, label=label):
                rejected.append((triple.line, why))
                continue
            found.append(Found(triple, max(Decimal(f"{sure:.2f}"), Decimal("0.01"))))
            mentions.update({(end.start, end.text): end for end in ends})
        return Reading(tuple(found), tuple(rejected), mentions)

    def close(self) -> None:
        """Ends the process that holds the weights."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def _triple(self, first: Candidate, relation: Relation, second: Candidate) -> Triple | None:
        """The two as the relation's ends; None where domain, range, datatype or list of values forbid it."""
        if not self._ends.terms.allows(second.text, relation):
            return None
        subject, value = self._ends.terms.term(first), self._ends.terms.term(second, relation)
        return Triple(subject, relation, value) if self._ends.fit(subject, relation, value) else None

    def _stated(self, text: str) -> list[tuple[tuple[int, int], str, tuple[int, int], float]]:
        child = self._running()
        try:
            child.write(json.dumps(text).encode())
            line = child.read(READING_SECONDS, "the encoder gave no answer", _SMALLER)
        except BaseException:
            child.kill()
            self.close()
            raise
        if not line:
            code, said = child.last_words()
            self.close()
            raise ModelUnreachable(f"the encoder's process ended (exit {code}): {said}", remedy=_SMALLER)
        return [((a[0], a[1]), label, (b[0], b[1]), sure) for a, label, b, sure in json.loads(line)]

    def _running(self) -> ModelProcess:
        if self._child is None:
            self._child = loaded(
                self._python,
                PROGRAM,
                ["read", str(self._folder)],
                self._folder.name,
                seconds=READING_SECONDS,
                what="the encoder was not loaded",
                remedy=_SMALLER,
            )
        return self._child
