"""What the ledger knows of merges: those that somebody undid, which are never done again, and what all rest on."""

from __future__ import annotations

import json
from dataclasses import dataclass

from kg.jobs.ledger import Ledger, now


@dataclass(frozen=True, slots=True)
class UndoneMerge:
    """A merge that was undone: `alias` is none of `others`, which were one thing when it was taken out."""

    claim: str
    alias: str
    canonical: str
    rule: str
    key: str
    others: tuple[str, ...]
    reason: str


class Merges:
    """The part of the ledger that resolving and undoing write."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def undone(self) -> list[UndoneMerge]:
        """All merges that were undone, by claim."""
        rows = self._ledger.rows(
            "SELECT claim, alias, canonical, rule, merge_key, others, reason FROM undone_merge ORDER BY claim"
        )
        return [
            UndoneMerge(claim, alias, canonical, rule, key, tuple(json.loads(others)), reason)
            for claim, alias, canonical, rule, key, others, reason in rows
        ]

    def undo(self, merge: UndoneMerge) -> None:
        """Write down that a merge was undone."""
        self._ledger.run(
            "INSERT OR REPLACE INTO undone_merge VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *(merge.claim, merge.alias, merge.canonical, merge.rule, merge.key),
            *(json.dumps(merge.others), merge.reason, now()),
        )

    def restore(self, claim: str) -> None:
        """Forget that a merge was undone."""
        self._ledger.run("DELETE FROM undone_merge WHERE claim = ?", claim)

    def made_from(self) -> str:
        """What the merges that stand were made from, as `stand` was told; "" before the first time."""
        return "".join(row["made_from"] for row in self._ledger.rows("SELECT made_from FROM resolved"))

    def stand(self, made_from: str) -> None:
        """Write down what the merges of the graph were made from."""
        self._ledger.run("INSERT OR REPLACE INTO resolved VALUES (1, ?)", made_from)
