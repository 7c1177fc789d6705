"""Which end is the subject, where English says it plainly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import ScriptedModel, document_of

from extractors.models.protocol import Completion
from extractors.reading.chat_reader import ChatReader
from extractors.reading.direction import first_is_subject
from extractors.reading.reader import Passage
from ontology.model import Class, Ontology, Relation

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
def test_long_repetitions_take_no_time(part, count):
    text = "A" + part * count + "B"
    assert first_is_subject(text, (0, 1), (len(text) - 1, len(text)), "governance token") in (True, False, None)


PROTOCOL, TOKEN = (
    Class("https://x.example/Protocol", "protocol"),
    Class("https://x.example/Token", "token", name_pattern="[A-Z]{3,5}"),
)
RELATION = Relation("https://x.example/t", "governance token")
TEXT = "COMP is the governance token of Compound."


def stated(answer, relation=RELATION):
    classes = {cls.iri: cls for cls in (PROTOCOL, TOKEN)}
    ontology = Ontology("https://x.example/", "", classes, {relation.iri: relation})
    reader = ChatReader(ScriptedModel(Completion(answer, 9, 9, "stop")), ontology)
    document, chunk = document_of(TEXT)
    return [found.triple.line for found in reader.read(Passage(document, chunk, chunk.sentences[0])).found]


def test_what_a_model_turned_round_is_turned_back():
    right = "Compound | governance token | COMP"
    assert stated("COMP | governance token | Compound") == [right]
    assert stated(right) == [right]
    assert stated(f"COMP | governance token | Compound\n{right}") == [right]


def test_what_the_ontology_forbids_is_left():
    only_tokens = Relation(RELATION.iri, RELATION.label, domain=(TOKEN.iri,))
    assert stated("COMP | governance token | Compound", only_tokens) == ["COMP | governance token | Compound"]
