"""From a chunk to claims: what is asked, what is taken, what is refused and why."""

from decimal import Decimal

import pytest
from pyoxigraph import NamedNode
from scripted import ScriptedModel, document_of

from extractors.models.answers import AnswerCache, AnswersRefused, call_digest
from extractors.models.errors import ModelRefusedCall, ModelUnreachable
from extractors.models.protocol import Completion, Constraint, Message, ModelIdentity, TokenChoice
from extractors.reading.chat_reader import ChatReader
from extractors.reading.confidence import confidences
from extractors.reading.extractor import Extractor, Status
from extractors.reading.reader import Passage
from kg.claims.iris import Mint, eip
from kg.claims.model import Trust
from kg.claims.quads import claim_quads
from kg.claims.vocabulary import LABEL, STANDARDS, TYPE
from ontology.grammar import Listed, Term, Triple
from ontology.loader import load
from ontology.model import Relation

ONTOLOGY = load("ethereum-standards")
MINT = Mint("https://graph.example/")


def extractor(model, *, answers=None, **more):
    return Extractor(ChatReader(model, ONTOLOGY, answers=answers), ONTOLOGY, MINT, **more)


def triples(result):
    return [claim.statements[0] for claim in result.claims]


def std(name):
    return NamedNode(STANDARDS + name)


def test_a_stated_relation_becomes_a_claim_with_its_evidence():
    document, chunk = document_of("Any NFT has an owner.", "This standard 😀 requires [ERC-165](./eip-165.md).")
    result = extractor(ScriptedModel("This standard | requires | ERC-165")).extract(document, chunk)
    assert result.status is Status.DONE
    (claim,) = result.claims
    assert claim.statements == ((eip(721), std("requires"), eip(165)),)
    assert document.text[claim.span.start : claim.span.end] == claim.span.quote == chunk.sentences[1].text
    assert claim.activity.trust is Trust.INFERRED
    assert claim.activity.source == document.cid
    parameters = dict(claim.activity.agent.parameters)
    assert parameters["model"] == "scripted"
    assert parameters["modelDigest"] == "sha256:00"
    assert parameters["ontology"].startswith("ipfs://")
    assert parameters["promptDigest"].startswith("sha256:")
    assert (result.usage.calls, result.usage.tokens_in, result.usage.tokens_out) == (1, 10, 3)


def test_a_sentence_in_which_nothing_can_be_related_costs_no_call():
    document, chunk = document_of("A token has a name.", "Tokens of ERC-20 are many.")
    result = extractor(ScriptedModel()).extract(document, chunk)
    assert result.status is Status.EMPTY
    assert result.reason == "no relation can be formed in these sentences"
    assert result.usage.calls == 0


@pytest.mark.parametrize(
    "text",
    [
        "This standard does not require ERC-165.",
        "Contracts of this standard MAY also implement ERC-165.",
        "Does this standard require ERC-165?",
    ],
)
def test_what_is_not_stated_is_not_asked_and_the_reason_is_kept(text):
    document, chunk = document_of(text)
    result = extractor(ScriptedModel()).extract(document, chunk)
    assert result.status is Status.EMPTY
    assert result.rejected[0][0] == text


def test_what_is_too_long_for_a_sentence_is_not_asked():
    document, chunk = document_of("ERC-777 extends ERC-20 " + "and more " * 400)
    result = extractor(ScriptedModel()).extract(document, chunk)
    assert result.status is Status.EMPTY
    assert "too long" in result.rejected[0][1]


def test_the_grammar_offers_one_direction_only():
    document, chunk = document_of("ERC-777 extends ERC-20.")
    model = ScriptedModel("none")
    result = extractor(model).extract(document, chunk)
    assert result.status is Status.EMPTY
    assert result.reason == "none of the relations was found"
    grammar = model.calls[0][1].gbnf
    assert "ERC-777 \\x7C extends \\x7C ERC-20" in grammar
    assert "ERC-20 \\x7C extends \\x7C ERC-777" not in grammar


def test_the_passive_is_offered_the_other_way_round():
    document, chunk = document_of("ERC-820 was superseded by ERC-1820.")
    result = extractor(ScriptedModel("ERC-1820 | supersedes | ERC-820")).extract(document, chunk)
    assert triples(result) == [(eip(1820), std("supersedes"), eip(820))]


def test_an_answer_off_the_grammar_is_asked_again_once_then_rejected():
    document, chunk = document_of("ERC-777 extends ERC-20.")
    model = ScriptedModel("ERC-777 | is | nice", "ERC-20 | extends | ERC-20\nERC-777 | extends | ERC-20")
    result = extractor(model).extract(document, chunk)
    assert triples(result) == [(eip(777), std("extends"), eip(20))]
    assert result.rejected == (("ERC-20 | extends | ERC-20", "the answer is none of the lines offered"),)
    assert "ERC-777 | extends | ERC-20" in model.calls[1][0][-1].content


