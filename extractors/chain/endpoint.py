"""Blocks from a JSON-RPC endpoint, with what can be checked checked.

Checked: the header re-hashes to the block's hash; the block is the one asked for; there is one receipt a transaction,
in order and of this block; the logs of a block are numbered without gaps.
Not checked here: that transactions and receipts belong to the header's roots. They are reported, and say so.
Methods: https://ethereum.github.io/execution-apis/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extractors.chain.errors import BlockAbsent, HeaderIncomplete
from extractors.chain.headers import check_header, header_record
from extractors.chain.model import BlockRecord, HeaderRecord, LogRecord, TransactionRecord
from extractors.chain.ranges import BlockRange
from extractors.chain.rpc import Call, CallFailed, JsonRpc
from extractors.chain.wire import address_text, hash_text, mapping, octets, quantity, sequence, wrong
from kg.claims.model import Trust


def chain_id(rpc: JsonRpc) -> int:
    """The number of the endpoint's chain (EIP-155), as it says; raises ServiceFailed."""
    return quantity({"chain id": rpc.call("eth_chainId")}, "chain id")


def head(rpc: JsonRpc) -> int:
    """The number of the newest block; raises ServiceFailed."""
    return quantity({"block number": rpc.call("eth_blockNumber")}, "block number")


def resolve(rpc: JsonRpc, blocks: BlockRange) -> tuple[int, int]:
    """The first and last block of a range; the endpoint is asked for its head only where the range needs it."""
    return blocks.resolve(head(rpc) if blocks.needs_head else 0)


def read_block(
    rpc: JsonRpc, chain: int, number: int, *, receipts: bool = True, require_hashed: bool = False
) -> BlockRecord:
    """One block; transactions and logs only where `receipts` is set.

    A header that lacks fields is taken as reported, with a warning, unless `require_hashed`.
    Raises BlockAbsent, HeaderMismatch, HeaderIncomplete, RpcAnsweredWrongly and what JsonRpc raises.
    """
    asked = Call("eth_getBlockByNumber", (hex(number), receipts))
    calls = [asked, Call("eth_getBlockReceipts", (hex(number),))] if receipts else [asked]
    block, *rest = rpc.calls(calls)
    if block is None or isinstance(block, CallFailed):
        said = f" ({block.message})" if isinstance(block, CallFailed) else ""
        raise BlockAbsent(
            f"{rpc.name} does not have block {number}{said}", remedy="check the range, or use an endpoint that has it"
        )
    answer = mapping(block, f"block {number}")
    header = header_record(answer)
    if header.number != number:
        raise wrong(f"{rpc.name} answered block {header.number} when asked for {number}")
    trust = Trust.HASHED
    warnings: tuple[str, ...] = ()
    try:
        check_header(answer)
    except HeaderIncomplete as incomplete:
        if require_hashed:
            raise
        trust, warnings = Trust.REPORTED, (f"{incomplete.what}; the block is taken as reported",)
    if not receipts:
        return BlockRecord(chain, header, trust, None, None, warnings)
    listed = sequence(answer.get("transactions"), f"the transactions of block {number}")
    given = _receipts(rpc, number, listed, rest[0])
    return BlockRecord(chain, header, trust, *_bodies(header, listed, given), warnings)


def _receipts(rpc: JsonRpc, number: int, transactions: list[Any], answer: object) -> list[Any]:
    """The block's receipts; one by one where the endpoint does not know eth_getBlockReceipts."""
    if not isinstance(answer, CallFailed) and answer is not None:
        return sequence(answer, f"the receipts of block {number}")
    hashes = [hash_text(mapping(t, "a transaction"), "hash") for t in transactions]
    receipts = rpc.calls([Call("eth_getTransactionReceipt", (h,)) for h in hashes])
    for transaction, receipt in zip(hashes, receipts, strict=True):
        if receipt is None or isinstance(receipt, CallFailed):
            said = f" ({receipt.message})" if isinstance(receipt, CallFailed) else ""
            raise BlockAbsent(
                f"{rpc.name} has no receipt of transaction {transaction} in block {number}{said}",
                remedy="use an endpoint that keeps receipts of that age",
            )
    return receipts


def _bodies(
    header: HeaderRecord, transactions: list[Any], receipts: list[Any]
) -> tuple[tuple[TransactionRecord, ...], tuple[LogRecord, ...]]:
    if len(transactions) != len(receipts):
        raise wrong(f"block {header.number} has {len(transactions)} transactions and {len(receipts)} receipts")
    read: list[TransactionRecord] = []
    logs: list[LogRecord] = []
    for index, (transaction, receipt) in enumerate(zip(transactions, receipts, strict=True)):
        outcome = mapping(receipt, "a receipt")
        read.append(_transaction(header, index, mapping(transaction, "a transaction"), outcome))
        for entry in sequence(outcome.get("logs"), "the logs of a receipt"):
            logs.append(_log(header, index, len(logs), mapping(entry, "a log")))
    return tuple(read), tuple(logs)


def _transaction(
    header: HeaderRecord, index: int, transaction: Mapping[str, Any], receipt: Mapping[str, Any]
) -> TransactionRecord:
    named = hash_text(transaction, "hash")
    if hash_text(receipt, "transactionHash") != named or quantity(receipt, "transactionIndex") != index:
        raise wrong(f"the receipt at place {index} of block {header.number} is not of transaction {named}")
    _same_block(header, receipt)
    return TransactionRecord(
        index=index,
        hash=named,
        sender=address_text(transaction, "from"),
        recipient=address_text(transaction, "to") if transaction.get("to") is not None else None,
        created=address_text(receipt, "contractAddress") if receipt.get("contractAddress") is not None else None,
        succeeded=quantity(receipt, "status") == 1 if receipt.get("status") is not None else None,
    )


def _log(header: HeaderRecord, transaction: int, index: int, entry: Mapping[str, Any]) -> LogRecord:
    _same_block(header, entry)
    topics = sequence(entry.get("topics"), "the topics of a log")
    if quantity(entry, "logIndex") != index or len(topics) > 4:
        raise wrong(f"log {index} of block {header.number} has index {entry.get('logIndex')} and {len(topics)} topics")
    return LogRecord(
        index=index,
        transaction_index=transaction,
        emitter=address_text(entry, "address"),
        topics=tuple(hash_text({"topic": topic}, "topic") for topic in topics),
        data=octets(entry, "data"),
    )


def _same_block(header: HeaderRecord, part: Mapping[str, Any]) -> None:
    if hash_text(part, "blockHash") != header.hash:
        raise wrong(
            f"a receipt or log is of block {part['blockHash']}, not of block {header.number} {header.hash};"
            " the chain may have been reorganised meanwhile"
        )
