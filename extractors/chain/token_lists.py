"""Token lists given as files: what third parties say that tokens are called.

Three formats are known by their shape:

- a Uniswap token list, an object with `tokens` (https://github.com/Uniswap/token-lists);
- MetaMask's `contract-map.json`, an object whose keys are addresses (npm `@metamask/contract-metadata`);
- ethereum-lists tokens, one object a line, in an array, or alone (https://github.com/ethereum-lists/tokens).

Each file is a source document with a CID of its own, and each of its entries is one claim marked `read`.
Lists that disagree stand side by side. Tokens are told apart by chain and address, never by symbol:
many symbols belong to several contracts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from anchoring.encoding.bounded_json import bounded_json
from anchoring.encoding.cid import Cid
from extractors.chain import terms as t
from extractors.chain.errors import BadTokenList
from extractors.chain.model import TokenContract
from extractors.chain.texts import safe_text
from extractors.chain.transfers import token_iri, token_statements
from kg.claims import iris
from kg.claims.model import Activity, Agent, Claim, Statement, Trust

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_MAX_BYTES = 64 * 2**20
_REMEDY = "give a Uniswap token list, MetaMask's contract-map.json or ethereum-lists tokens"
_READER = Agent("triplock-token-list-reader", "1")


@dataclass(frozen=True, slots=True)
class TokenList:
    """A token list that was read.

    `cid` names the bytes of the file, `format` is uniswap, metamask or ethereum-lists, `title` what the list calls
    itself, `claims` one an entry in the order of the file, `refused` the reasons for entries that were not taken.
    """

    cid: Cid
    format: str
    title: str
    claims: tuple[Claim, ...]
    refused: tuple[str, ...]


def read_token_list(content: bytes, *, chain_id: int = 1, only: Collection[str] | None = None) -> TokenList:
    """The claims of a token list.

    `chain_id` is the chain of formats that name none. `only` keeps the tokens with these addresses (lower case).
    Raises BadTokenList.
    """
    cid = Cid.of(content)
    name, title, entries = _recognise(content)
    activity = Activity("token-list", cid, _READER, Trust.READ)
    claims: list[Claim] = []
    refused: list[str] = []
    for place, entry in enumerate(entries):
        address, chain = str(entry.get("address")), entry.get("chainId", chain_id)
        if not _ADDRESS.fullmatch(address) or not isinstance(chain, int) or isinstance(chain, bool) or chain < 1:
            refused.append(f"entry {place}: {address[:60]!r} on chain {repr(chain)[:20]} is no address of a chain")
            continue
        token = TokenContract(address.lower(), _namespace(entry))
        if only is not None and token.address not in only:
            continue
        said = _statements(chain, token, entry)
        if not said:
            refused.append(f"entry {place}: nothing is said of {address}")
            continue
        claims.append(Claim((*token_statements(chain, token), *said), activity, derived_from=iris.document(cid)))
    return TokenList(cid, name, title, tuple(claims), tuple(refused))


def _recognise(content: bytes) -> tuple[str, str, list[Mapping[str, Any]]]:
    """The format, the list's own name and the entries; raises BadTokenList."""
    if len(content) > _MAX_BYTES:
        raise BadTokenList(f"the token list has {len(content)} bytes", remedy=f"split it below {_MAX_BYTES} bytes")
    try:
        document = _parse(content)
    except ValueError:
        raise BadTokenList(f"the token list is no JSON: {content[:40]!r}", remedy=_REMEDY) from None
    if isinstance(document, dict) and isinstance(document.get("tokens"), list):
        name, entries = "uniswap", document["tokens"]
        title = safe_text(str(document.get("name", ""))).text
    elif isinstance(document, dict) and document and all(_ADDRESS.fullmatch(key) for key in document):
        name, title = "metamask", ""
        entries = [{**e, "address": a} if isinstance(e, dict) else None for a, e in document.items()]
    else:
        name, title = "ethereum-lists", ""
        entries = document if isinstance(document, list) else [document]
    if not entries or not all(isinstance(entry, dict) and "address" in entry for entry in entries):
        raise BadTokenList("the file is JSON, but no token list of a known format", remedy=_REMEDY)
    return name, title, entries


def _parse(content: bytes) -> Any:
    """One JSON document, or an array of the documents of each line."""
    try:
        return bounded_json(content)
    except ValueError:
        return [bounded_json(line) for line in content.split(b"\n") if line.strip()]


def _namespace(entry: Mapping[str, Any]) -> str:
    return "erc721" if entry.get("erc721") is True or entry.get("type") == "ERC721" else "erc20"


def _statements(chain: int, token: TokenContract, entry: Mapping[str, Any]) -> list[Statement]:
    asset = token_iri(chain, token)
    said: list[Statement] = []
    for field, predicate in (("name", t.NAME), ("symbol", t.SYMBOL)):
        given = entry.get(field)
        if isinstance(given, str) and (safe := safe_text(given).text):
            said.append((asset, predicate, t.text(safe)))
    decimals = entry.get("decimals")
    if isinstance(decimals, int) and not isinstance(decimals, bool) and 0 <= decimals <= 255:
        said.append((asset, t.DECIMALS, t.integer(decimals)))
    return said
