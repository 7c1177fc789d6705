"""The data sets of the benchmark: samples that do not change, gold that is what the files say, no test text learnt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.extraction.data import core, eips, redocred, text2kgbench
from bench.extraction.data.task import DataSet, in_turns, shuffled
from extractors.evaluation.counts import Counts

Folder = Callable[[str], Path]


@pytest.fixture(scope="module")
def sentences(dataset: Folder) -> DataSet:
    return text2kgbench.load_data(dataset("tekgen").parent, 1)


def test_a_larger_sample_begins_with_the_smaller_one() -> None:
    assert shuffled(["a", "b", "c", "d"], 7) == shuffled(["d", "c", "b", "a"], 7)
    assert shuffled(["a", "b", "c", "d"], 7) != shuffled(["a", "b", "c", "d"], 8)
    assert in_turns([["a", "b", "c"], [], ["b", "d"]]) == ["a", "b", "c", "d"]


def test_thirty_sentences_are_ten_of_each_ontology_and_of_every_subset(sentences: DataSet) -> None:
    first = sentences.tasks[:30]
    for name in text2kgbench.ONTOLOGIES:
        mine = [task for task in first if task.topic == name]
        assert len(mine) == 10
        assert sum("verified" in task.subsets for task in mine) >= 6
        assert sum("unseen" in task.subsets for task in mine) == 2


def test_no_test_sentence_is_learnt_from(sentences: DataSet) -> None:
    tested = {task.labelled.text for task in sentences.tasks}
    for topic in sentences.topics.values():
        assert topic.examples
        assert not tested & {example.text for example in topic.examples}


def test_relations_of_the_gold_are_in_the_ontology(sentences: DataSet) -> None:
    for task in sentences.tasks:
        labels = {r.label.strip() for r in sentences.topics[task.topic].ontology.relations.values()}
        assert {relation for _, relation, _ in task.labelled.triples} <= labels


def test_half_of_the_companies_stand_in_no_relation(dataset: Folder) -> None:
    found = core.load_data(dataset("core_business_re").parent, 1)
    assert [bool(task.labelled.triples) for task in found.tasks[:4]] == [True, False, True, False]
    assert not {e.text for e in found.topics[core.TOPIC].examples} & {task.labelled.text for task in found.tasks}
    text = "Badgeville subsequently raised a $ 12M Series B Round in July 2011 , led by Norwest Venture Partners and"
    gold = [t.labelled.triples for t in found.tasks if t.labelled.text.startswith(text)]
    assert gold == [(("Norwest Venture Partners", "shareholder of", "Badgeville"),)]
    for task in found.tasks[:200]:
        for subject, _, thing in task.labelled.triples:
            assert subject in task.labelled.text
            assert thing in task.labelled.text


def test_evidence_texts_name_the_things_that_they_are_about(dataset: Folder) -> None:
    found = redocred.load_data(dataset("redocred").parent, 1)
    assert len(found.tasks) > 350
    triples = [(task.labelled.text, triple) for task in found.tasks for triple in task.labelled.triples]
    named = sum(s in text and o in text for text, (s, _, o) in triples)
    assert named / len(triples) > 0.9


def test_requirements_are_those_of_the_header_and_not_in_the_text(dataset: Folder) -> None:
    found = eips.load_data(dataset("eips").parent, 1)
    assert len(found.tasks) == 50
    for task in found.tasks:
        assert not task.labelled.text.startswith("---")
        assert "\nrequires:" not in task.labelled.text.split("##")[0]
        gold = eips.counts(task.labelled.triples, task.labelled.triples, task.about)
        assert gold == Counts(len(task.labelled.triples), len(task.labelled.triples), len(task.labelled.triples))


def test_naming_every_mentioned_proposal_scores_as_known(dataset: Folder) -> None:
    """A bound that was measured elsewhere: what is named at least twice is required, F1 about .70."""
    total = Counts()
    for task in eips.load_data(dataset("eips").parent, 1).tasks:
        named = eips.mentions(task.labelled.text)
        own = int(task.about.removeprefix("EIP-"))
        said = [(task.about, eips.REQUIRES, f"EIP-{n}") for n in {n for n in named if named.count(n) > 1} - {own}]
        total += eips.counts(task.labelled.triples, said, task.about)
    assert 0.6 < total.score.f1 < 0.75
