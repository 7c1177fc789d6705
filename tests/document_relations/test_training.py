"""A relation is learnt from headers that state it, to the same bytes, and read where no header states it."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from made_corpus import ONTOLOGY, corpus, memo

from extractors.document_relations.boosting import Settings
from extractors.document_relations.errors import RelationUnknown, TrainingRefused, WeightsRefused
from extractors.document_relations.reading import RelationReader
from extractors.document_relations.task import Task, task_of
from extractors.document_relations.training import train
from extractors.document_relations.weights import Weights, packaged
from extractors.documents.load import load_document
from kg.claims.iris import Mint
from kg.claims.model import Trust
from ontology.loader import loads

MINT = Mint("https://graph.example/")
MEMOS = loads(ONTOLOGY.encode(), "memos.ttl")
FEW = Settings(rounds=60)


@pytest.fixture(scope="module")
def weights() -> Weights:
    return train(corpus(), task_of(MEMOS, "depends on"), FEW)


def test_what_is_learnt_is_found_where_the_header_is_silent(weights: Weights) -> None:
    silent = memo(500, [3, 7], [8, 21], header=False)
    claims = list(RelationReader(weights).claims(silent, MINT))
    assert [claim.statements[0][2].value for claim in claims] == [
        "https://graph.example/entity/memo-3",
        "https://graph.example/entity/memo-7",
    ]
    for claim in claims:
        assert claim.activity.trust is Trust.INFERRED
        assert dict(claim.activity.agent.parameters)["modelDigest"] == weights.digest
        assert claim.span is not None
        assert silent.text[claim.span.start : claim.span.end] == claim.span.quote
        assert "MUST follow" in claim.span.quote or "hold here" in claim.span.quote
        assert claim.object_span is not None
        assert claim.object_span.quote.startswith("MEMO-")
        assert claim.confidence is not None
        assert claim.confidence > 0.5


def test_a_header_that_states_the_relation_is_believed(weights: Weights) -> None:
    assert list(RelationReader(weights).claims(memo(500, [3, 7], [8]), MINT)) == []


def test_a_document_about_something_else_is_left_alone() -> None:
    reader = RelationReader(packaged("ethereum-standards")[0])
    page = load_document(b"# A wallet\n\n## Specification\n\nWallets MUST implement ERC-20 and ERC-165.\n", name="a.md")
    assert {judged.identity[-6:] for judged in reader.judge(page)} == {"eip-20", "ip-165"}
    assert list(reader.claims(page, MINT)) == []


def test_the_same_documents_give_the_same_bytes_in_any_order_and_number(weights: Weights) -> None:
    documents = corpus()
    random.Random(1).shuffle(documents)
    again = train([*documents, documents[0]], task_of(MEMOS, "dependsOn"), FEW)
    assert again.to_json() == weights.to_json()


def test_the_bytes_are_the_same_on_every_machine(weights: Weights) -> None:
    # Changes with the features or the learning: then VERSION of reading.py rises, too, and the packaged weights anew.
    assert weights.digest == "sha256:2a36c6f5f0df3ae8879ef093ea5c63844a45181c7c0ebe1aef1f034f806507ae"


def test_documents_with_silent_headers_teach_nothing_but_what_silence_means(weights: Weights) -> None:
    alike = [memo(900 + n, [n], [n + 30], header=False) for n in range(1, 30)]
    needless = [memo(900 + n, [], [n + 30], header=False) for n in range(1, 30)]
    for silent, least, most in ((alike, -500, 0), (needless, -3000, -1000)):
        learnt = train([*corpus(), *silent], weights.task, FEW)
        assert (learnt.model, learnt.threshold, learnt.scale, learnt.shift) == (
            weights.model, weights.threshold, weights.scale, weights.shift,
        )  # fmt: skip
        assert least <= learnt.silent <= most
    assert train([*corpus(), *needless[:5]], weights.task, FEW).silent == 0, "too few to tell"


def test_a_silent_header_lowers_the_confidence_and_no_header_does_not(weights: Weights) -> None:
    wary = RelationReader(replace(weights, silent=-1500))
    sure, unsure = (
        list(RelationReader(w).claims(memo(500, [3], [8], header=False), MINT)) for w in (weights, wary.weights)
    )
    assert [c.statements for c in sure] == [c.statements for c in unsure]
    assert sure[0].confidence > unsure[0].confidence
    bare = replace(weights, task=replace(weights.task, subjects=""), silent=-1500)
    page = load_document(b"# A rule\n\nThe rules of MEMO-3 hold here, and an office MUST follow MEMO-3.\n", name="a.md")
    plain = RelationReader(replace(bare, silent=0)).claims(page, MINT)
    assert [c.confidence for c in RelationReader(bare).claims(page, MINT)] == [c.confidence for c in plain]


def test_advice_is_no_evidence_where_there_is_other(weights: Weights) -> None:
    def claimed(*sentences: str) -> list[str]:
        head = "---\nmemo: 500\ntitle: Memo\n---\n\n# Specification\n\n"
        page = load_document((head + " ".join(sentences)).encode(), name="memo-500.md")
        return [c.span.quote for c in reader.claims(page, MINT) if c.span]

    reader = RelationReader(replace(weights, threshold=-10_000))
    advice, duty = "An office SHOULD follow MEMO-3.", "The rules of MEMO-3 hold here."
    assert claimed(duty) == [duty]
    assert claimed(advice) == [advice], "authors list what they recommend, too"
    assert claimed(advice, duty) == [duty]


def test_weights_come_back_from_their_file(weights: Weights) -> None:
    content = weights.to_json().encode()
    read = Weights.from_json(content)
    assert read == weights
    assert json.loads(content)["origin"]["documents"] == 60


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"steps": {"mentions": [[1, 1.5]]}},
        {"steps": {"mentions": [[1]]}},
        {"bias": 10**12},
        {"pattern": "(["},
        {"fields": [1]},
    ],
)
def test_a_file_that_is_no_weights_is_refused(weights: Weights, change: dict[str, object]) -> None:
    document = json.loads(weights.to_json()) | change
    with pytest.raises(WeightsRefused):
        Weights.from_json(json.dumps(document).encode())


def test_no_json_is_refused() -> None:
    with pytest.raises(WeightsRefused):
        Weights.from_json(b"[" * 5000)


def test_too_few_documents_are_refused() -> None:
    with pytest.raises(TrainingRefused, match="5 documents state the relation"):
        train(corpus(5), task_of(MEMOS, "depends on"))


def test_a_relation_that_cannot_be_found_by_names_is_refused() -> None:
    with pytest.raises(RelationUnknown, match="no relation 'frees'"):
        task_of(MEMOS, "frees")
    with pytest.raises(RelationUnknown, match="no pattern"):
        task_of(MEMOS, "cites")
    with pytest.raises(RelationUnknown, match="no regular expression"):
        task_of(MEMOS, "cites", pattern="([")
    assert task_of(MEMOS, "cites", pattern="LAW-[0-9]+", fields=["laws"]).fields == ("laws",)


@pytest.mark.parametrize(
    ("value", "given"),
    [
        ("20, 721", {20, 721}),
        ("[20, EIP-721]", {20, 721}),
        ("ERC-20", {20}),
        ("20, 1000", {20}),
        ("soon", None),
        ("", None),
    ],
)
def test_what_a_header_states(value: str, given: set[int] | None) -> None:
    task = Task("https://example.org/requires", "(?:EIP|ERC)[- ]?[0-9]{1,5}", ("requires",))
    document = load_document(f"---\neip: 1000\nrequires: {value}\n---\nText.\n".encode(), name="eip-1000.md")
    stated = task.stated(document)
    if given is None:
        assert stated is None
    else:
        assert stated is not None
        assert len(stated) == len(given)
        assert {n for n in (20, 721, 1000, 5) if f"https://eips.ethereum.org/EIPS/eip-{n}" in stated} == given


def test_the_packaged_weights_tell_a_base_from_a_comparison() -> None:
    weights = packaged("ethereum-standards")[0]
    assert weights.task.relation.endswith("#requires")
    text = (
        "---\neip: 9999\ntitle: Locks\n---\n\n## Abstract\n\n"
        "This standard is an extension of [ERC-721](./eip-721.md).\n\n## Specification\n\n"
        "Contracts MUST implement [ERC-721](./eip-721.md).\n\n"
        "```solidity\ninterface IERC9999 is IERC721 {}\n```\n\n## Motivation\n\n"
        "Other proposals, such as ERC-1155, would need tokens of their own.\n"
    )
    document = load_document(text.encode(), name="eip-9999.md")
    judged = RelationReader(weights).judge(document)
    assert [(j.identity.rsplit("-", 1)[1], j.claimed) for j in judged] == [("721", True), ("1155", False)]
    assert judged[0].confidence > 0.8
    claim = next(iter(RelationReader(weights).claims(document, MINT)))
    assert claim.span is not None
    assert "ERC-721" in claim.span.quote
