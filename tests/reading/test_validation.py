"""Claims that do not fit the ontology, their datatype or a shape are not let in, and the reader is told once."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

from scripted import ScriptedModel, document_of

from extractors.documents.load import load_document
from extractors.documents.model import Chunk, Sentence
from extractors.mentions.candidates import Candidate, Shape
from extractors.models.protocol import Completion
from extractors.reading.chat_reader import ChatReader
from extractors.reading.extractor import Extractor, Status
from extractors.reading.reader import Found, Passage, Reading, Usage
from kg.claims.iris import Mint
from kg.claims.vocabulary import XSD
from ontology.factored import Branch, Factored
from ontology.grammar import Term, Triple
from ontology.loader import load
from ontology.model import Class, Ontology, Relation

BASE = "https://example.org/"
FILM, PERSON = Class(BASE + "Film", "Film"), Class(BASE + "Person", "Person")
RELEASED = Relation(BASE + "released", "released", domain=(FILM.iri,), datatype=XSD + "date")
DIRECTOR = Relation(BASE + "director", "director", domain=(FILM.iri,), range=(PERSON.iri,))
FILMS = Ontology(BASE, "ipfs://x", {c.iri: c for c in (FILM, PERSON)}, {r.iri: r for r in (RELEASED, DIRECTOR)})
MINT = Mint("https://graph.example/")
SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://example.org/> .
ex:OneDirector a sh:NodeShape ; sh:targetSubjectsOf ex:director ;
    sh:property [ sh:path ex:director ; sh:maxCount 1 ; sh:message "a film here has one director" ] .
"""


class Telling:
    """Finds in each sentence what it is told to; keeps what it is told was wrong, then finds its second list."""

    def __init__(self, first, second=None):
        self.first, self.second = first, second
        self.told = []
        self.parameters = ()

    def read(self, passage):
        return self._reading(passage, self.first)

    def close(self):
        pass

    def _reading(self, passage, said):
        mentions, found = {}, []
        for subject, relation, value in said:
            terms = []
            for words in (subject, value):
                start = passage.document.text.index(words)
                mentions[start, words] = Candidate(start, start + len(words), words, Shape.NAME)
                terms.append(Term(words, start, words))
            found.append(Found(Triple(terms[0], relation, terms[1]), Decimal("0.90")))
        return Reading(tuple(found), (), mentions, True, Usage(calls=1))


class Repairing(Telling):
    """The same, but can be told."""

    def repair(self, passage, refused):
        self.told.append([(triple.line, reason) for triple, reason in refused])
        return self._reading(passage, self.second)


DOCUMENT, CHUNK = document_of("Night Train, by Ann Lee and Bo Ray, came out on 2019-02-30 or 2019-03-02.")


def test_a_value_that_is_none_of_its_datatype_is_refused_with_the_reason():
    extractor = Extractor(Telling([("Night Train", RELEASED, "2019-02-30")]), FILMS, MINT)
    result = extractor.extract(DOCUMENT, CHUNK)
    assert result.status is Status.EMPTY
    ((said, reason),) = result.rejected
    assert said == "Night Train | released | 2019-02-30"
    assert "is no date" in reason


def test_the_reader_is_told_once_and_what_it_then_finds_is_checked_too():
    reader = Repairing([("Night Train", RELEASED, "2019-02-30")], [("Night Train", RELEASED, "2019-03-02")])
    result = Extractor(reader, FILMS, MINT).extract(DOCUMENT, CHUNK)
    assert [claim.statements[0][2].value for claim in result.claims] == ["2019-03-02"]
    assert len(result.rejected) == 1
    assert result.usage.calls == 2
    ((line, reason),) = reader.told[0]
    assert (line, "is no date" in reason) == ("Night Train | released | 2019-02-30", True)

    stubborn = Repairing(reader.first, reader.first)
    result = Extractor(stubborn, FILMS, MINT).extract(DOCUMENT, CHUNK)
    assert (result.status, len(stubborn.told), len(result.rejected)) == (Status.EMPTY, 1, 1)


def test_a_reader_that_says_nothing_wrong_is_not_asked_again():
    reader = Repairing([("Night Train", DIRECTOR, "Ann Lee")], [])
    assert Extractor(reader, FILMS, MINT).extract(DOCUMENT, CHUNK).status is Status.DONE
    assert reader.told == []


def test_what_is_only_unsure_is_not_repaired():
    reader = Repairing([("Night Train", DIRECTOR, "Ann Lee")], [])
    result = Extractor(reader, FILMS, MINT, min_confidence=Decimal("0.95")).extract(DOCUMENT, CHUNK)
    assert reader.told == []
    assert result.rejected[0][1] == "confidence 0.90 is under 0.95"


def test_a_shape_of_the_users_own_refuses_and_stands_among_the_parameters(tmp_path):
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(SHAPES)
    two = [("Night Train", DIRECTOR, "Ann Lee"), ("Night Train", DIRECTOR, "Bo Ray")]
    assert len(Extractor(Telling(two), FILMS, MINT).extract(DOCUMENT, CHUNK).claims) == 2
    extractor = Extractor(Telling(two), FILMS, MINT, shapes=shapes)
    result = extractor.extract(DOCUMENT, CHUNK)
    assert result.claims == ()
    assert [reason for _, reason in result.rejected] == ["a film here has one director"] * 2
    assert dict(extractor.agent.parameters)["shapes"].startswith("sha256:")
    one = Extractor(Telling(two[:1]), FILMS, MINT, shapes=shapes).extract(DOCUMENT, CHUNK)
    assert len(one.claims) == 1


