"""Every input that the fuzzer kept, and every seed, once more, without atheris: none is a find."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import seeds
import targets

CORPUS = Path(__file__).with_name("corpus")


@pytest.mark.parametrize("name", targets.TARGETS)
def test_no_seed_and_no_kept_input_is_a_find(name, soak_scale):
    held = list(seeds.seeds(name))
    accepted = sum(targets.run(name, content) for content in held)
    assert accepted, "a target that accepts no seed tests nothing"
    packed = CORPUS / f"{name}.zip"
    if packed.exists():
        with zipfile.ZipFile(packed) as archive:
            members = archive.namelist()
            for member in members[:: max(1, len(members) // soak_scale(5_000))]:
                targets.run(name, archive.read(member))


def test_every_decoder_of_a_strangers_bytes_has_a_target():
    assert {"bundle", "car", "cbor", "dag-pb", "fraud", "line", "manifest", "nquads", "rlp"} <= set(targets.TARGETS)
