"""An ontology of thousands of terms: the prompt shows the part that a sentence is about, and stays short."""

import random

import httpx
import pytest
from scripted import ScriptedModel, document_of

from extractors.reading.chat_reader import ChatReader
from extractors.reading.reader import Passage
from ontology.model import Class, Example, Ontology, Relation

NS = "https://example.org/"
CHOICE = random.Random(1)
WORDS = ["".join(CHOICE.choice("bdfglmnprst") + CHOICE.choice("aeiou") for _ in range(3)) for _ in range(3000)]


def words(count):
    return " ".join(CHOICE.sample(WORDS, count))


CLASSES = {f"{NS}c{n}": Class(f"{NS}c{n}", words(2)) for n in range(1500)}
RELATIONS = {
    f"{NS}r{n}": Relation(f"{NS}r{n}", words(2), words(20), (f"{NS}c{n}",), (f"{NS}c{n + 1}",)) for n in range(1000)
}
FAR, NEAR = RELATIONS[f"{NS}r7"], RELATIONS[f"{NS}r8"]
LABELLED = tuple(Example(f"Abel {n} sang with Cain.", ((f"Abel {n}", FAR.label, "Cain"),)) for n in range(3))
ONTOLOGY = Ontology(NS, "ipfs://x", CLASSES, RELATIONS, LABELLED)


@pytest.fixture(scope="module")
def reader():
    return ChatReader(ScriptedModel(), ONTOLOGY)


def asked(reader, text):
    document, chunk = document_of(text)
    return reader._questions.of(Passage(document, chunk, chunk.sentences[0]))


def test_the_relation_that_the_sentence_is_about_is_offered_and_the_prompt_is_short(reader):
    question = asked(reader, f"Abel 9 {' '.join(NEAR.comment.split()[:6])} Cain.")
    assert NEAR.label in {branch.relation.label for branch in question.answers.branches}
    assert sum(len(message.content) for message in question.chat()) < 4000


def test_relations_of_the_nearest_labelled_sentences_are_always_offered(reader):
    question = asked(reader, "Abel 9 sang with Cain.")
    assert FAR.label in {branch.relation.label for branch in question.answers.branches}


@pytest.mark.model
def test_the_prompt_has_less_than_1500_tokens(reader, local_server):
    url, headers = local_server
    content = "\n".join(message.content for message in asked(reader, f"Abel 9 {NEAR.comment} Cain.").chat())
    tokens = httpx.post(f"{url}/tokenize", json={"content": content}, headers=headers).json()["tokens"]
    assert 100 < len(tokens) < 1500
