"""Training of an encoder that reads relations, from labelled sentences and a local encoder (a BERT or its kin).

What is written is there whole or not at all: it is made beside its place and moved there last.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

from anchoring.errors import WrongUsage
from extractors.evaluation.errors import LabelsRefused
from extractors.models.transformers_python import installed_versions, interpreter, not_loaded, started
from extractors.reading.encoder_reader import PROGRAM
from ontology.model import Example

EPOCHS = 20
RATE = 5e-5
"""The usual step for a pretrained encoder; one of random weights wants forty times as much."""
EPOCH_SECONDS = 86400.0


@dataclass(frozen=True)
class TrainedEncoder:
    """What an encoder was trained on: triples, those that taught it nothing, pairs of spans, and its last losses."""

    sentences: int
    triples: int
    left_out: int
    """Triples of which an end is no whole words of its sentence, both overlap, or another relates the same two."""
    relations: tuple[str, ...]
    pairs: int
    losses: dict[str, float]


def train_encoder(
    base: Path,
    examples: Sequence[Example],
    folder: Path,
    *,
    epochs: int = EPOCHS,
    rate: float = RATE,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> TrainedEncoder:
    """Fine-tunes the encoder in the folder `base` on labelled sentences, into the new folder `folder`.

    `progress` hears how many epochs are done, of how many. The same arguments give the same weights.
    Raises BadModelFile where the encoder cannot be loaded or trained, MissingExtra without transformers, WrongUsage
    for a folder that is in use, and LabelsRefused where no triple has both ends in its sentence.
    """
    tasks = [_task(example) for example in examples]
    labels = sorted({label for task in tasks for *_, label in task["pairs"] if label})
    if not labels:
        raise LabelsRefused(
            f"none of {len(examples)} labelled sentences has both ends of one of its triples, word by word",
            remedy="write subjects and objects as the sentences do",
        )
    _refuse_used(folder)
    python = interpreter()
    installed_versions(python)
    job = {"texts": tasks, "labels": labels, "epochs": epochs, "rate": rate, "seed": seed}
    with _new(folder) as unfinished:
        process = started(python, PROGRAM, ["train", str(base.absolute()), str(unfinished)])
        try:
            process.write(json.dumps(job).encode())
            while True:
                line = process.read(EPOCH_SECONDS, "an epoch did not end", "use a smaller encoder, or fewer sentences")
                if not line:
                    code, words = process.last_words()
                    raise not_loaded(base.absolute().name, code, words, "trained")
                said: dict[str, Any] = json.loads(line)
                if "losses" in said:
                    break
                progress(said["epochs"], 2 * epochs)
        finally:
            process.close()
    taught = sum(bool(label) for task in tasks for *_, label in task["pairs"])
    triples = sum(len(example.triples) for example in examples)
    return TrainedEncoder(len(tasks), taught, triples - taught, tuple(labels), said["pairs"], said["losses"])


def _task(example: Example) -> dict[str, Any]:
    """The spans of a labelled sentence, and of each two of them the relation, "" for none."""
    related: dict[tuple[tuple[int, int], tuple[int, int]], str] = {}
    for subject, relation, value in example.triples:
        one, other = _place(example.text, subject), _place(example.text, value)
        if one is not None and other is not None:
            related.setdefault((one, other), relation)
    spans = sorted({span for pair in related for span in pair})
    pairs = [(a, b, related.get((a, b), "")) for a, b in permutations(spans, 2) if a[1] <= b[0] or b[1] <= a[0]]
    return {"text": example.text, "spans": spans, "pairs": pairs}


def _place(text: str, part: str) -> tuple[int, int] | None:
    """Where the part first stands as whole words."""
    found = re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text)
    return found and found.span()


def _refuse_used(folder: Path) -> None:
    place = folder.resolve()
    if place.exists() and (not place.is_dir() or os.path.ismount(place) or any(place.iterdir())):
        raise WrongUsage(f"{folder} is in use", remedy="name a folder that does not exist yet")


@contextmanager
def _new(folder: Path) -> Iterator[Path]:
    """A folder beside `folder` that becomes it when the block ends well, and is gone otherwise."""
    place = folder.resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_name(f".{place.name[:100]}.{secrets.token_hex(6)}")
    unfinished.mkdir()
    try:
        yield unfinished
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    if place.exists():
        unfinished.chmod(place.stat().st_mode)
    try:
        unfinished.replace(place)
    except OSError as error:
        raise WrongUsage(
            f"{folder} cannot be written ({error.strerror}); what was trained stands in {unfinished}",
            remedy="move it to where it shall be",
        ) from None
