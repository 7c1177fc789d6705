"""Labelled texts that the settings or a flag name are what the extractor is shown."""

import pytest

from extractors.evaluation.errors import LabelsRefused
from kg.workspace.configuration import Configuration, ModelSettings, read, write
from kg.workspace.reader import labelled_examples
from ontology.model import Example

LINE = '{"text": "Ann wrote X.", "triples": [["X", "author", "Ann"]]}\n'


def test_a_file_beside_the_settings_or_given_by_hand_is_read(workspace, tmp_path):
    assert labelled_examples(workspace) == ()
    (tmp_path / "mine.jsonl").write_text(LINE)
    assert labelled_examples(workspace, str(tmp_path / "mine.jsonl")) == (
        Example("Ann wrote X.", (("X", "author", "Ann"),)),
    )


def test_the_settings_keep_the_file(tmp_path):
    path = tmp_path / "triplock.toml"
    write(path, Configuration(model=ModelSettings(examples="gold/mine.jsonl")))
    assert read(path).model.examples == "gold/mine.jsonl"


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b'{"triples": []}'])
def test_a_file_that_holds_no_labels_is_refused_by_name(workspace, tmp_path, content):
    path = tmp_path / "labels.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LabelsRefused, match=r"labels\.jsonl"):
        labelled_examples(workspace, str(path))
