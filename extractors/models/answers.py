"""The model's answers, kept under a digest of everything that produced them.

A second run over the same text with the same model, prompt and grammar asks nothing; a crash loses nothing, because an
answer is on disk before anything is made of it. The file is a cache: deleting it costs time only.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from anchoring.errors import InputRefused
from extractors.models.protocol import Completion, Constraint, Message, ModelIdentity, TokenChoice

FORMAT = 1


class AnswersRefused(InputRefused):
    """The file of kept answers cannot be used."""

    code = "answers-refused"


def call_digest(model: ModelIdentity, chat: Sequence[Message], constraint: Constraint | None, max_tokens: int) -> str:
    """`sha256:` of a call: model, messages, grammar and parameters. Temperature is always 0."""
    call = [
        FORMAT,
        asdict(model),
        [[m.role, m.content] for m in chat],
        constraint.gbnf if constraint else None,
        max_tokens,
    ]
    text = json.dumps(call, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


class AnswerCache:
    """Answers in an SQLite file. May be used by several processes and threads at once.

    Raises AnswersRefused where the file is no such cache. `:memory:` keeps them for the process only.
    """

    def __init__(self, path: Path | str) -> None:
        self._lock = threading.Lock()
        self._path = str(path)
        try:
            self._db = sqlite3.connect(self._path, timeout=30, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version not in (0, FORMAT):
                raise self._refused(f"has format {version}, this program writes {FORMAT}")
            self._db.execute("CREATE TABLE IF NOT EXISTS answer (call TEXT PRIMARY KEY, completion TEXT NOT NULL)")
            self._db.execute(f"PRAGMA user_version = {FORMAT}")
        except sqlite3.Error as error:
            raise self._refused(str(error)) from None

    def get(self, call: str) -> Completion | None:
        """The answer to the call of this digest, if it was given before."""
        with self._lock:
            try:
                row = self._db.execute("SELECT completion FROM answer WHERE call = ?", (call,)).fetchone()
            except sqlite3.Error as error:
                raise self._refused(str(error)) from None
        return _completion(row[0]) if row else None

    def put(self, call: str, completion: Completion) -> None:
        """Keeps the answer; it is on disk when this returns."""
        with self._lock:
            try:
                self._db.execute(
                    "INSERT OR REPLACE INTO answer VALUES (?, ?)",
                    (call, json.dumps(asdict(completion), separators=(",", ":"))),
                )
            except sqlite3.Error as error:
                raise self._refused(str(error)) from None

    def __len__(self) -> int:
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM answer").fetchone()[0])

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def _refused(self, why: str) -> AnswersRefused:
        return AnswersRefused(f"the kept answers in {self._path} cannot be used: {why}", remedy="delete the file")


def _completion(text: str) -> Completion | None:
    """The answer as it was kept; None where the row is damaged, so the model is asked again."""
    try:
        kept = json.loads(text)
        tokens = tuple(
            TokenChoice(t["text"], t["logprob"], tuple((o[0], o[1]) for o in t["others"])) for t in kept.pop("tokens")
        )
        return Completion(**kept, tokens=tokens)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None
