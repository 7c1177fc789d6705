"""From blocks to claims, block by block, so that a caller can commit each and go on where it stopped.

One claim, that is one graph, a block, dataset, source and trust level. A block without facts of a dataset gives none.
The same blocks from the same source give the same claims, however the range was cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from extractors.chain import endpoint
from extractors.chain.dataset import Dataset
from extractors.chain.datasets import select
from extractors.chain.errors import ParentMismatch
from extractors.chain.model import BlockRecord, TokenContract
from extractors.chain.rpc import JsonRpc
from extractors.chain.transfers import token_contracts
from kg.claims import iris
from kg.claims.iris import Mint
from kg.claims.model import Activity, Agent, Claim, Trust
from kg.claims.vocabulary import DERIVED_FROM

READER = "triplock-chain-reader"
READER_VERSION = "1"
"""Part of every agent's IRI: raised when the same blocks would give other claims."""


@dataclass(frozen=True, slots=True)
class BlockResult:
    """What one block gave.

    `trust` is the header's. `tokens` are the contracts that transferred tokens, whose metadata may be asked for.
    `warnings` are for the user, `left_aside` lists what could not be decoded, each with the reason.
    """

    number: int
    hash: str
    trust: Trust
    claims: tuple[Claim, ...]
    tokens: tuple[TokenContract, ...]
    warnings: tuple[str, ...] = ()
    left_aside: tuple[str, ...] = ()


def reader(source: str) -> Agent:
    """The agent that reads chains, with the source it reads from as a parameter."""
    return Agent(READER, READER_VERSION, (("endpoint", source),))


def read_blocks(
    rpc: JsonRpc,
    first: int,
    last: int,
    datasets: Sequence[str],
    mint: Mint,
    source: str | None = None,
    *,
    require_hashed: bool = False,
    parent_hash: str | None = None,
) -> Iterator[BlockResult]:
    """The blocks `first` to `last` (both included) of an endpoint, in order.

    `datasets` are names of `extractors.chain.datasets` (empty: the default ones), `source` is what the endpoint is
    called in the claims (default: its host). `parent_hash` is the hash of block `first - 1` where it is known,
    as on resuming. Raises ServiceFailed leaves of extractors.chain.errors, UnknownDataset.
    """
    chosen, chain = select(datasets), endpoint.chain_id(rpc)
    bodies = any(d.needs != "header" for d in chosen)
    records = (
        endpoint.read_block(rpc, chain, number, receipts=bodies, require_hashed=require_hashed)
        for number in range(first, last + 1)
    )
    yield from results(records, chosen, mint, source or rpc.name, parent_hash=parent_hash)


def results(
    records: Iterable[BlockRecord],
    datasets: Sequence[Dataset],
    mint: Mint,
    source: str,
    *,
    parent_hash: str | None = None,
) -> Iterator[BlockResult]:
    """The claims of each block record; raises ParentMismatch where consecutive blocks do not follow each other."""
    before: tuple[int, str] | None = None
    for record in records:
        header = record.header
        expected = parent_hash if before is None else before[1] if before[0] + 1 == header.number else None
        if expected is not None and header.parent_hash != expected:
            raise ParentMismatch(
                f"block {header.number} follows {header.parent_hash}, but the block before it is {expected}",
                remedy="the chain was reorganised or the endpoint mixes chains: read the blocks before again",
            )
        before = (header.number, header.hash)
        claims, aside = [], []
        for dataset in datasets:
            statements, reasons = dataset.transform(record)
            aside += reasons
            if statements:
                trust = record.header_trust if dataset.from_header else Trust.REPORTED
                claims.append(
                    Claim(
                        statements=tuple(statements),
                        activity=Activity(dataset.name, record.chain_id, reader(source), trust),
                        derived_from=iris.block(record.chain_id, header.number),
                        iri=mint.of_block(record.chain_id, header.number, dataset.name, trust.value, source),
                        about=tuple((DERIVED_FROM, iris.document(cid)) for cid in record.files.get(dataset.needs, ())),
                    )
                )
        yield BlockResult(
            number=header.number,
            hash=header.hash,
            trust=record.header_trust,
            claims=tuple(claims),
            tokens=token_contracts(record),
            warnings=record.warnings,
            left_aside=tuple(aside),
        )
