"""triplock and its peers on the same texts, with the same local model, through one counting proxy.

    python -m bench.extraction.run [--data text2kgbench] [--sentences 30] [--peers all] [--settings shipped,best]
        [--minutes 60] [--model FILE.gguf]

Each text is read by every system in every setting before the next text, so a run that is stopped has compared them on
the same texts. What is there already is not done again: results stand in bench/extraction/results, answers of the
model in the cache folder. The sample is chosen by --seed and printed.
The data sets stand in the folder --datasets, else $TRIPLOCK_DATASETS.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.extraction.adapter_process import AdapterProcess, Reply, job
from bench.extraction.answer_forms import parses
from bench.extraction.calls import KeptAnswers
from bench.extraction.data.task import DataSet, Task, Topic
from bench.extraction.model_server import ModelServer
from bench.extraction.peers import ADAPTERS, PEERS, Peer, install
from bench.extraction.pieces import pieces
from bench.extraction.proxy import Proxy
from bench.extraction.results import Results, result
from extractors.models.weights import default_cache
from extractors.models.weights_digest import file_digest
from extractors.reading.examples import Examples
from ontology.model import Example

RESULTS = Path(__file__).parent / "results"
SETTINGS = ("shipped", "best")
DATA = ("text2kgbench", "core", "redocred", "eips")
TERMS = "terms.json"
SHOWN = 3
"""Labelled sentences that each system may show the model: those most alike to the text, by BM25."""
CONTEXT = 8192


@dataclass(frozen=True)
class Terms:
    """What is the same for all systems."""

    model: str
    model_digest: str
    runtime: str
    cap: int
    seconds: float


class Contender:
    """One system in one setting on one data set: its process and its results."""

    def __init__(self, peer: Peer, setting: str, folder: Path, terms: Terms, python: str, proxy: Proxy) -> None:
        self.peer, self.setting = peer, setting
        self.run = f"{peer.name}.{setting}"
        self.results = Results(folder / f"{self.run}.jsonl")
        self._terms, self._proxy = terms, proxy
        talk = default_cache() / "bench-extraction" / "talk" / f"{self.run}.txt"
        talk.parent.mkdir(parents=True, exist_ok=True)
        self._process = AdapterProcess(python, ADAPTERS / peer.adapter, seconds=terms.seconds, talk=talk)
        sources = b"".join(path.read_bytes() for path in peer.sources)
        named = f"{setting} {terms.model_digest} {terms.cap} {SHOWN}".encode()
        self.config = hashlib.sha256(sources + named).hexdigest()[:12]

    def read(self, task: Task, topic: Topic, nearest: Sequence[Example]) -> str:
        """Reads a text and keeps what came of it; a line that says so."""
        terms = self._terms
        said = job(topic, self._proxy.address(self.run), terms.model, self.setting, terms.cap)
        self._proxy.taken(self.run)
        text = task.labelled.text
        cut = [text] if self.peer.whole else pieces(text)
        parts = [self._process.extract(said, piece, nearest, task.about) for piece in cut]
        calls = self._proxy.taken(self.run)
        reply = Reply(
            tuple(triple for part in parts for triple in part.triples),
            next((part.raised for part in parts if part.raised), ""),
            " | ".join(part.logged for part in parts if part.logged),
        )
        parsed = [call.status == 200 and parses(call.content, self.peer.answers) for call in calls]
        kept = result(task.labelled.id, self.config, text, reply, calls, parsed)
        self.results.put(kept)
        took = f"{sum(c.tokens_in for c in calls)}+{sum(c.tokens_out for c in calls)} tokens"
        ended = kept.raised or ("broken" if kept.broken else "ok")
        seconds = sum(part.seconds for part in parts)
        found = f"{len(reply.triples):3} triples {took:18} {seconds:6.1f} s"
        return f"{self.run:24} {task.labelled.id:26} {found}  {ended[:80]}"

    def close(self) -> None:
        """Ends its process."""
        self._process.close()


def contenders(options: argparse.Namespace, data: DataSet, terms: Terms, proxy: Proxy) -> list[Contender]:
    """The systems that install; for the others the reason is kept beside the results."""
    names = [*PEERS] if options.peers == "all" else options.peers.split(",")
    found = []
    reasons = options.results / "not_installed.json"
    failed: dict[str, Any] = json.loads(reasons.read_text("utf-8")) if reasons.exists() else {}
    for name in names:
        installed = install(PEERS[name], default_cache())
        failed.pop(name, None)
        if installed.failed:
            failed[name] = installed.failed
            print(f"{name} did not install: {installed.failed}", file=sys.stderr)
            continue
        found += [
            Contender(PEERS[name], setting, options.results / data.name, terms, installed.python, proxy)
            for setting in options.settings.split(",")
        ]
    reasons.parent.mkdir(parents=True, exist_ok=True)
    reasons.write_text(json.dumps(failed, indent=1, sort_keys=True) + "\n", "utf-8")
    return found


def keep_terms(path: Path, terms: Terms, seed: int) -> None:
    """Beside the results, what they were made with."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {
        "model": terms.model, "sha256": terms.model_digest, "runtime": terms.runtime, "cap": terms.cap,
        "examples": SHOWN, "seed": seed,
    }  # fmt: skip
    path.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


