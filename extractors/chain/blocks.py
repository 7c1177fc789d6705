"""The dataset `blocks`: the facts of a header. Hashed where the header re-hashes, else reported."""

from __future__ import annotations

from extractors.chain import terms as t
from extractors.chain.dataset import Dataset
from extractors.chain.model import BlockRecord
from kg.claims import iris
from kg.claims.model import Statement
from kg.claims.vocabulary import TYPE


def _statements(block: BlockRecord) -> tuple[list[Statement], list[str]]:
    header, subject = block.header, iris.block(block.chain_id, block.header.number)
    said: list[Statement] = [
        (subject, TYPE, t.BLOCK),
        (subject, t.IN_CHAIN, iris.chain(block.chain_id)),
        (subject, t.BLOCK_NUMBER, t.integer(header.number)),
        (subject, t.BLOCK_HASH, t.text(header.hash)),
        (subject, t.PARENT_HASH, t.text(header.parent_hash)),
        (subject, t.FEE_RECIPIENT, iris.account(block.chain_id, header.fee_recipient)),
        (subject, t.GAS_LIMIT, t.integer(header.gas_limit)),
        (subject, t.GAS_USED, t.integer(header.gas_used)),
        (subject, t.STATE_ROOT, t.text(header.state_root)),
        (subject, t.TRANSACTIONS_ROOT, t.text(header.transactions_root)),
        (subject, t.RECEIPTS_ROOT, t.text(header.receipts_root)),
    ]
    if header.base_fee is not None:
        said.append((subject, t.BASE_FEE, t.integer(header.base_fee)))
    moment = t.moment(header.timestamp)
    if moment is None:
        return said, [f"block {header.number}: the timestamp {header.timestamp} is after the year 9999"]
    said.append((subject, t.TIMESTAMP, moment))
    return said, []


BLOCKS = Dataset(
    name="blocks",
    help="number, hash, parent, time, fee recipient, gas and roots of each block",
    needs="header",
    transform=_statements,
    from_header=True,
)
