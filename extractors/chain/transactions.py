"""The dataset `transactions`: hash, sender, recipient or created contract, and outcome."""

from __future__ import annotations

from extractors.chain import terms as t
from extractors.chain.dataset import Dataset
from extractors.chain.model import BlockRecord
from kg.claims import iris
from kg.claims.model import Statement
from kg.claims.vocabulary import TYPE


def _statements(block: BlockRecord) -> tuple[list[Statement], list[str]]:
    chain, number = block.chain_id, block.header.number
    said: list[Statement] = []
    for transaction in block.transactions or ():
        subject = iris.transaction(chain, number, transaction.index)
        said += [
            (subject, TYPE, t.TRANSACTION),
            (subject, t.IN_BLOCK, iris.block(chain, number)),
            (subject, t.TRANSACTION_HASH, t.text(transaction.hash)),
            (subject, t.SENDER, iris.account(chain, transaction.sender)),
        ]
        if transaction.recipient is not None:
            said.append((subject, t.RECIPIENT, iris.account(chain, transaction.recipient)))
        elif transaction.created is not None:
            said.append((subject, t.CREATED, iris.account(chain, transaction.created)))
        if transaction.succeeded is not None:
            said.append((subject, t.SUCCEEDED, t.boolean(transaction.succeeded)))
    return said, []


TRANSACTIONS = Dataset(
    name="transactions",
    help="hash, sender, recipient and outcome of each transaction",
    needs="transactions",
    transform=_statements,
)