def run(options: argparse.Namespace) -> None:
    """Reads the sample text by text until it is through or the time is over."""
    module = importlib.import_module(f"bench.extraction.data.{options.data}")
    data: DataSet = module.load_data(options.datasets, options.seed)
    sample = data.tasks[: options.sentences]
    print(f"{data.name}, seed {options.seed}: {' '.join(task.labelled.id for task in sample)}", file=sys.stderr)
    nearest = {name: Examples(topic.examples) for name, topic in data.topics.items()}
    ends = time.monotonic() + options.minutes * 60
    with ExitStack() as stack:
        server = stack.enter_context(ModelServer(options.model, threads=options.threads, context=CONTEXT))
        answers = KeptAnswers(default_cache() / "bench-extraction" / "answers")
        proxy = stack.enter_context(Proxy(server.address, server.key, answers, cap=options.cap, cpu=server.cpu_seconds))
        terms = Terms(
            options.model.stem, file_digest(options.model, default_cache()), server.runtime, options.cap,
            options.timeout,
        )  # fmt: skip
        keep_terms(options.results / data.name / TERMS, terms, options.seed)
        systems = contenders(options, data, terms, proxy)
        for system in systems:
            stack.callback(system.close)
        for task in sample:
            topic = data.topics[task.topic]
            shown = [
                e for e in nearest[topic.name].nearest(task.labelled.text, SHOWN + 1) if e.text != task.labelled.text
            ]
            for system in systems:
                if system.results.has(task.labelled.id, system.config):
                    continue
                if time.monotonic() > ends:
                    print("the time is over; the same command goes on from here", file=sys.stderr)
                    return
                print(system.read(task, topic, shown[:SHOWN]), flush=True)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=DATA, default=DATA[0])
    parser.add_argument("--datasets", type=Path, default=os.environ.get("TRIPLOCK_DATASETS"))
    parser.add_argument("--model", type=Path, default=os.environ.get("TRIPLOCK_MODEL_PATH"))
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder of kept results")
    parser.add_argument("--sentences", type=int, default=30)
    parser.add_argument("--peers", default="all", help=f"all, or some of {','.join(PEERS)}")
    parser.add_argument("--settings", default=",".join(SETTINGS))
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cap", type=int, default=512, help="most tokens of an answer, the same for all")
    parser.add_argument("--timeout", type=float, default=900.0, help="seconds for one system to read one text")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    if options.datasets is None or options.model is None:
        parser.error("give --datasets and --model, or TRIPLOCK_DATASETS and TRIPLOCK_MODEL_PATH")
    run(options)


if __name__ == "__main__":
    main()
