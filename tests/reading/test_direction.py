"""Which end is the subject, where English says it plainly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import ScriptedModel, document_of

from extractors.models.protocol import Completion
from extractors.reading.chat_reader import ChatReader
from extractors.reading.direction import first_is_subject
from extractors.reading.reader import Passage
from ontology.model import Class, Example, Ontology, Relation

PLAIN = [
    # text, first end, second end, label, whether the first is the subject
    ("COMP is the governance token of Compound.", "COMP", "Compound", "governanceToken", False),
    ("COMP (an ERC-20 token) is the governance token for the protocol Compound.", "COMP", "Compound", "token", False),
    ("Robert Leshner, founder of Compound, spoke.", "Robert Leshner", "Compound", "founder", False),
    ("Stani Kulechov is the founder and CEO of Aave.", "Stani Kulechov", "Aave", "founder", None),
    ("The founder of Aave is Stani Kulechov.", "Aave", "Stani Kulechov", "founder", True),
    ("The native token of the Aave protocol (v3) is AAVE.", "Aave protocol", "AAVE", "native token", True),
    ("Aave's founder Stani Kulechov spoke.", "Aave", "Stani Kulechov", "founder", True),
    ("Aave founder Stani Kulechov spoke.", "Aave", "Stani Kulechov", "founder", True),
    ("Maple founded Kelbin.", "Maple", "Kelbin", "founder", None),
    ("Arbitrum Nova is part of the Arbitrum ecosystem.", "Arbitrum Nova", "Arbitrum", "part of", True),
    ("COMP is the governance token of Compound.", "COMP", "Compound", "governance token of", True),
    ("Stalker was written by the Strugatsky brothers.", "Stalker", "Strugatsky", "writtenBy", True),
    ("COMP is not the governance token of Uniswap.", "COMP", "Uniswap", "governance token", None),
    ("COMP is a token in the treasury of Uniswap.", "COMP", "Uniswap", "token", None),
    ("COMP and Compound", "COMP", "Compound", "governance token", None),
    ("A.B is the (c of D.", "A.B", "D", "(c", False),
    ("A is B.", "A", "B", "", None),
    ("Ann Lee is an employee of Google.", "Ann Lee", "Google", "employer", None),
    ("Vitalik is the owner of Foo Labs.", "Vitalik", "Foo Labs", "owns", None),
    ("The trainee of Bob is Ann.", "Bob", "Ann", "trainer", None),
    ("Aave is a type of Protocol.", "Aave", "Protocol", "type", None),
    ("Tempo is the game of Zed.", "Tempo", "Zed", "gas", None),
    ("HarperCollins published Tales.", "HarperCollins", "Tales", "publisher", None),
    ("The auditors of Aave are Ackee.", "Aave", "Ackee", "auditor", True),
]


@pytest.mark.parametrize(("text", "first", "second", "label", "expected"), PLAIN)
def test_what_is_said_plainly_is_read(text, first, second, label, expected):
    ends = [(text.rindex(name), text.rindex(name) + len(name)) for name in (first, second)]
    assert first_is_subject(text, *ends, label) is expected


@given(st.text(max_size=60), st.text(max_size=12), st.data())
def test_no_text_and_no_label_breaks_it(text, label, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=4, max_size=4)))
    assert first_is_subject(text, (cuts[0], cuts[1]), (cuts[2], cuts[3]), label) in (True, False, None)


@given(st.sampled_from(["the ", "of ", "is ", "token ", "governance ", " ", "("]), st.integers(1, 3000))
def test_long_repetitions_come_to_an_end(part, count):
    text = "A" + part * count + "B"
    assert first_is_subject(text, (0, 1), (len(text) - 1, len(text)), "governance token") in (True, False, None)
    before = f"{part * count}A is B"
    ends = (len(before) - 6, len(before) - 5), (len(before) - 1, len(before))
    assert first_is_subject(before, *ends, "governance token") in (True, None)


PROTOCOL = Class("https://x.example/Protocol", "protocol")
TOKEN = Class("https://x.example/Token", "token", name_pattern="[A-Z]{3,5}")
RELATION = Relation("https://x.example/t", "governance token")
TEXT = "COMP is the governance token of Compound."


def reading(answer, relation=RELATION, text=TEXT, examples=()):
    classes = {cls.iri: cls for cls in (PROTOCOL, TOKEN)}
    ontology = Ontology("https://x.example/", "", classes, {relation.iri: relation})
    reader = ChatReader(ScriptedModel(Completion(answer, 9, 9, "stop")), ontology, examples=examples)
    document, chunk = document_of(text)
    return reader.read(Passage(document, chunk, chunk.sentences[0]))


def stated(*arguments, **more):
    return [found.triple.line for found in reading(*arguments, **more).found]


def test_what_a_model_turned_round_is_turned_back():
    right = "Compound | governance token | COMP"
    assert stated("COMP | governance token | Compound") == [right]
    assert stated(right) == [right]
    assert stated(f"COMP | governance token | Compound\n{right}") == [right]


def test_what_the_ontology_forbids_is_left():
    only_tokens = Relation(RELATION.iri, RELATION.label, domain=(TOKEN.iri,))
    assert stated("COMP | governance token | Compound", only_tokens) == ["COMP | governance token | Compound"]


def test_what_is_not_offered_is_left():
    text = "COMP is the governance token of a lending protocol."
    said = "COMP | governance token | lending protocol"
    assert stated(said, text=text) == [said]


def test_both_ends_are_what_they_are_at_their_new_places():
    values = (("Alpha", "https://x.example/alpha"), ("Beta", "https://x.example/beta"))
    successor = Relation("https://x.example/s", "successor", values=values)
    text = "Alpha is the successor of Beta."
    for answer in ("Alpha | successor | Beta", "Beta | successor | Alpha\nAlpha | successor | Beta"):
        [found] = reading(answer, successor, text).found
        assert (found.triple.subject.identity, found.triple.object.identity) == ("name:beta", values[0][1])


def test_names_of_labelled_sentences_stay_with_the_object():
    example = Example("The token of Foo is comp.", (("Foo", "governance token", "Comp"),))
    said = "COMP | governance token | Compound\nCompound | governance token | COMP"
    [found] = reading(said, examples=[example]).found
    assert (found.triple.subject.name, found.triple.object.name) == ("", "Comp")


def test_a_doubted_line_that_was_turned_is_rejected_with_the_reason():
    text = "If COMP is the governance token of Compound, all is well."
    seen = reading("COMP | governance token | Compound", text=text)
    assert seen.found == ()
    [(line, why)] = seen.rejected
    assert line == "Compound | governance token | COMP"
    assert "supposed" in why
