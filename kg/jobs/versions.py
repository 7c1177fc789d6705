"""What the ledger knows of versions: how far each one has come on its way to the chain.

built → prepared (signed transaction written down) → sent → settled. A version that was overtaken is `dropped`.
What another workspace of the same publisher has put on the chain is `elsewhere`: known as a parent, and not held here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kg.jobs.ledger import Ledger, now


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """A version that was built here. Hashes are 0x text, CIDs their base32 text.

    `generation` is the store's when it was built; `prepared` the transaction as it was signed (JSON), so that
    the same one is sent again after a crash and never a second one.
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
    prepared: str = ""
    transaction_hash: str = ""
    block_number: int | None = None


_COLUMNS = (
    "head, number, graph, state, parent, root, quads, blocks, manifest, directory, data, generation,"
    " prepared, transaction_hash, block_number"
)


class Versions:
    """The part of the ledger that snapshots and publishing write."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def put(self, record: VersionRecord) -> None:
        """Write or replace a version; one that waits unsent under the same number is dropped."""
        with self._ledger.transaction() as db:
            db.execute(
                "UPDATE version SET state = 'dropped' WHERE graph = ? AND number = ? AND head != ? AND state = 'built'",
                (record.graph, record.number, record.head),
            )
            values = (
                *(record.head, record.number, record.graph, record.state, record.parent, record.root, record.quads),
                *(record.blocks, record.manifest, record.directory, record.data, record.generation),
                *(record.prepared, record.transaction_hash, record.block_number),
            )
            marks = ", ".join("?" * len(values))
            db.execute(f"INSERT OR REPLACE INTO version ({_COLUMNS}, at) VALUES ({marks}, ?)", (*values, now()))  # noqa: S608 - fixed columns

    def drop_built(self, graph: str) -> None:
        """Drop what is built and was not sent."""
        self._ledger.run("UPDATE version SET state = 'dropped' WHERE graph = ? AND state = 'built'", graph)

    def move(self, record: VersionRecord, state: str, **changes: object) -> VersionRecord:
        """The record in a later state, written down."""
        moved = replace(record, state=state, **changes)  # type: ignore[arg-type]
        self.put(moved)
        return moved

    def all(self, graph: str | None = None) -> list[VersionRecord]:
        """The versions that were built here and not dropped, of one graph or of all, by number."""
        return [record for record in self._known(graph) if record.state != "elsewhere"]

    def _known(self, graph: str | None) -> list[VersionRecord]:
        query = (
            f"SELECT {_COLUMNS} FROM version WHERE state != 'dropped' AND (?1 IS NULL OR graph = ?1) ORDER BY number"  # noqa: S608
        )
        return [VersionRecord(*row) for row in self._ledger.rows(query, graph)]

    def waiting(self, graph: str) -> VersionRecord | None:
        """The version that is built but not settled, if there is one."""
        left = [v for v in self.all(graph) if v.state != "settled"]
        return left[-1] if left else None

    def latest(self, graph: str) -> VersionRecord | None:
        """The newest version that is known to be on the chain, built here or elsewhere: the next one's parent."""
        settled = [v for v in self._known(graph) if v.state in ("settled", "elsewhere")]
        return settled[-1] if settled else None
