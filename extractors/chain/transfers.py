"""The dataset `transfers`: ERC-20 and ERC-721 transfers, decoded from logs.

Both standards declare `Transfer(address,address,uint256)`, so the topic0 is the same.
ERC-20 indexes two parameters (three topics, the amount in the data), ERC-721 all three (four topics, no data).
Sources: https://eips.ethereum.org/EIPS/eip-20, https://eips.ethereum.org/EIPS/eip-721
A log of this topic0 that has neither shape (CryptoKitties indexes nothing) is left aside, with the reason.
That a contract emits such a log does not prove that it implements the standard: the shape is all that is read.
"""

from __future__ import annotations

from pyoxigraph import NamedNode

from extractors.chain import terms as t
from extractors.chain.abi import WORD, topic_of
from extractors.chain.dataset import Dataset
from extractors.chain.model import BlockRecord, LogRecord, TokenContract
from kg.claims import iris
from kg.claims.model import Statement
from kg.claims.vocabulary import TYPE

TRANSFER_TOPIC = topic_of("Transfer(address,address,uint256)")
_PADDING = "0x" + 24 * "0"

TOKEN_CLASSES = {"erc20": t.ERC20_TOKEN, "erc721": t.ERC721_TOKEN}
"""The class of a token by the namespace of its CAIP-19 identifier."""


def token_namespace(log: LogRecord) -> str | None:
    """Which standard's transfer a log is by its shape: "erc20", "erc721" or None."""
    if not log.topics or log.topics[0] != TRANSFER_TOPIC or not all(x.startswith(_PADDING) for x in log.topics[1:3]):
        return None
    if len(log.topics) == 3 and len(log.data) == WORD:
        return "erc20"
    return "erc721" if len(log.topics) == 4 and not log.data else None


def token_contracts(block: BlockRecord) -> tuple[TokenContract, ...]:
    """The contracts that transferred tokens in the block, sorted."""
    found = ((log.emitter, token_namespace(log)) for log in block.logs or ())
    return tuple(sorted({TokenContract(address, namespace) for address, namespace in found if namespace}))


def token_statements(chain: int, token: TokenContract) -> list[Statement]:
    """The class of a token, and the contract behind it."""
    asset = token_iri(chain, token)
    return [
        (asset, TYPE, TOKEN_CLASSES[token.namespace]),
        (asset, t.TOKEN_CONTRACT, iris.account(chain, token.address)),
    ]


def token_iri(chain: int, token: TokenContract) -> NamedNode:
    """The token's CAIP-19 IRI."""
    return iris.asset(chain, token.namespace, token.address)


def _statements(block: BlockRecord) -> tuple[list[Statement], list[str]]:
    chain, number = block.chain_id, block.header.number
    said: list[Statement] = []
    aside: list[str] = []
    for log in block.logs or ():
        namespace = token_namespace(log)
        if namespace is None:
            if log.topics and log.topics[0] == TRANSFER_TOPIC:
                shape = f"{len(log.topics)} topics and {len(log.data)} bytes of data"
                aside.append(
                    f"block {number}, log {log.index} of {log.emitter}: no transfer of a known shape ({shape})"
                )
            continue
        subject = iris.log(chain, number, log.index)
        said += [
            (subject, t.TRANSFERRED_TOKEN, token_iri(chain, TokenContract(log.emitter, namespace))),
            (subject, t.FROM, iris.account(chain, _address(log.topics[1]))),
            (subject, t.TO, iris.account(chain, _address(log.topics[2]))),
        ]
        if namespace == "erc20":
            said += [(subject, TYPE, t.ERC20_TRANSFER), (subject, t.AMOUNT, t.integer(int.from_bytes(log.data, "big")))]
        else:
            said += [(subject, TYPE, t.ERC721_TRANSFER), (subject, t.TOKEN_ID, t.integer(int(log.topics[3], 16)))]
    for token in token_contracts(block):
        said += token_statements(chain, token)
    return said, aside


def _address(topic: str) -> str:
    return "0x" + topic[len(_PADDING) :]


TRANSFERS = Dataset(
    name="transfers",
    help="ERC-20 and ERC-721 transfers, decoded from the logs: token, from, to, amount or token id",
    needs="logs",
    transform=_statements,
)
