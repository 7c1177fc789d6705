"""What a workspace is told survives the file: each setting of a model written is the one read."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from kg.workspace.configuration import Configuration, ModelSettings, read, write

OTHER = {
    "second_look": "doubtful",
    "shapes": "none",
    "allow_packages": True,
    "sections": ("Abstract", 'The "rest"'),
    "weights": (),
    "timeout": 7.5,
    "price_in": 0.5,
    "price_out": 2.25,
}


@pytest.mark.parametrize("name", [field.name for field in fields(ModelSettings)])
def test_a_setting_of_the_model_is_written_and_read(tmp_path: Path, name: str) -> None:
    plain = Configuration()
    changed = replace(plain, model=replace(plain.model, **{name: OTHER.get(name, "another")}))
    assert changed != plain
    file = tmp_path / "triplock.toml"
    write(file, changed)
    assert read(file, {}) == changed
