"""The terms of `ontology/ethereum-chain.ttl` that the datasets write, and the literals they write them with."""

from __future__ import annotations

from datetime import UTC, datetime

from pyoxigraph import Literal, NamedNode

from extractors.chain.abi import keccak256
from kg.claims.vocabulary import CHAIN, XSD, XSD_INTEGER

CHAIN_CLASS = NamedNode(CHAIN + "Chain")
BLOCK = NamedNode(CHAIN + "Block")
TRANSACTION = NamedNode(CHAIN + "Transaction")
LOG = NamedNode(CHAIN + "Log")
CONTRACT = NamedNode(CHAIN + "Contract")
ERC20_TOKEN = NamedNode(CHAIN + "Erc20Token")
ERC721_TOKEN = NamedNode(CHAIN + "Erc721Token")
ERC20_TRANSFER = NamedNode(CHAIN + "Erc20Transfer")
ERC721_TRANSFER = NamedNode(CHAIN + "Erc721Transfer")

IN_CHAIN = NamedNode(CHAIN + "inChain")
IN_BLOCK = NamedNode(CHAIN + "inBlock")
IN_TRANSACTION = NamedNode(CHAIN + "inTransaction")
BLOCK_NUMBER = NamedNode(CHAIN + "blockNumber")
BLOCK_HASH = NamedNode(CHAIN + "blockHash")
PARENT_HASH = NamedNode(CHAIN + "parentHash")
TIMESTAMP = NamedNode(CHAIN + "timestamp")
FEE_RECIPIENT = NamedNode(CHAIN + "feeRecipient")
GAS_LIMIT = NamedNode(CHAIN + "gasLimit")
GAS_USED = NamedNode(CHAIN + "gasUsed")
BASE_FEE = NamedNode(CHAIN + "baseFeePerGas")
STATE_ROOT = NamedNode(CHAIN + "stateRoot")
TRANSACTIONS_ROOT = NamedNode(CHAIN + "transactionsRoot")
RECEIPTS_ROOT = NamedNode(CHAIN + "receiptsRoot")
TRANSACTION_HASH = NamedNode(CHAIN + "transactionHash")
SENDER = NamedNode(CHAIN + "sender")
RECIPIENT = NamedNode(CHAIN + "recipient")
CREATED = NamedNode(CHAIN + "createdContract")
SUCCEEDED = NamedNode(CHAIN + "succeeded")
EMITTER = NamedNode(CHAIN + "emitter")
TOPIC0 = NamedNode(CHAIN + "topic0")
TOPIC_COUNT = NamedNode(CHAIN + "topicCount")
LOG_INDEX = NamedNode(CHAIN + "logIndex")
TRANSFERRED_TOKEN = NamedNode(CHAIN + "transferredToken")
FROM = NamedNode(CHAIN + "from")
TO = NamedNode(CHAIN + "to")
AMOUNT = NamedNode(CHAIN + "amount")
TOKEN_ID = NamedNode(CHAIN + "tokenId")
TOKEN_CONTRACT = NamedNode(CHAIN + "tokenContract")
NAME = NamedNode(CHAIN + "name")
SYMBOL = NamedNode(CHAIN + "symbol")
DECIMALS = NamedNode(CHAIN + "decimals")
NAME_BYTES = NamedNode(CHAIN + "nameBytes")
SYMBOL_BYTES = NamedNode(CHAIN + "symbolBytes")

_LAST_SECOND = 253_402_300_799


def text(value: str) -> Literal:
    """An xsd:string."""
    return Literal(value)


def integer(number: int) -> Literal:
    """An xsd:integer, of any size."""
    return Literal(str(number), datatype=XSD_INTEGER)


def boolean(value: bool) -> Literal:
    """An xsd:boolean."""
    return Literal("true" if value else "false", datatype=NamedNode(XSD + "boolean"))


def moment(seconds: int) -> Literal | None:
    """An xsd:dateTime in UTC from the seconds since 1970; None after the year 9999, which xsd tools do not share.

    >>> moment(1683029999).value
    '2023-05-02T12:19:59Z'
    """
    if seconds > _LAST_SECOND:
        return None
    utc = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Literal(utc, datatype=NamedNode(XSD + "dateTime"))


def checksummed(address: str) -> str:
    """An address in the mixed case of EIP-55, for labels; IRIs hold it in lower case.

    >>> checksummed("0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2")
    '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2'
    """
    digits = address[2:].lower()
    nibbles = keccak256(digits.encode()).hex()
    return "0x" + "".join(d.upper() if int(n, 16) >= 8 else d for d, n in zip(digits, nibbles, strict=False))
