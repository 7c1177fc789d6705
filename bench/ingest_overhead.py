"""What an ingest costs beside the model: `python -m bench.ingest_overhead [--model SPEC] [--profile] [FILE…]`.

Runs a whole ingest into a new workspace, and prints the processor seconds of this process (documents, claims, store,
ledger, kept answers, HTTP) beside those of the local model's process, for the first file alone and for all of them.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import resource
import tempfile
from dataclasses import replace
from pathlib import Path

from bench.extraction.overhead import child_seconds
from extractors.models.metering import Meter, Metered
from extractors.models.weights import WEIGHTS
from extractors.reading.chat_reader import ChatReader
from kg.workspace.configuration import Configuration
from kg.workspace.ingest import ingest
from kg.workspace.intake import IngestReport
from kg.workspace.reader import open_extractor
from kg.workspace.workspace import Workspace

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"
NAMES = ("erc-4626.md", "erc-721.md", "erc-1155.md")


def own_seconds() -> float:
    """Processor seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measured(files: list[Path], model: str, sections: list[str]) -> tuple[float, float, IngestReport]:
    """Processor seconds of this process and of the model's, and the report, of one ingest into a new workspace.

    Making the workspace and importing what that needs is left out.
    """
    plain = Configuration()
    settings = replace(plain, model=replace(plain.model, use=model))
    meter = Meter()
    with (
        tempfile.TemporaryDirectory() as folder,
        Workspace.init(Path(folder) / "kg", settings) as workspace,
        open_extractor(workspace, meter=meter) as extractor,
    ):
        begun = own_seconds()
        report = ingest(workspace, files, extractor=extractor, meter=meter, sections=sections)
        reader = extractor.reader if extractor else None
        metered = reader.model if isinstance(reader, ChatReader) else None
        model_seconds = child_seconds(metered.model) if isinstance(metered, Metered) else 0.0
        own = own_seconds() - begun
    return own, model_seconds, report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=[DOCUMENTS / name for name in NAMES])
    parser.add_argument("--model", default=f"local:{min(WEIGHTS)}")
    parser.add_argument("--sections", default="")
    parser.add_argument("--profile", action="store_true", help="print where this process spends its time")
    options = parser.parse_args()
    sections = options.sections.split(",") if options.sections else []
    print(f"{'files':>5}{'chunks':>8}{'calls':>7}{'beside s':>10}{'model s':>9}{'share':>8}")
    for files in (options.files[:1], options.files):
        profile = cProfile.Profile()
        if options.profile:
            profile.enable()
        own, model, report = measured(files, options.model, sections)
        profile.disable()
        chunks = sum(report.chunks.values())
        print(f"{len(files):>5}{chunks:>8}{report.calls:>7}{own:>10.2f}{model:>9.1f}{own / model:>8.1%}", flush=True)
        if options.profile:
            pstats.Stats(profile).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
