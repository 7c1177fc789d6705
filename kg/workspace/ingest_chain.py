"""Blocks of a chain into the graph, block by block, from an endpoint or from files of rows; token lists beside them.

Each dataset of each block is one claim and one entry of the ledger, so a crash costs one block,
and a second run reads only what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from anchoring.encoding.cid import Cid
from anchoring.encoding.unixfs import document_blocks
from anchoring.errors import InputRefused, TriplockError
from extractors.chain import endpoint
from extractors.chain.chain_list import read_chain_list
from extractors.chain.datasets import select
from extractors.chain.ingest import BlockResult, read_blocks
from extractors.chain.model import TokenContract
from extractors.chain.ranges import parse_range
from extractors.chain.rows import SOURCE, RowsSource, read_rows
from extractors.chain.rpc import JsonRpc
from extractors.chain.token_lists import read_token_list
from extractors.chain.tokens import read_tokens
from kg.claims.iris import document
from kg.claims.quads import claim_iri, claim_quads, document_quads
from kg.claims.vocabulary import CHAIN
from kg.jobs.sources import SourceRecord
from kg.workspace.intake import Progress, add, add_claims, silent
from kg.workspace.merging import update_merges

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

TOKEN_CONTRACT = NamedNode(CHAIN + "tokenContract")
_ASSET = re.compile(r"eip155:([0-9]+)/(erc20|erc721):(0x[0-9a-f]{40})")


class WithdrawnSource(InputRefused):
    """The file was withdrawn from the graph before."""

    code = "withdrawn-source"


@dataclass(slots=True)
class ChainReport:
    """What an ingest of a chain did. `unread` are (token contract, field, reason)."""

    blocks: int = 0
    unchanged: int = 0
    claims: int = 0
    trust: dict[str, int] = field(default_factory=dict)
    tokens: int = 0
    listed: int = 0
    listed_chains: int = 0
    warnings: list[str] = field(default_factory=list)
    left_aside: list[str] = field(default_factory=list)
    unread: list[tuple[str, str, str]] = field(default_factory=list)
    stopped: TriplockError | None = None


@dataclass(frozen=True, slots=True)
class ChainRequest:
    """What is wanted of a chain.

    `datasets` empty means the default ones. `source` is what the endpoint is called in the claims (default: its host).
    `tokens` asks each token contract that was seen for its name, symbol and decimals.
    `again` reads files that were withdrawn before, too. Without `merge` the merges of entities stay as they are.
    """

    datasets: Sequence[str] = ()
    source: str | None = None
    tokens: bool = False
    require_hashed: bool = False
    again: bool = False
    merge: bool = True


def ingest_rpc(
    workspace: Workspace, url: str, blocks: str, request: ChainRequest, *, progress: Progress = silent
) -> ChainReport:
    """Read the blocks of a range such as `17173049:17173050` from a JSON-RPC endpoint.

    An endpoint that fails half-way ends in `stopped`; what was read before is in the graph.
    """
    report, wanted = ChainReport(), parse_range(blocks)
    with workspace.changing(), JsonRpc(url) as rpc:
        chain, source = endpoint.chain_id(rpc), request.source or rpc.name
        first, last = endpoint.resolve(rpc, wanted)
        names = [dataset.name for dataset in select(request.datasets)]
        try:
            for run_first, run_last in _missing(workspace, chain, first, last, names, source, report):
                results = read_blocks(
                    rpc, run_first, run_last, names, workspace.mint, source, require_hashed=request.require_hashed
                )
                for result in results:
                    _commit(workspace, chain, names, source, result, report)
                    progress(f"blocks of eip155:{chain}", result.number - first + 1, last - first + 1)
            if request.tokens:
                _tokens(workspace, rpc, chain, last, source, report)
                if request.merge:
                    update_merges(workspace)
        except TriplockError as error:
            report.stopped = error
    return report


def ingest_rows(
    workspace: Workspace, place: Path, request: ChainRequest, *, chain_id: int = 1, progress: Progress = silent
) -> ChainReport:
    """Read blocks from files of ethereum-etl rows; each file becomes a source document of its own.

    Blocks are left out as read before only where every file is what it was then. Raises WithdrawnSource.
    """
    report = ChainReport()
    with workspace.changing():
        rows = RowsSource(place, chain_id=chain_id)
        source = request.source or SOURCE
        names = [dataset.name for dataset in select(request.datasets)]
        cids = [str(file.cid) for file in rows.files]
        known = [workspace.sources.get(cid) for cid in cids]
        same = all(record is not None and record.state == "done" for record in known)
        for file in rows.files:
            _keep(workspace, file.path, file.cid, file.content, file.media_type, again=request.again)
        results = read_rows(rows, names, workspace.mint, source, require_hashed=request.require_hashed)
        for done, result in enumerate(results, start=1):
            if same and all(workspace.sources.block_done(chain_id, result.number, name, source) for name in names):
                report.unchanged += 1
            else:
                _commit(workspace, chain_id, names, source, result, report)
            progress(f"blocks of eip155:{chain_id}", done, len(rows.numbers))
        for cid in cids:
            workspace.sources.set_state(cid, "done")
    return report


def ingest_lists(
    workspace: Workspace,
    report: ChainReport,
    *,
    token_lists: Sequence[Path] = (),
    chain_lists: Sequence[Path] = (),
    chain_id: int = 1,
    again: bool = False,
) -> None:
    """Read the names of chains from lists, then token lists, every entry; entities are resolved once, at the end.

    Lists stand side by side, and where they differ both claims stay. Tokens that name no chain are of `chain_id`.
    Raises WithdrawnSource for a list that was withdrawn, unless `again`; those before it are in the graph.
    """
    with workspace.changing():
        try:
            for path in chain_lists:
                _chain_list(workspace, path, report, again=again)
            for path in token_lists:
                _token_list(workspace, path, report, chain_id=chain_id, again=again)
        except InputRefused:
            update_merges(workspace)
            raise
        update_merges(workspace)


def _token_list(workspace: Workspace, path: Path, report: ChainReport, *, chain_id: int, again: bool) -> None:
    content = path.read_bytes()
    listed = read_token_list(content, chain_id=chain_id)
    _keep(workspace, path, listed.cid, content, "application/json", title=listed.title, again=again)
    report.listed += add_claims(workspace, listed.claims)
    workspace.sources.set_state(str(listed.cid), "done")
    report.left_aside += [f"{path.name}: {reason}" for reason in listed.refused]


def _chain_list(workspace: Workspace, path: Path, report: ChainReport, *, again: bool) -> None:
    content = path.read_bytes()
    listed = read_chain_list(content)
    _keep(workspace, path, listed.cid, content, "application/json", again=again)
    report.listed_chains += add_claims(workspace, listed.claims)
    workspace.sources.set_state(str(listed.cid), "done")
    report.left_aside += [f"{path.name}: {reason}" for reason in listed.refused]


def _missing(
    workspace: Workspace, chain: int, first: int, last: int, names: Sequence[str], source: str, report: ChainReport
) -> Iterator[tuple[int, int]]:
    """The runs of blocks of which some dataset is not in the graph yet."""
    start: int | None = None
    for number in range(first, last + 1):
        if all(workspace.sources.block_done(chain, number, name, source) for name in names):
            report.unchanged += 1
            if start is not None:
                yield start, number - 1
                start = None
        elif start is None:
            start = number
    if start is not None:
        yield start, last


def _commit(
    workspace: Workspace, chain: int, names: Iterable[str], source: str, result: BlockResult, report: ChainReport
) -> None:
    """Put a block's claims into the graph; what the same claims said before (of a block since replaced) goes."""
    new = set(claim_quads(workspace.mint, result.claims))
    stale = [
        quad
        for claim in result.claims
        for quad in workspace.store.match(graph=claim_iri(workspace.mint, claim))
        if quad not in new
    ]
    if stale:
        workspace.store.apply([], stale, workspace.store.generation)
    report.claims += add_claims(workspace, result.claims)
    for name in names:
        workspace.sources.put_block(chain, result.number, name, source, "done")
    report.blocks += 1
    report.trust[result.trust.value] = report.trust.get(result.trust.value, 0) + 1
    report.warnings += result.warnings
    report.left_aside += result.left_aside


