"""Token metadata: what a contract answers to `name()`, `symbol()` and `decimals()` at a block.

All three are optional in EIP-20, and nothing keeps a contract from answering nonsense.
A call goes to the token's address, so proxies answer too (looking for selectors in the code would miss them).
Answers may be `string` or `bytes32` (MKR, SAI). What cannot be read is not claimed, and the reason is given.
Where a text had to be made safe, the bytes as they came stand beside it.
One claim a token and block: it does not depend on which other tokens were asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from extractors.chain import endpoint
from extractors.chain import terms as t
from extractors.chain.abi import Undecodable, decode_text, decode_uint, selector_of
from extractors.chain.ingest import reader
from extractors.chain.model import TokenContract
from extractors.chain.rpc import Call, CallFailed, JsonRpc
from extractors.chain.texts import safe_text
from extractors.chain.transfers import token_iri, token_statements
from kg.claims import iris
from kg.claims.iris import Mint
from kg.claims.model import Activity, Claim, Statement, Trust

NAME = "tokens"
HELP = "name, symbol and decimals that token contracts answer (asks each contract)"

MAX_ANSWER = 32 * 1024
"""The most bytes of an answer that are looked at."""

_TEXTS = (("name", t.NAME, t.NAME_BYTES), ("symbol", t.SYMBOL, t.SYMBOL_BYTES))
_ASKED = ("name", "symbol", "decimals")
_AT_ONCE = 25


@dataclass(frozen=True, slots=True)
class TokenResult:
    """What one token gave: its claim, and for each field that was not claimed the reason."""

    token: TokenContract
    claim: Claim | None
    unread: tuple[tuple[str, str], ...]


def read_tokens(
    rpc: JsonRpc, tokens: Iterable[TokenContract], at: int, mint: Mint, source: str | None = None
) -> Iterator[TokenResult]:
    """Ask each token contract for its metadata in the state after block `at`, in sorted order.

    Raises ServiceFailed leaves of extractors.chain.errors; what a single contract answers raises nothing.
    """
    chain, wanted = endpoint.chain_id(rpc), sorted(set(tokens))
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        calls = [
            Call("eth_call", ({"to": token.address, "data": selector_of(f"{field}()")}, hex(at)))
            for token in some
            for field in _ASKED
        ]
        answers = rpc.calls(calls)
        for index, token in enumerate(some):
            of_token = answers[index * len(_ASKED) : (index + 1) * len(_ASKED)]
            yield _result(chain, token, dict(zip(_ASKED, of_token, strict=True)), at, mint, source or rpc.name)


def token_metadata(
    chain: int, token: TokenContract, answers: dict[str, object]
) -> tuple[list[Statement], list[tuple[str, str]]]:
    """The statements that the raw answers by field give, and the reasons for the fields that give none."""
    asset = token_iri(chain, token)
    said: list[Statement] = []
    unread: list[tuple[str, str]] = []
    for field, predicate, raw_predicate in _TEXTS:
        try:
            raw = decode_text(_octets(answers[field]))
            safe = safe_text(raw)
            if not safe.text:
                raise Undecodable("the text is empty")
        except Undecodable as reason:
            unread.append((field, str(reason)))
            continue
        said.append((asset, predicate, t.text(safe.text)))
        if not safe.exact:
            said.append((asset, raw_predicate, t.text("0x" + raw.hex())))
    try:
        decimals = decode_uint(_octets(answers["decimals"]))
        if decimals > 255:
            raise Undecodable("the number does not fit the uint8 of the standard")
        said.append((asset, t.DECIMALS, t.integer(decimals)))
    except Undecodable as reason:
        unread.append(("decimals", str(reason)))
    return said, unread


def _result(
    chain: int, token: TokenContract, answers: dict[str, object], at: int, mint: Mint, source: str
) -> TokenResult:
    said, unread = token_metadata(chain, token, answers)
    if not said:
        return TokenResult(token, None, tuple(unread))
    claim = Claim(
        statements=(*token_statements(chain, token), *said),
        activity=Activity(NAME, chain, reader(source), Trust.REPORTED),
        derived_from=iris.block(chain, at),
        iri=mint.of_block(chain, at, f"{NAME}/{token.namespace}/{token.address}", Trust.REPORTED.value, source),
    )
    return TokenResult(token, claim, tuple(unread))


def _octets(answer: object) -> bytes:
    if isinstance(answer, CallFailed):
        raise Undecodable(f"the call failed: {answer.message} ({answer.code})")
    try:
        if not isinstance(answer, str) or not answer.startswith("0x") or len(answer) > 2 + 2 * MAX_ANSWER:
            raise ValueError
        octets = bytes.fromhex(answer[2:])
    except ValueError:
        long = isinstance(answer, str) and len(answer) > 2 + 2 * MAX_ANSWER
        why = f"the answer is longer than {MAX_ANSWER} bytes" if long else "the answer is no hexadecimal text"
        raise Undecodable(why) from None
    if not octets:
        raise Undecodable("the contract has no such function, or there is no contract")
    return octets