def test_a_model_that_fails_fails_the_chunk_and_the_next_run_goes_on(tmp_path):
    document, chunk = document_of("ERC-777 extends ERC-20.", "ERC-777 requires ERC-1820.")
    with_answers = {"answers": AnswerCache(tmp_path / "answers.sqlite")}
    broken = ScriptedModel("ERC-777 | extends | ERC-20", ModelUnreachable("gone", remedy="wait"))
    result = extractor(broken, **with_answers).extract(document, chunk)
    assert (result.status, result.claims) == (Status.FAILED, ())
    assert result.reason == "model-unreachable: gone"
    again = extractor(ScriptedModel("ERC-777 | requires | ERC-1820"), **with_answers).extract(document, chunk)
    assert (again.status, again.usage.calls, again.usage.kept, len(again.claims)) == (Status.DONE, 1, 1, 2)
    last = extractor(ScriptedModel(), **with_answers).extract(document, chunk)
    assert (last.usage.calls, last.usage.kept) == (0, 2)
    assert last.claims == again.claims
    with_answers["answers"].close()


def test_a_call_that_no_chunk_would_get_past_is_raised():
    document, chunk = document_of("ERC-777 extends ERC-20.")
    with pytest.raises(ModelRefusedCall):
        extractor(ScriptedModel(ModelRefusedCall("no key", remedy="give one"))).extract(document, chunk)


def test_events_get_the_iri_of_their_declaration_else_one_of_their_document():
    text = "`mint` MUST emit the `Minted` event.\n\n```solidity\nevent Minted(address indexed to);\n```\n"
    document, _ = document_of(text)
    _, chunk = document_of("`mint` MUST emit the `Minted` event.")
    (claim,) = extractor(ScriptedModel("mint | emits | Minted")).extract(document, chunk).claims
    subject, predicate, value = claim.statements[0]
    assert predicate == std("emits")
    assert subject.value == f"{document.subject}#function:mint"
    assert value.value == f"{document.subject}#event:Minted(address)"
    assert [(s, p) for s, p, _ in claim.statements[1:]] == [(subject, LABEL), (subject, TYPE)]


def test_claims_become_quads_without_any_trace_of_the_run():
    document, chunk = document_of("ERC-777 extends ERC-20.")
    runs = [extractor(ScriptedModel("ERC-777 | extends | ERC-20")).extract(document, chunk) for _ in range(2)]
    first, second = (sorted(map(str, claim_quads(MINT, run.claims))) for run in runs)
    assert first == second


def test_a_claim_under_the_threshold_is_rejected():
    document, chunk = document_of("ERC-777 extends ERC-20.")
    unsure = (TokenChoice("ERC-777 | extends | ERC-20", -2.0, (("none", -0.2),)),)
    answer = Completion("ERC-777 | extends | ERC-20", 1, 1, "stop", unsure)
    result = extractor(ScriptedModel(answer)).extract(document, chunk)
    assert result.claims == ()
    assert "under 0.50" in result.rejected[0][1]
    kept = extractor(ScriptedModel(answer), min_confidence=Decimal(0)).extract(document, chunk)
    assert kept.claims[0].confidence == Decimal("0.14")


def test_only_what_the_grammar_allows_counts_against_a_line():
    relation = Relation("https://example.org/r", "extends")
    line = Triple(Term("A", 0, "a"), relation, Term("B", 9, "b"))
    tokens = [TokenChoice("A", -1.0, (("A", -1.0), ("Zebra", -0.1))), TokenChoice(" | extends | B", -0.5)]
    assert confidences(tokens, "A | extends | B", Listed((line,))) == {"A | extends | B": Decimal("1.00")}
    assert confidences([], "A | extends | B", Listed((line,))) == {}


def test_no_line_is_surer_than_the_one_before_it():
    relation = Relation("https://example.org/r", "extends")
    first, second = (Triple(Term("A", 0, "a"), relation, Term(name, 9, name)) for name in "BC")
    tokens = [TokenChoice("A | extends | B", -1.0, (("none", -1.0),)), TokenChoice("\n", -0.1)]
    tokens.append(TokenChoice("A | extends | C", -0.01))
    found = confidences(tokens, f"{first.line}\n{second.line}", Listed((first, second)))
    assert found == {first.line: Decimal("0.50"), second.line: Decimal("0.50")}


def test_a_dry_run_counts_what_would_be_asked():
    document, chunk = document_of("A token has a name.", "ERC-777 extends ERC-20.")
    reader = ChatReader(ScriptedModel(), ONTOLOGY)
    assert [reader.asks(Passage(document, chunk, s)) for s in chunk.sentences] == [False, True]


def test_every_part_of_a_call_is_in_its_digest():
    base = (ModelIdentity("m", "d", "r"), (Message("user", "a"),), Constraint("g", {}), 5)
    others = [
        (ModelIdentity("m", "d2", "r"), *base[1:]),
        (base[0], (Message("user", "b"),), *base[2:]),
        (base[0], (Message("system", "a"),), *base[2:]),
        (*base[:2], Constraint("h", {}), 5),
        (*base[:2], None, 5),
        (*base[:3], 6),
    ]
    assert len({call_digest(*call) for call in (base, *others)}) == 7


def test_answers_survive_and_damage_is_asked_again(tmp_path):
    path = tmp_path / "answers.sqlite"
    completion = Completion("é | x", 1, 2, "stop", (TokenChoice("é", -0.5, (("a", -1.0),)),))
    cache = AnswerCache(path)
    cache.put("k", completion)
    cache.put("bad", completion)
    cache._db.execute("UPDATE answer SET completion = '{' WHERE call = 'bad'")
    cache.close()
    again = AnswerCache(path)
    assert again.get("k") == completion
    assert again.get("bad") is None
    assert again.get("absent") is None
    assert len(again) == 2
    again.close()
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(AnswersRefused, match="delete the file"):
        AnswerCache(path)
