"""`triplock train-encoder`: make a reader of a local encoder and labelled sentences."""

from __future__ import annotations

import math
from pathlib import Path

import click

from kg.cli.failures import NothingKept
from kg.cli.labels import labelled
from kg.cli.output import Output, pass_output

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("train-encoder", short_help="Make a reader of a local encoder and labelled sentences.")
@click.argument("base", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("file", type=_FILE)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, metavar="FOLDER", help="Write it here."
)
@click.option("--labels", type=_FILE, help="The triples, where FILE has the texts only; joined by id.")
@click.option(
    "--epochs", type=click.IntRange(min=1), default=20, show_default=True, help="How often the sentences are gone over."
)
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    default=5e-5,
    show_default=True,
    help="Learning rate, the highest.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the new weights, and of the order.")
@pass_output
def train_encoder(
    output: Output, base: Path, file: Path, out: Path, labels: Path | None, epochs: int, rate: float, seed: int
) -> None:
    """Fine-tune the encoder in the folder BASE on the labelled sentences of FILE, JSON lines as for eval.

    BASE holds a BERT or its kin as Hugging Face transformers keeps it: configuration, tokenizer, safetensors. Nothing
    is fetched. `[model] use = "encoder:FOLDER"` reads with what is made, without a language model; it knows the
    relations that the sentences are labelled with. FOLDER is there whole or not at all: a run that is stopped leaves
    nothing and begins anew. Needs the extra transformers, here or in the Python that
    TRIPLOCK_TRANSFORMERS_PYTHON names.
    """
    from extractors.reading.encoder_training import train_encoder as learn
    from ontology.model import Example

    examples = [Example(text.text, text.triples) for text in labelled(file, labels)]
    if not math.isfinite(rate):
        raise click.UsageError(f"--rate {rate} is no rate")
    try:
        with output.progress() as progress:
            trained = learn(
                base,
                examples,
                out,
                epochs=epochs,
                rate=rate,
                seed=seed,
                progress=lambda done, total: progress("epochs", done, total),
            )
    except KeyboardInterrupt:
        raise NothingKept from None
    said = {
        "folder": str(out),
        "use": f"encoder:{out.absolute()}",
        "sentences": trained.sentences,
        "triples": trained.triples,
        "leftOut": trained.left_out,
        "relations": trained.relations,
        "pairs": trained.pairs,
        "losses": trained.losses,
    }
    shown = {"left out" if name == "leftOut" else name: value for name, value in said.items()}
    output.result(said, "\n".join(f"{name:<14}{_shown(value)}" for name, value in shown.items()))


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {number:.3f}" for name, number in value.items())
    return ", ".join(value) if isinstance(value, tuple) else str(value)