def test_what_code_reads_in_the_document_says_of_which_class_a_thing_is():
    text = (
        "---\neip: 90001\ntitle: T\nauthor: A (@a)\nstatus: Draft\ntype: Standards Track\ncategory: ERC\n"
        "created: 2020-01-01\n---\n\nIt emits Moved.\n\n```solidity\nevent Moved(address a);\n```\n"
    )
    document = load_document(text.encode(), name="eip-90001.md")
    start = text.index("It emits")
    chunk = Chunk(document.cid, 0, (), (Sentence(start, start + 15, "It emits Moved."),))
    ontology = load("ethereum-standards")
    requires = next(r for r in ontology.relations.values() if r.label == "requires")

    class Wrong(Telling):
        def read(self, passage):
            event = f"{document.subject}#event:Moved(address)"
            triple = Triple(Term("It", start, document.subject), requires, Term("Moved", start + 9, event))
            return Reading((Found(triple, Decimal("0.90")),), (), {}, True, Usage())

    result = Extractor(Wrong([]), ontology, MINT).extract(document, chunk)
    assert result.claims == ()
    assert 'the range of "requires" is Standard' in result.rejected[0][1]


def test_shapes_that_do_not_concern_a_claim_load_no_validator():
    """pySHACL takes a third of a second to load."""
    code = (
        "import sys\nfrom pyoxigraph import NamedNode as N\nfrom ontology.shacl import shape_violations\n"
        "said = (N('https://example.org/film'), N('https://example.org/director'), N('https://example.org/ann'))\n"
        "assert shape_violations([said]) == {}\nprint('pyshacl' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def chat_reader(*answers):
    model = ScriptedModel(*answers)
    return model, ChatReader(model, load("ethereum-standards"))


def test_the_chat_goes_on_with_what_was_wrong_and_cannot_say_it_again():
    document, chunk = document_of("This standard requires ERC-165, and it requires ERC-20.")
    model, reader = chat_reader("This standard | requires | ERC-165", "This standard | requires | ERC-20")
    passage = Passage(document, chunk, chunk.sentences[0])
    (found,) = reader.read(passage).found
    repaired = reader.repair(passage, [(found.triple, "ERC-165 is <|im_start|> no standard")])
    assert [f.triple.line for f in repaired.found] == ["This standard | requires | ERC-20"]
    first, second = model.calls
    assert second[0][: len(first[0])] == first[0]
    assert "This standard | requires | ERC-165: ERC-165 is < |im_start|> no standard" in second[0][-1].content
    assert "This standard \\x7C requires \\x7C ERC-165" not in second[1].gbnf
    assert "extends" not in second[1].gbnf


def test_where_nothing_else_could_be_said_the_model_is_not_asked():
    document, chunk = document_of("This standard requires ERC-165.")
    _, reader = chat_reader("This standard | requires | ERC-165")
    passage = Passage(document, chunk, chunk.sentences[0])
    (found,) = reader.read(passage).found
    assert reader.repair(passage, [(found.triple, "no")]).usage.calls == 0


def test_an_answer_that_was_cut_off_goes_on_once():
    document, chunk = document_of("This standard requires ERC-165, and it requires ERC-20.")
    whole, rest = "This standard | requires | ERC-165", "This standard | requires | ERC-20"
    model, reader = chat_reader(Completion(f"{whole}\nThis stan", 9, 9, "length"), rest)
    reading = reader.read(Passage(document, chunk, chunk.sentences[0]))
    assert [f.triple.line for f in reading.found] == [whole, rest]
    assert (reading.usage.calls, reading.rejected) == (2, ())
    assert model.calls[1][0][-2].content == whole

    cut = Completion(f"{whole}\nThis", 9, 9, "length")
    _, reader = chat_reader(cut, cut)
    reading = reader.read(Passage(document, chunk, chunk.sentences[0]))
    assert [f.triple.line for f in reading.found] == [whole]
    assert "cut off after 256 tokens, twice" in reading.rejected[0][1]


def test_a_repair_that_was_cut_off_goes_on_once_and_says_so_if_it_is_cut_off_again():
    document, chunk = document_of("This standard requires ERC-165, and it requires ERC-20, and it requires ERC-2981.")
    first, whole, rest = (f"This standard | requires | ERC-{number}" for number in (165, 20, 2981))
    cut = Completion(f"{whole}\nThis stan", 9, 9, "length")
    model, reader = chat_reader(first, cut, rest)
    passage = Passage(document, chunk, chunk.sentences[0])
    (found,) = reader.read(passage).found
    repaired = reader.repair(passage, [(found.triple, "no")])
    assert [f.triple.line for f in repaired.found] == [whole, rest]
    assert (repaired.usage.calls, repaired.rejected) == (2, ())
    assert model.calls[2][0][: len(model.calls[1][0])] == model.calls[1][0]
    assert model.calls[2][1].gbnf == model.calls[1][1].gbnf

    _, reader = chat_reader(first, cut, cut)
    (found,) = reader.read(passage).found
    repaired = reader.repair(passage, [(found.triple, "no")])
    assert [f.triple.line for f in repaired.found] == [whole]
    assert "cut off after 256 tokens, twice" in repaired.rejected[0][1]


def test_branches_without_what_was_refused():
    film, scott, year = (Term(name, n, name) for n, name in enumerate(("Alien", "Ridley Scott", "1979")))
    answers = Factored([Branch(DIRECTOR, (film,), (scott, year)), Branch(RELEASED, (film,), (year,))])
    left = answers.instead_of([Triple(film, DIRECTOR, year)])
    assert left.accepts("Alien | director | Ridley Scott")
    assert not left.accepts("Alien | director | 1979")
    assert not left.accepts("Alien | released | 1979")
