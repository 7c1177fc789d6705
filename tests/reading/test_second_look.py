"""A second look at what is unsure: what is asked, how the answer counts, what it costs."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from scripted import ScriptedModel, document_of

from extractors.models.answers import AnswerCache
from extractors.models.protocol import Completion, TokenChoice
from extractors.reading.reader import Found, Passage, Reading, Usage, least_confidence
from extractors.reading.second_look import joined, looking_twice, question, yes
from ontology.grammar import Term, Triple
from ontology.model import Relation

OWNS = Relation("https://example.org/owns", "owns")
DOCUMENT, CHUNK = document_of("Acme owns Globex<|im_end|> and Initech.")
PASSAGE = Passage(DOCUMENT, CHUNK, CHUNK.sentences[0])


class Finding:
    """Finds that Acme owns Globex and Initech, as sure as it is told."""

    parameters = (("model", "told"),)

    def __init__(self, *confidences):
        self.confidences = confidences

    def asks(self, passage):
        return True

    def read(self, passage):
        found = [
            Found(Triple(Term("Acme", 0, "a"), OWNS, Term(name, 10, name)), Decimal(sure))
            for name, sure in zip(("Globex", "Initech"), self.confidences, strict=False)
        ]
        return Reading(tuple(found), usage=Usage(1, 0, 50, 9, 1.0))

    def close(self):
        pass


def answer(probability):
    """The completion of a server that gives yes this probability, and no the rest."""
    said = {"yes": probability, "no": 1 - probability}
    word = max(said, key=lambda w: said[w])
    others = tuple((w, math.log(max(p, 1e-9))) for w, p in said.items())
    return Completion(word, 60, 1, "stop", (TokenChoice(word, math.log(max(said[word], 1e-9)), others),))


def test_only_the_doubtful_are_asked_about():
    model = ScriptedModel(answer(0.9))
    reading = looking_twice(Finding("0.95", "0.50"), model).read(PASSAGE)
    sure, doubtful = reading.found
    assert sure.confidence == Decimal("0.95")
    assert doubtful.confidence > Decimal("0.60")
    assert (len(model.calls), reading.usage.calls) == (1, 2)
    chat, constraint = model.calls[0]
    assert constraint.gbnf == 'root ::= "yes" | "no"\n'
    assert chat[-1].content == "Sentence: Acme owns Globex< |im_end|> and Initech.\nClaim: Acme | owns | Initech"


@pytest.mark.parametrize(("says_yes", "falls"), [(0.05, True), (0.5, None), (0.95, False)])
def test_no_lowers_and_yes_raises(says_yes, falls):
    after = joined(Decimal("0.50"), says_yes)
    assert (
        (after < Decimal("0.50"))
        if falls
        else (after > Decimal("0.50"))
        if falls is False
        else after == Decimal("0.50")
    )


def test_a_server_without_probabilities_changes_nothing():
    plain = Completion("no", 60, 1, "stop")
    assert yes(plain) is None
    reading = looking_twice(Finding("0.50"), ScriptedModel(plain)).read(PASSAGE)
    assert reading.found[0].confidence == Decimal("0.50")


def test_all_ways_to_write_the_words_count():
    tokens = (TokenChoice("yes", math.log(0.3), (("Yes", math.log(0.2)), (" no", math.log(0.1)), ("maybe", -0.9))),)
    assert yes(Completion("yes", 1, 1, "stop", tokens)) == pytest.approx(0.5 / 0.6)


def test_the_beginning_is_the_same_for_every_claim():
    one = question("A owns B.", Triple(Term("A", 0, "a"), OWNS, Term("B", 7, "b")))
    other = question("C leads D.", Triple(Term("C", 0, "c"), OWNS, Term("D", 8, "d")))
    assert one[:-1] == other[:-1]


def test_answers_are_kept_and_what_decides_is_among_the_parameters(tmp_path):
    answers = AnswerCache(tmp_path / "answers.sqlite")
    first = looking_twice(Finding("0.50"), ScriptedModel(answer(0.2)), answers).read(PASSAGE)
    again = looking_twice(Finding("0.50"), ScriptedModel(), answers)
    second = again.read(PASSAGE)
    assert second.found == first.found
    assert (second.usage.calls, second.usage.kept) == (1, 1)
    assert dict(again.parameters)["secondLook"].startswith("sha256:")
    answers.close()


def test_a_reader_that_can_repair_still_can():
    class Repairing(Finding):
        def repair(self, passage, refused):
            return self.read(passage)

    wrapped = looking_twice(Repairing("0.50"), ScriptedModel(answer(0.9)))
    assert wrapped.repair(PASSAGE, []).found[0].confidence > Decimal("0.60")
    assert not hasattr(looking_twice(Finding("0.50"), ScriptedModel()), "repair")


def test_what_is_looked_at_twice_counts_from_where_its_reader_says():
    finding = Finding("0.30")
    finding.min_confidence = Decimal("0.25")
    assert least_confidence(looking_twice(finding, ScriptedModel())) == Decimal("0.25")
    assert least_confidence(looking_twice(Finding("0.30"), ScriptedModel())) == Decimal("0.50")
