"""What a person has said of inferred claims: accepted or rejected. No word of it gets into the graph."""

from __future__ import annotations

from dataclasses import dataclass, fields

from kg.jobs.ledger import Ledger, now

ACCEPTED = "accepted"
REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A person's word on a claim (its IRI), with all that is needed to learn from it after the claim is gone.

    The quote is `sentence`, code points `start` to `end` of the document `source`; `subject` and `object` are the words
    that name them, `statement` is what is claimed, in N-Triples. `quads` are the claim's own quads and those about it,
    as N-Quads, where it was rejected: they come back if the verdict is taken back.
    """

    claim: str
    verdict: str
    reason: str
    source: str
    start: int
    end: int
    sentence: str
    subject: str
    relation: str
    object: str
    statement: str
    quads: str = ""


class Verdicts:
    """The part of the ledger that review writes."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def put(self, verdict: Verdict) -> None:
        """Write a verdict, in place of an earlier one on the same claim."""
        values = [getattr(verdict, name) for name in _COLUMNS]
        places = ", ".join("?" * (len(values) + 1))
        query = f"INSERT OR REPLACE INTO verdict ({', '.join(_COLUMNS)}, at) VALUES ({places})"  # noqa: S608 - own names
        self._ledger.run(query, *values, now())

    def get(self, claim: str) -> Verdict | None:
        """The verdict on a claim, if there is one."""
        return next(iter(self._where("claim = ?", claim)), None)

    def all(self, verdict: str | None = None) -> list[Verdict]:
        """All verdicts, or those of one kind, in the order of documents and text."""
        return self._where("?1 IS NULL OR verdict = ?1", verdict)

    def drop(self, claim: str) -> None:
        """Forget the verdict on a claim."""
        self._ledger.run("DELETE FROM verdict WHERE claim = ?", claim)

    def refused(self) -> set[tuple[str, str]]:
        """(quote, statement) of each rejected claim: the same said again in the same words is refused again."""
        query = "SELECT sentence, statement FROM verdict WHERE verdict = ?"
        return {(row["sentence"], row["statement"]) for row in self._ledger.rows(query, REJECTED)}

    def _where(self, condition: str, value: object) -> list[Verdict]:
        query = f"SELECT {', '.join(_COLUMNS)} FROM verdict WHERE {condition} ORDER BY source, start, end, claim"  # noqa: S608
        return [Verdict(*row) for row in self._ledger.rows(query, value)]


_COLUMNS = tuple(field.name for field in fields(Verdict))
