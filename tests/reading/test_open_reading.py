"""General text under any ontology: what is asked, what labelled sentences teach, what becomes of the answer."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from gbnf_matcher import Grammar
from pyoxigraph import Literal, NamedNode
from scripted import ScriptedModel, document_of

from extractors.documents.chunks import chunks
from extractors.documents.load import load_document
from extractors.mentions.candidates import Candidate, Shape
from extractors.models.protocol import Completion, TokenChoice
from extractors.reading import open_questions
from extractors.reading.chat_reader import ChatReader
from extractors.reading.extractor import Extractor, Status
from extractors.reading.reader import Found, Passage, Reading
from kg.claims.iris import Mint
from kg.claims.vocabulary import LABEL, XSD
from kg.workspace.evaluation import stated
from ontology.grammar import Term, Triple
from ontology.loader import loads
from ontology.model import Example, Relation

MINT = Mint("https://graph.example/")
FILMS = loads(
    b"""
    @prefix : <https://films.example/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    :Film a owl:Class . :Person a owl:Class .
    :director a owl:ObjectProperty ; rdfs:domain :Film ; rdfs:range :Person ; rdfs:comment "who made the film" .
    :genre a owl:ObjectProperty ; rdfs:domain :Film .
    :released a owl:DatatypeProperty ; rdfs:domain :Film ; rdfs:range xsd:date .
    """,
    "films.ttl",
)
NAMES = ["Alien", "Blade", "Casino", "Dune", "Elf", "Fargo", "Gandhi", "Heat", "Ikiru", "Jaws", "Klute", "Logan"]
NAMES += ["Mank", "Network", "Oldboy"]
MAKERS = ["Ann Lee", "Bo Katz", "Cy Rand", "Di Moon", "Ed Pine", "Flo West", "Gus Hart"]


def labelled():
    """Sentences of one form a relation."""
    found = []
    for n, name in enumerate(NAMES):
        maker, kind = MAKERS[n % 7], ("Horror film", "Comedy")[n % 2]
        found += [
            Example(f"{name} was directed by {maker} in the winter.", ((name, "director", maker),)),
            Example(f"Critics saw {name} as a {kind.lower()} of its time.", ((name, "genre", kind),)),
            Example(f"{name} came to cinemas on {n + 1} May 1990.", ((name, "released", f"{n + 1} May 1990"),)),
        ]
    return found


@pytest.fixture(scope="module")
def learned():
    """A reader that has learned; its model is exchanged by each test."""
    return ChatReader(ScriptedModel(), FILMS, examples=labelled())


@pytest.fixture
def asks_always(monkeypatch):
    """No sentence is settled by what is learned."""
    monkeypatch.setattr(open_questions, "_SETTLED", 1.1)


def question(reader, text):
    document, chunk = document_of(text)
    return reader._questions.of(Passage(document, chunk, chunk.sentences[0]))


def extract(reader, text, *answers, **more):
    reader.model = ScriptedModel(*answers)
    document, chunk = document_of(text)
    return document, Extractor(reader, FILMS, MINT, **more).extract(document, chunk)


def test_without_labelled_sentences_every_relation_is_offered_between_the_spans_that_fit():
    reader = ChatReader(ScriptedModel(), FILMS)
    asked = question(reader, "Stalker was directed by Andrei Tarkovsky and released on 25 May 1979.")
    grammar = Grammar(asked.answers.gbnf)
    assert grammar.accepts("Stalker | director | Andrei Tarkovsky\nStalker | released | 25 May 1979")
    assert not grammar.accepts("Stalker | released | Andrei Tarkovsky"), "its range is a date"
    assert not grammar.accepts("25 May 1979 | director | Andrei Tarkovsky"), "a date makes no film"
    assert not grammar.accepts("Stalker | director | Steven Spielberg"), "no span of the text"
    system = asked.chat()[0].content
    assert "- director: who made the film" in system
    assert "- genre (Film - any)" in system or "- genre (film - any)" in system


def test_claims_have_typed_values_and_names():
    text = "Stalker was directed by Andrei Tarkovsky and came to cinemas on 25 May 1979."
    answer = "Stalker | director | Andrei Tarkovsky\nStalker | released | 25 May 1979"
    document, result = extract(ChatReader(ScriptedModel(), FILMS), text, answer)
    assert result.status is Status.DONE
    director, released = (claim.statements for claim in result.claims)
    film = NamedNode("https://films.example/director")
    assert director[0][1] == film
    assert {s[2].value for s in director if s[1] == LABEL} == {"Stalker", "Andrei Tarkovsky"}
    date = NamedNode("http://www.w3.org/2001/XMLSchema#date")
    assert released[0][2] == Literal("1979-05-25", datatype=date)
    for claim in result.claims:
        for span in (claim.span, claim.subject_span, claim.object_span):
            assert document.text[span.start : span.end] == span.quote


@pytest.mark.usefixtures("asks_always")
def test_the_nearest_labelled_sentences_are_shown_the_nearest_last_and_never_the_sentence_itself(learned):
    text = labelled()[3].text
    chat = question(learned, text).chat()
    shown = [m.content for m in chat if m.role == "user"]
    assert len(shown) == 4
    assert sum(text in content for content in shown) == 1
    assert all("was directed by" in content for content in shown)
    assert chat[-2].content.split(" | ")[1] == "director"
    assert chat[0] == question(learned, labelled()[4].text).chat()[0], "the first part is the same for all"


@pytest.mark.usefixtures("asks_always")
def test_what_is_learned_decides_what_is_offered(learned):
    answers = question(learned, "Zodiac was directed by Uma Stone in the winter.").answers
    assert answers.accepts("Zodiac | director | Uma Stone")
    assert not answers.accepts("Zodiac | released | Uma Stone")
    assert sum(len(branch.objects) for branch in answers.branches) < 30


@pytest.mark.usefixtures("asks_always")
def test_what_is_learned_weighs_the_answer(learned):
    line = "Zodiac | director | Uma Stone"
    said = Completion(line, 9, 9, "stop", (TokenChoice(line, -0.1),))
    _, right = extract(learned, "Zodiac was directed by Uma Stone in the winter.", said, min_confidence=Decimal(0))
    _, wrong = extract(learned, "Critics saw Zodiac as a comedy by Uma Stone.", said, min_confidence=Decimal(0))
    assert right.claims[0].confidence > wrong.claims[0].confidence


def test_a_known_name_is_called_as_in_the_labelled_sentences_and_stands_where_it_is_written(learned):
    _, result = extract(
        learned, "Critics saw Zodiac as a horror film of its time.", "Zodiac | genre | horror film",
        min_confidence=Decimal(0),
    )  # fmt: skip
    (claim,) = result.claims
    assert "Horror film" in {s[2].value for s in claim.statements if s[1] == LABEL}
    assert claim.object_span.quote == "horror film"


def test_a_string_is_written_as_labels_write_it_its_quote_as_the_text_does():
    iri = "https://films.example/released"
    films = replace(FILMS, relations={**FILMS.relations, iri: replace(FILMS.relations[iri], datatype=XSD + "string")})
    dates = [Example(f"{name} is a film of 1979.", ((name, "released", "01 January 1979"),)) for name in NAMES[:4]]
    reader = ChatReader(ScriptedModel("Zodiac | released | 1979"), films, examples=[*labelled(), *dates])
    document, chunk = document_of("Zodiac is a film of 1979.")
    result = Extractor(reader, films, MINT, min_confidence=Decimal(0)).extract(document, chunk)
    claim = next(c for c in result.claims if c.statements[0][1].value == iri)
    assert claim.statements[0][2].value == "01 January 1979"
    assert claim.object_span.quote == "1979"
    assert stated(claim, films).object == "01 January 1979"


def test_spans_that_begin_at_one_place_are_each_what_they_are():
    document, chunk = document_of("transfer taxes slow London.")
    name, words, city = (
        Candidate(0, 8, "transfer", Shape.FUNCTION), Candidate(0, 14, "transfer taxes", Shape.PHRASE),
        Candidate(20, 26, "London", Shape.NAME),
    )  # fmt: skip
    relation = FILMS.relations["https://films.example/director"]

    class Finding:
        parameters = ()

        def read(self, passage):
            ends = [Term(c.text, c.start, c.text) for c in (name, words, city)]
            found = tuple(Found(Triple(end, relation, ends[2]), Decimal("0.9")) for end in ends[:2])
            return Reading(found, mentions={(c.start, c.text): c for c in (name, words, city)})

    of_code, of_text = Extractor(Finding(), FILMS, MINT, shapes=None).extract(document, chunk).claims
    assert of_code.statements[0][0].value.endswith("#function:transfer")
    assert of_text.statements[0][0] == MINT.entity("transfer taxes")


def test_every_span_that_is_offered_is_among_the_mentions():
    text = "New York Times Square was directed by Uma Stone and came to cinemas on 25 May 1979."
    asked = question(ChatReader(ScriptedModel(), FILMS), text)
    terms = {t for branch in asked.answers.branches for t in (*branch.subjects, *branch.objects)}
    starts = {t.start for t in terms}
    assert len(starts) < len({(t.start, t.text) for t in terms}), "some begin at one place"
    for term in terms:
        assert asked.mentions[term.start, term.text].text == term.text


def test_what_is_denied_is_not_taken(learned):
    _, result = extract(learned, "Zodiac was not directed by Uma Stone.", "Zodiac | director | Uma Stone")
    assert result.claims == ()
    assert "denied" in result.rejected[0][1]


@pytest.mark.usefixtures("asks_always")
def test_a_line_that_the_limit_broke_off_is_dropped_the_others_stay(learned):
    text = "Zodiac was directed by Uma Stone in the winter."
    cut = Completion("Zodiac | director | Uma Stone\nZodiac | dir", 9, 256, "length")
    _, result = extract(learned, text, cut, "none", min_confidence=Decimal(0))
    assert len(result.claims) == 1
    assert result.rejected == ()


def test_equal_sentences_teach_the_same(learned):
    again = ChatReader(ScriptedModel(), FILMS, examples=labelled())
    text = "Zodiac was directed by Uma Stone in the winter."
    assert again.parameters == learned.parameters
    assert question(again, text).answers == question(learned, text).answers
    fewer = ChatReader(ScriptedModel(), FILMS, examples=labelled()[:-1])
    assert fewer.parameters != learned.parameters


@pytest.mark.usefixtures("asks_always")
def test_a_chat_model_that_is_not_held_to_the_grammar_is_told_what_is_allowed(learned):
    text = "Zodiac was directed by Uma Stone in the winter."
    good = json.dumps({"triples": [{"subject": "Zodiac", "relation": "director", "object": "Uma Stone"}]})
    _, result = extract(learned, text, "The film was made by her.", good, min_confidence=Decimal(0))
    assert len(result.claims) == 1
    assert "director" in learned.model.calls[1][0][-1].content


SHAPES = loads(
    b"""
    @prefix : <https://risk.example/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
    :S a sh:NodeShape ; sh:targetClass :Token ; sh:property [ sh:path :level ; sh:in ( "low" "very high" ) ] ,
        [ sh:path :chain ; sh:in ( :base :gnosis ) ] , [ sh:path :ticker ; sh:pattern "^[A-Z]{3,5}$" ] .
    """,
    "shapes.ttl",
)


def test_values_that_shapes_list_are_the_only_objects_and_have_their_iris():
    reader = ChatReader(ScriptedModel(), SHAPES)
    text = "The Dai stablecoin, ticker DAI, lives on Gnosis and its risk is very high."
    asked = question(reader, text)
    accepts = asked.answers.accepts
    assert accepts("Dai | level | very high")
    assert not accepts("Dai | level | Gnosis")
    assert accepts("Dai | ticker | DAI") is False, "one name by its letters"
    assert accepts("Dai | chain | Gnosis")
    assert not accepts("Gnosis | ticker | stablecoin")
    _, result = extract(reader, text, "Dai | chain | Gnosis")
    assert result.claims[0].statements[0][2] == NamedNode("https://risk.example/gnosis")


def test_what_it_stands_for_is_read_in_its_place_and_quoted_where_it_stands():
    text = "Maker issues the DAI token.\n\nThe token was directed by Ann Lee.\n"
    document = load_document(text.encode(), name="a.md")
    last = chunks(document)[-1]
    reader = ChatReader(ScriptedModel("DAI | director | Ann Lee"), FILMS)
    (claim,) = Extractor(reader, FILMS, MINT).extract(document, last).claims
    assert "Sentence: DAI was directed by Ann Lee." in reader.model.calls[0][0][-1].content
    assert (claim.subject_span.quote, claim.object_span.quote) == ("DAI", "Ann Lee")
    for span in (claim.span, claim.subject_span, claim.object_span):
        assert document.text[span.start : span.end] == span.quote


def test_a_sentence_in_which_nothing_is_likely_costs_no_call():
    quiet = [Example(f"The weather on that {n} day was quite nice to all in town.", ()) for n in range(150)]
    _, result = extract(
        ChatReader(ScriptedModel(), FILMS, examples=[*labelled(), *quiet]),
        "The weather on that long day was quite nice to all.",
    )
    assert (result.status, result.usage.calls) == (Status.EMPTY, 0)


@pytest.mark.usefixtures("asks_always")
def test_where_labelled_sentences_state_nothing_often_enough_no_model_is_asked(learned):
    text = "Zodiac was directed by Uma Stone in the winter."
    quiet = [Example(f"The weather on that {n} day was quite nice to all in town.", ()) for n in range(30)]
    assert question(learned, text).answers
    few, many = (ChatReader(ScriptedModel(), FILMS, examples=[*labelled(), *quiet[:n]]) for n in (2, 30))
    assert question(few, text).answers
    assert not question(many, text).answers
    _, result = extract(many, text)
    assert result.usage.calls == 0
    assert ("Zodiac", "Uma Stone") in {(c.subject_span.quote, c.object_span.quote) for c in result.claims}


def test_with_too_few_labelled_sentences_to_learn_from_an_empty_one_silences_no_model():
    told = [*labelled()[:9], Example("The weather on that day was nice.", ())]
    _, result = extract(
        ChatReader(ScriptedModel(), FILMS, examples=told),
        "Zodiac was directed by Uma Stone in the winter.", "Zodiac | director | Uma Stone",
    )  # fmt: skip
    assert (len(result.claims), result.usage.calls) == (1, 1)


def test_the_order_of_labelled_sentences_changes_little():
    quiet = [Example(f"The weather on that {n} day was quite nice to all in town.", ()) for n in range(len(labelled()))]
    alternating = [e for pair in zip(labelled(), quiet, strict=True) for e in pair]
    found = []
    for examples in (alternating, [*labelled(), *quiet], [*quiet, *labelled()]):
        reader = ChatReader(ScriptedModel(), FILMS, examples=examples)
        _, result = extract(reader, "Zodiac was directed by Uma Stone in the winter.", min_confidence=Decimal("0.25"))
        found.append({(c.subject_span.quote, c.object_span.quote) for c in result.claims if c.confidence > 0.5})
    assert found[0] == found[1] == found[2] == {("Zodiac", "Uma Stone")}


def test_relations_of_one_name_are_learned_as_one():
    iri = "https://films.example/directed"
    films = replace(FILMS, relations={**FILMS.relations, iri: Relation(iri, "director")})
    assert question(ChatReader(ScriptedModel(), films, examples=labelled()), "Zodiac was directed by Uma Stone.")


def test_what_is_settled_by_what_is_learned_costs_no_call(learned):
    _, result = extract(learned, "Zodiac was directed by Uma Stone in the winter.")
    assert result.usage.calls == 0
    assert ("Zodiac", "Uma Stone") in {(c.subject_span.quote, c.object_span.quote) for c in result.claims}
    document, chunk = document_of("Zodiac was directed by Uma Stone in the winter.")
    assert not learned.asks(Passage(document, chunk, chunk.sentences[0]))
