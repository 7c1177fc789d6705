"""Blocks from files of ethereum-etl rows, as exports and data lakes hold them.

Format: https://ethereum-etl.readthedocs.io/en/latest/schema/ as JSON lines, `.json` or `.jsonl`, with or without `.gz`.
A row tells its kind by `type` (as `ethereumetl stream` writes it), else the name of its file does.
Rows lack fields of the header (mixHash among them), so nothing can be re-hashed: all is `reported`.
Token transfers are decoded from the logs here; rows of `token_transfer` and other kinds are passed over.
Each file is a source with its own CID, and each claim names the files it came from.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anchoring.encoding.bounded_json import bounded_json
from anchoring.encoding.cid import Cid
from extractors.chain.datasets import select
from extractors.chain.errors import BadRows, HeaderIncomplete, RpcAnsweredWrongly
from extractors.chain.ingest import BlockResult, results
from extractors.chain.model import BlockRecord, HeaderRecord, LogRecord, TransactionRecord
from extractors.chain.wire import address_text, hash_text, octets
from kg.claims.iris import Mint
from kg.claims.model import Trust

SOURCE = "ethereum-etl rows"
_SUFFIXES = (".json", ".jsonl", ".json.gz", ".jsonl.gz")
_KINDS = {"block": "header", "transaction": "transactions", "log": "logs"}
_MAX_BYTES = 2**30
_REMEDY = "export the blocks again with ethereum-etl as JSON lines"


@dataclass(frozen=True, slots=True)
class RowsFile:
    """A source file: its path as found, its CID, its bytes as they are on disk, and its media type."""

    path: Path
    cid: Cid
    content: bytes
    media_type: str


@dataclass(slots=True)
class _Rows:
    """The rows of one block by kind, and the files that they came from."""

    rows: dict[str, list[Mapping[str, Any]]] = field(default_factory=lambda: {kind: [] for kind in _KINDS})
    files: dict[str, set[Cid]] = field(default_factory=dict)


class RowsSource:
    """The rows in a folder, or in one file. `files` are the sources, `numbers` the blocks there are, both sorted.

    Raises BadRows for a folder without rows and for a file that cannot be read.
    """

    def __init__(self, place: Path, *, chain_id: int = 1) -> None:
        self.chain_id = chain_id
        self._blocks: dict[int, _Rows] = {}
        self._kinds: set[str] = set()
        found = sorted(p for p in place.rglob("*") if p.is_file()) if place.is_dir() else [place]
        paths = [p for p in found if p.name.lower().endswith(_SUFFIXES)]
        self.files: tuple[RowsFile, ...] = tuple(file for path in paths if (file := self._load(path)) is not None)
        self._blocks = {number: rows for number, rows in self._blocks.items() if rows.rows["block"]}
        if not self._blocks:
            raise BadRows(f"{place} holds no rows of blocks", remedy=_REMEDY)
        self.numbers: tuple[int, ...] = tuple(sorted(self._blocks))

    def _load(self, path: Path) -> RowsFile | None:
        """Read a file into the blocks; None if it holds no rows that are used."""
        try:
            content = path.read_bytes()
        except OSError as error:
            raise BadRows(f"{path} cannot be read ({error.strerror})", remedy="check the path") from None
        cid, used = Cid.of(content), False
        by_name = next((kind for kind in _KINDS if path.name.lower().startswith(kind)), None)
        for number, line in enumerate(_lines(path, content), 1):
            row = _row(path, number, line)
            kind = row.get("type", by_name) if not isinstance(row.get("type"), int) else by_name
            if kind not in _KINDS:
                continue
            height = row.get("number" if kind == "block" else "block_number")
            if not isinstance(height, int) or not 0 <= height < 2**63:
                raise BadRows(f"{path} line {number} has the block number {repr(height)[:60]}", remedy=_REMEDY)
            rows = self._blocks.setdefault(height, _Rows())
            rows.rows[kind].append(row)
            rows.files.setdefault(_KINDS[kind], set()).add(cid)
            self._kinds.add(kind)
            used = True
        media_type = "application/gzip" if path.name.lower().endswith(".gz") else "application/x-ndjson"
        return RowsFile(path, cid, content, media_type) if used else None

    def records(self, first: int, last: int) -> Iterator[BlockRecord]:
        """The blocks from `first` to `last`, both included, as far as there are rows; raises BadRows."""
        for number in self.numbers:
            if first <= number <= last:
                try:
                    yield self._record(number)
                except (RpcAnsweredWrongly, KeyError, TypeError) as error:
                    said = error.what if isinstance(error, RpcAnsweredWrongly) else f"a field is missing: {error}"
                    raise BadRows(f"the rows of block {number} do not fit: {said}", remedy=_REMEDY) from None

    def _record(self, number: int) -> BlockRecord:
        rows = self._blocks[number]
        if len(rows.rows["block"]) != 1:
            raise BadRows(f"{len(rows.rows['block'])} rows claim to be block {number}", remedy="keep one export of it")
        (block,) = rows.rows["block"]
        header = _header(block)
        transactions = sorted((_transaction(row, header) for row in rows.rows["transaction"]), key=lambda t: t.index)
        logs = sorted((_log(row, header) for row in rows.rows["log"]), key=lambda g: g.index)
        # Receipts number logs through the block, so a gap or a repetition means that rows are missing or doubled.
        if [g.index for g in logs] != list(range(len(logs))):
            raise BadRows(
                f"the {len(logs)} logs of block {number} are not numbered 0 to {len(logs) - 1}", remedy=_REMEDY
            )
        counted = block.get("transaction_count")
        if "transaction" in self._kinds and [t.index for t in transactions] != list(range(counted or 0)):
            raise BadRows(
                f"block {number} has {counted} transactions, and there are rows for {len(transactions)}", remedy=_REMEDY
            )
        return BlockRecord(
            chain_id=self.chain_id,
            header=header,
            header_trust=Trust.REPORTED,
            transactions=tuple(transactions) if "transaction" in self._kinds else None,
            logs=tuple(logs) if "log" in self._kinds else None,
            warnings=(f"block {number} comes from rows, which cannot be re-hashed; all of it is taken as reported",),
            files={needed: tuple(sorted(cids)) for needed, cids in rows.files.items()},
        )


def read_rows(
    rows: RowsSource,
    datasets: Sequence[str],
    mint: Mint,
    source: str = SOURCE,
    *,
    first: int = 0,
    last: int = 2**63 - 1,
    require_hashed: bool = False,
) -> Iterator[BlockResult]:
    """The blocks of a folder of rows from `first` to `last` (both included), as `read_blocks` gives an endpoint's.

    Raises BadRows, HeaderIncomplete if `require_hashed`, ParentMismatch, UnknownDataset.
    """
    chosen = select(datasets)
    if require_hashed:
        raise HeaderIncomplete(
            "rows of ethereum-etl lack fields of the header and cannot be re-hashed",
            remedy="read the blocks from an endpoint, or accept what is reported without --require-hashed",
        )
    yield from results(rows.records(first, last), chosen, mint, source)


def _lines(path: Path, content: bytes) -> Iterator[bytes]:
    """The lines of a file, unpacked; never more than `_MAX_BYTES` of them."""
    stream: io.BufferedIOBase = io.BytesIO(content)
    if path.name.lower().endswith(".gz"):
        stream = gzip.GzipFile(fileobj=stream)
    read = 0
    try:
        while line := stream.readline(_MAX_BYTES):
            read += len(line)
            if read > _MAX_BYTES:
                raise BadRows(f"{path} unpacks to more than {_MAX_BYTES} bytes", remedy="split the export by blocks")
            if line.strip():
                yield line
    except (OSError, EOFError, zlib.error) as error:
        raise BadRows(f"{path} is no whole gzip file ({error})", remedy=_REMEDY) from None


def _row(path: Path, number: int, line: bytes) -> Mapping[str, Any]:
    try:
        row = bounded_json(line)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise BadRows(f"{path} line {number} is no JSON object: {line[:60]!r}", remedy=_REMEDY)
    return row


def _header(row: Mapping[str, Any]) -> HeaderRecord:
    fee = row.get("base_fee_per_gas")
    return HeaderRecord(
        number=row["number"],
        hash=hash_text(row, "hash"),
        parent_hash=hash_text(row, "parent_hash"),
        timestamp=_count(row, "timestamp"),
        fee_recipient=address_text(row, "miner"),
        gas_limit=_count(row, "gas_limit"),
        gas_used=_count(row, "gas_used"),
        base_fee=None if fee is None else _count(row, "base_fee_per_gas"),
        state_root=hash_text(row, "state_root"),
        transactions_root=hash_text(row, "transactions_root"),
        receipts_root=hash_text(row, "receipts_root"),
    )


def _transaction(row: Mapping[str, Any], header: HeaderRecord) -> TransactionRecord:
    _same_block(row, header)
    created, status = row.get("receipt_contract_address"), row.get("receipt_status")
    return TransactionRecord(
        index=_count(row, "transaction_index"),
        hash=hash_text(row, "hash"),
        sender=address_text(row, "from_address"),
        recipient=address_text(row, "to_address") if row.get("to_address") else None,
        created=address_text(row, "receipt_contract_address") if created else None,
        succeeded=None if status is None else status == 1,
    )


def _log(row: Mapping[str, Any], header: HeaderRecord) -> LogRecord:
    _same_block(row, header)
    topics = row["topics"]
    if not isinstance(topics, list) or len(topics) > 4:
        raise BadRows(f"log {row.get('log_index')} of block {header.number} has no list of topics", remedy=_REMEDY)
    return LogRecord(
        index=_count(row, "log_index"),
        transaction_index=_count(row, "transaction_index"),
        emitter=address_text(row, "address"),
        topics=tuple(hash_text({"topic": topic}, "topic") for topic in topics),
        data=octets(row, "data"),
    )


def _same_block(row: Mapping[str, Any], header: HeaderRecord) -> None:
    if hash_text(row, "block_hash") != header.hash:
        raise BadRows(
            f"a row of block {header.number} is of {row['block_hash']}, not of {header.hash}", remedy="keep one export"
        )


def _count(row: Mapping[str, Any], name: str) -> int:
    number = row[name]
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**256:
        raise BadRows(f"{name} is {repr(number)[:60]}, which is no number", remedy=_REMEDY)
    return number
