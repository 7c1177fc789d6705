"""What a system said of a text, kept as a line of JSON without the text: others can score it again from the data set.

Subjects and objects that stand in the text are kept as `[start, end]` in its code points, so the line carries none of
it. What does not stand there is the model's own wording and kept as it is, or, beyond `LONGEST` characters, by its
digest alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.extraction.adapter_process import Reply
from bench.extraction.calls import Call
from extractors.evaluation.model import Predicted, PredictedTriple

LONGEST = 80
Part = list[int] | str
KeptTriple = tuple[Part, str, Part, str, str]


@dataclass(frozen=True, slots=True)
class Result:
    """A system's answer to one text. `config` names the system, its setting, the model and the terms.

    `calls` has a row a call: status, how the answer ended, whether it is in the form that the system reads, prompt
    tokens, those of them that the server had kept, answer tokens, seconds, processor seconds of the model.
    """

    id: str
    config: str
    triples: tuple[KeptTriple, ...]
    calls: tuple[tuple[int, str, bool, int, int, int, float, float], ...]
    raised: str = ""
    logged: str = ""

    @property
    def broken(self) -> bool:
        """Whether an answer of the model was none, was cut off, or was not in form and nothing could be made of it."""
        cut = any(status != 200 or finish == "length" for status, finish, *_ in self.calls)
        return cut or (not self.triples and not all(row[2] for row in self.calls))

    @property
    def failed(self) -> bool:
        """Whether the text was lost, in whole or in part: a broken answer, an error that it raised or logged."""
        return self.broken or bool(self.raised) or "ERROR " in self.logged

    @property
    def silent(self) -> bool:
        """Whether it was lost and the system neither raised an error nor logged one."""
        return self.failed and not self.raised and not self.logged

    def predicted(self, text: str) -> Predicted:
        """The result as the scorers take it; an error that the system raised leaves the text without an answer."""
        triples = tuple(_read(text, triple) for triple in self.triples)
        rows = self.calls
        return Predicted(
            self.id, triples, sum(r[3] for r in rows), sum(r[5] for r in rows), sum(r[6] for r in rows), len(rows),
            self.raised,
        )  # fmt: skip


def result(id: str, config: str, text: str, reply: Reply, calls: Sequence[Call], parsed: Sequence[bool]) -> Result:
    """What is kept of a reply and the calls that it took."""
    rows = tuple(
        (c.status, c.finish, ok, c.tokens_in, c.tokens_cached, c.tokens_out, c.seconds, c.cpu_seconds)
        for c, ok in zip(calls, parsed, strict=True)
    )
    triples = tuple((_part(text, s), r[:LONGEST], _part(text, o), st, ot) for s, r, o, st, ot in reply.triples)
    return Result(id, config, triples, rows, _pathless(reply.raised)[:300], _pathless(reply.logged)[:300])


_PATH = re.compile(r"(?<![\w:/.])/(?:[\w.+@-]+/)+")


class Results:
    """The kept results of one system and setting on one data set, in the order of their making."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._by_id: dict[str, Result] = {}
        if path.exists():
            for line in path.read_text("utf-8").splitlines():
                kept = _result(json.loads(line))
                self._by_id[kept.id] = kept

    def has(self, id: str, config: str) -> bool:
        """Whether the text was read with just this configuration."""
        return id in self._by_id and self._by_id[id].config == config

    def get(self, id: str) -> Result | None:
        """The result of a text, with whatever configuration."""
        return self._by_id.get(id)

    def current(self) -> tuple[Result, ...]:
        """The results of the configuration that was run last: those of others are not to be mixed with them."""
        last = next(reversed(self._by_id.values()), None)
        return tuple(r for r in self if last is not None and r.config == last.config)

    def put(self, kept: Result) -> None:
        """Keeps a result instead of the one that was there; the file is there whole or as it was."""
        self._by_id.pop(kept.id, None)
        self._by_id[kept.id] = kept
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(f".{os.getpid()}")
        lines = (json.dumps(asdict(r), ensure_ascii=False, separators=(",", ":")) for r in self)
        partial.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        partial.replace(self.path)

    def __iter__(self) -> Iterator[Result]:
        return iter(self._by_id.values())


def _pathless(said: str) -> str:
    """What a system said, with file names for the paths of the machine.

    >>> _pathless("defined at /home/ann/lib/httpx/_client.py:1978")
    'defined at _client.py:1978'
    """
    return _PATH.sub("", said)


def _part(text: str, said: str) -> Part:
    start = text.find(said) if said else -1
    if start >= 0:
        return [start, start + len(said)]
    return said if len(said) <= LONGEST else "sha256:" + hashlib.sha256(said.encode()).hexdigest()


def _read(text: str, triple: KeptTriple) -> PredictedTriple:
    subject, relation, thing, _, _ = triple
    spans = [tuple(part) if isinstance(part, list) else None for part in (subject, thing)]
    names = [text[part[0] : part[1]] if isinstance(part, list) else part for part in (subject, thing)]
    return PredictedTriple(names[0], relation, names[1], None, None, spans[0], spans[1])  # type: ignore[arg-type]


def _result(line: dict[str, Any]) -> Result:
    rows = {name: tuple(tuple(row) for row in line[name]) for name in ("triples", "calls")}
    return Result(**{**line, **rows})
