"""The dataset `logs`: who emitted which event in which transaction.

Six statements a log: class, emitter, topic0, number of topics, index, transaction.
The number of topics matters: ERC-20 and ERC-721 share the topic0 of `Transfer` and differ in it.
An anonymous log has no topic0. The further topics and the data stay on the chain; datasets decode what they know.
A contract that emitted something in the block is labelled with its address, once.
"""

from __future__ import annotations

from extractors.chain import terms as t
from extractors.chain.dataset import Dataset
from extractors.chain.model import BlockRecord
from kg.claims import iris
from kg.claims.model import Statement
from kg.claims.vocabulary import LABEL, TYPE


def _statements(block: BlockRecord) -> tuple[list[Statement], list[str]]:
    chain, number = block.chain_id, block.header.number
    said: list[Statement] = []
    for log in block.logs or ():
        subject = iris.log(chain, number, log.index)
        said += [
            (subject, TYPE, t.LOG),
            (subject, t.EMITTER, iris.account(chain, log.emitter)),
            (subject, t.TOPIC_COUNT, t.integer(len(log.topics))),
            (subject, t.LOG_INDEX, t.integer(log.index)),
            (subject, t.IN_TRANSACTION, iris.transaction(chain, number, log.transaction_index)),
        ]
        if log.topics:
            said.append((subject, t.TOPIC0, t.text(log.topics[0])))
    for emitter in sorted({log.emitter for log in block.logs or ()}):
        contract = iris.account(chain, emitter)
        said += [(contract, TYPE, t.CONTRACT), (contract, LABEL, t.text(t.checksummed(emitter)))]
    return said, []


LOGS = Dataset(
    name="logs",
    help="emitter, topic0, number of topics and transaction of each log",
    needs="logs",
    transform=_statements,
)
