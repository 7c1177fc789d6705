"""What the ledger knows of versions: how far each one has come on its way to the chain.

built → pinned (its blocks are where the settings say) → signed (the transaction is written down) → sent → mined
→ final.
A reorganisation takes a version from mined or final back to sent. Beside the way stand `overtaken` (another publisher
was first, and nobody has said yet what to do) and `dropped` (it will never be published).
What others have put on the chain is `elsewhere`: known as a parent, and not held here.
Each step is written down when it is done, with its time, so that a killed process goes on where it stood.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kg.jobs.ledger import Ledger, now

UNSENT = ("built", "pinned")
"""A version in these states is replaced by a newer one under the same number."""

ANCHORED = ("mined", "final")
"""A version in these states stands in a block, as far as was seen."""


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """A version that was built here. Hashes are 0x text, CIDs their base32 text.

    `generation` is the store's when it was built; `attempts` the transactions as they were signed (a JSON list), so
    that the same one is sent again after a crash and never a second one; `transaction_hash` the one that counts, and
    `block_number` and `block_hash` where it was seen.
    """

    head: str
    number: int
    graph: str
    state: str
    parent: str
    root: str
    quads: int
    blocks: int
    manifest: str
    directory: str
    data: str
    generation: int
    attempts: str = ""
    transaction_hash: str = ""
    block_number: int | None = None
    block_hash: str = ""

    @property
    def anchored(self) -> bool:
        """Whether it stands in a block, as far as was seen."""
        return self.state in ANCHORED


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of a version: the state it came into, when (seconds since 1970), and what was to be said of it."""

    state: str
    at: float
    note: str


_COLUMNS = (
    "head, number, graph, state, parent, root, quads, blocks, manifest, directory, data, generation,"
    " attempts, transaction_hash, block_number, block_hash"
)


class Versions:
    """The part of the ledger that snapshots and publishing write."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def put(self, record: VersionRecord, note: str = "") -> None:
        """Write or replace a version; one that waits unsent under the same number is dropped."""
        with self._ledger.transaction() as db:
            db.execute(
                "UPDATE version SET state = 'dropped' WHERE graph = ? AND number = ? AND head != ?"
                " AND state IN ('built', 'pinned')",
                (record.graph, record.number, record.head),
            )
            before = db.execute("SELECT state FROM version WHERE head = ?", (record.head,)).fetchone()
            values = (
                *(record.head, record.number, record.graph, record.state, record.parent, record.root, record.quads),
                *(record.blocks, record.manifest, record.directory, record.data, record.generation),
                *(record.attempts, record.transaction_hash, record.block_number, record.block_hash),
            )
            marks = ", ".join("?" * len(values))
            db.execute(f"INSERT OR REPLACE INTO version ({_COLUMNS}, at) VALUES ({marks}, ?)", (*values, now()))  # noqa: S608 - fixed columns
            if note or before is None or before["state"] != record.state:
                db.execute("INSERT INTO transition VALUES (?, ?, ?, ?)", (record.head, record.state, now(), note))

    def drop_unsent(self, graph: str) -> None:
        """Drop what is built and was not sent."""
        self._ledger.run("UPDATE version SET state = 'dropped' WHERE graph = ? AND state IN ('built', 'pinned')", graph)

    def move(self, record: VersionRecord, state: str, note: str = "", **changes: object) -> VersionRecord:
        """The record in another state, written down; `note` is kept beside the step."""
        moved = replace(record, state=state, **changes)  # type: ignore[arg-type]
        self.put(moved, note)
        return moved

    def transitions(self, head: str) -> list[Transition]:
        """The steps of a version, in order."""
        rows = self._ledger.rows("SELECT state, at, note FROM transition WHERE head = ? ORDER BY rowid", head)
        return [Transition(*row) for row in rows]

    def all(self, graph: str | None = None) -> list[VersionRecord]:
        """The versions that were built here and not dropped, of one graph or of all, by number."""
        return [record for record in self.known(graph) if record.state != "elsewhere"]

    def known(self, graph: str | None) -> list[VersionRecord]:
        """What is known to be or was to be on the chain, here or elsewhere, of one graph or of all, by number."""
        query = (
            f"SELECT {_COLUMNS} FROM version WHERE state != 'dropped' AND (?1 IS NULL OR graph = ?1) ORDER BY number"  # noqa: S608
        )
        return [VersionRecord(*row) for row in self._ledger.rows(query, graph)]

    def moved_last(self) -> VersionRecord | None:
        """The version that was built or went on last and was not dropped, whichever graph it is of."""
        kept = "state NOT IN ('dropped', 'elsewhere')"
        query = f"SELECT {_COLUMNS} FROM version WHERE {kept} ORDER BY at DESC LIMIT 1"  # noqa: S608 - fixed columns
        rows = self._ledger.rows(query)
        return VersionRecord(*rows[0]) if rows else None

    def waiting(self, graph: str) -> VersionRecord | None:
        """The oldest version that is built but not final, if there is one."""
        left = [v for v in self.all(graph) if v.state != "final"]
        return left[0] if left else None

    def given_up(self) -> list[VersionRecord]:
        """Those of the versions that will not be published for which a transaction was signed, oldest first."""
        return [record for record in self.dropped() if record.attempts]

    def dropped(self) -> list[VersionRecord]:
        """The versions that were built and will never be published, oldest first."""
        query = f"SELECT {_COLUMNS} FROM version WHERE state = 'dropped' ORDER BY at"  # noqa: S608 - fixed columns
        return [VersionRecord(*row) for row in self._ledger.rows(query)]

    def latest(self, graph: str) -> VersionRecord | None:
        """The newest version that is known to be on the chain, built here or elsewhere: the next one's parent."""
        final = [v for v in self.known(graph) if v.state in ("final", "elsewhere")]
        return final[-1] if final else None