def _tokens(workspace: Workspace, rpc: JsonRpc, chain: int, at: int, source: str, report: ChainReport) -> None:
    """Ask every token contract of the chain that the graph knows and that this endpoint was not asked about yet."""
    known = {
        token
        for quad in workspace.store.match(predicate=TOKEN_CONTRACT)
        if (token := _token(quad.subject, chain)) is not None
    }
    todo = [token for token in sorted(known) if not _asked(workspace, chain, token, source)]
    for result in read_tokens(rpc, todo, at, workspace.mint, source):
        if result.claim:
            report.claims += add_claims(workspace, [result.claim])
            report.tokens += 1
        report.unread += [(result.token.address, name, reason) for name, reason in result.unread]
        workspace.sources.put_block(chain, 0, _dataset_of(result.token), source, "done")


def _token(asset: object, chain: int) -> TokenContract | None:
    """The token contract that a CAIP-19 IRI of this chain names."""
    match = _ASSET.fullmatch(asset.value) if isinstance(asset, NamedNode) else None
    return TokenContract(match[3], match[2]) if match and int(match[1]) == chain else None


def _dataset_of(token: TokenContract) -> str:
    return f"tokens/{token.namespace}/{token.address}"


def _asked(workspace: Workspace, chain: int, token: TokenContract, source: str) -> bool:
    return workspace.sources.block_done(chain, 0, _dataset_of(token), source)


def _keep(
    workspace: Workspace, path: Path, cid: Cid, content: bytes, media_type: str, *, title: str = "", again: bool
) -> None:
    """Store a source file by its CID and describe it; its reading is done when its claims are in."""
    withdrawn = workspace.sources.withdrawals()
    if str(cid) in withdrawn:
        if not again:
            raise WithdrawnSource(
                f"{path} was withdrawn before ({withdrawn[str(cid)]})", remedy="read it with --again, or leave it out"
            )
        workspace.sources.restore(str(cid))
    root, blocks = document_blocks(content)
    workspace.blocks.put(blocks, [root])
    subject = document(cid).value
    workspace.sources.put(SourceRecord(str(cid), str(path.resolve()), media_type, len(content), subject, "reading"))
    about = document_quads(workspace.mint, cid, size=len(content), media_type=media_type, encoding="", title=title)
    add(workspace, about)
