"""Texts that are identifiers: two that are equal name one thing, two that differ name two.

Standards by number (EIP, ERC, BIP, …), addresses and hashes of EVM chains, CAIP-2, CAIP-10 and CAIP-19, DIDs, ENS
names, IPFS CIDs, LEIs and ISINs. Nothing is looked up: an identifier is one by its form and its check digits.

EIP-55: https://eips.ethereum.org/EIPS/eip-55 ; CAIP-2: https://chainagnostic.org/CAIPs/caip-2 ;
CAIP-10: https://chainagnostic.org/CAIPs/caip-10 ; CAIP-19: https://chainagnostic.org/CAIPs/caip-19 ;
DID: https://www.w3.org/TR/did-core/#did-syntax ; ENS: https://docs.ens.domains/ensip/1
"""

from __future__ import annotations

import re
from typing import NamedTuple

from extractors.chain.terms import checksummed
from extractors.entities.check_digits import is_isin, is_lei


class Identifier(NamedTuple):
    """A kind of identifier and its one form."""

    scheme: str
    value: str

    def __str__(self) -> str:
        return f"{self.scheme} {self.value}"


BAD_CHECKSUM = "address with a wrong checksum"
"""The scheme of a mixed-case address whose case EIP-55 would write otherwise: a typing error, or worse."""

_PLAIN = str.maketrans({**dict.fromkeys("‐‑‒–—−", "-"), "\u00a0": " "})
_MAY_BE = re.compile(r"[0-9:.]")
_SERIES = re.compile(
    r"(?:the\s+)?(EIP|ERC|Ethereum Improvement Proposal|BIP|CAIP|ENSIP|RIP|SLIP|RFC|FIPS|PEP)[-\s]?0*([1-9][0-9]{0,5})"
    r"(?:\s+(?:token\s+)?standard|:\s.*)?",
    re.IGNORECASE | re.DOTALL,
)
_HOME_OF_EIP = re.compile(r"https://(?:www\.)?eips\.ethereum\.org/EIPS/eip-([1-9][0-9]{0,5})/?")
_ADDRESS = re.compile(r"0[xX][0-9a-fA-F]{40}")
_HASH = re.compile(r"0[xX][0-9a-fA-F]{64}")
_CAIP = re.compile(
    r"([-a-z0-9]{3,8}):([-_a-zA-Z0-9]{1,32})(?:([:/])([-.%a-zA-Z0-9:/]{1,200}))?",
)
_DID = re.compile(r"did:([a-z0-9]+):([A-Za-z0-9._:%-]+)")
_ENS = re.compile(r"(?:[a-z0-9_-]+\.)+eth", re.IGNORECASE)
_CID = re.compile(r"(?:ipfs://)?(Qm[1-9A-HJ-NP-Za-km-z]{44}|b[a-z2-7]{58,})/?")
_NAMESPACES = frozenset(("eip155", "bip122", "solana", "cosmos", "polkadot", "starknet", "hedera", "stellar", "tezos"))
_STANDARDS = frozenset(("EIP", "ERC", "ETHEREUM IMPROVEMENT PROPOSAL"))


def identify(text: str) -> Identifier | None:
    """The identifier that the whole text is, or None.

    >>> identify("ERC20"), identify("EIP 20"), identify("ERC-20 token standard") == identify("EIP-20: Token Standard")
    (Identifier(scheme='eip', value='20'), Identifier(scheme='eip', value='20'), True)
    >>> identify("ERC-721A"), identify("ERC-20 token")
    (None, None)
    >>> identify("eip155:1:0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2").value
    'eip155:1:0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2'
    """
    if not text.isascii():
        text = text.translate(_PLAIN)
    text = text.strip()
    if not 3 <= len(text) <= 400 or not text.isascii():
        return None
    if _MAY_BE.search(text) is None:
        return Identifier("cid", text) if _CID.fullmatch(text) else None
    if found := _SERIES.fullmatch(text):
        series = " ".join(found[1].upper().split())
        return Identifier("eip" if series in _STANDARDS else series.lower(), found[2])
    if found := _HOME_OF_EIP.fullmatch(text):
        return Identifier("eip", found[1])
    if _ADDRESS.fullmatch(text):
        return _address(text)
    if _HASH.fullmatch(text):
        return Identifier("hash", text.lower())
    if found := _DID.fullmatch(text):
        return Identifier("did", f"did:{found[1]}:{_lower_addresses(found[2])}")
    if (found := _CAIP.fullmatch(text)) and found[1] in _NAMESPACES:
        return _caip(found)
    if _ENS.fullmatch(text):
        return Identifier("ens", text.lower())
    if found := _CID.fullmatch(text):
        return Identifier("cid", found[1])
    if is_lei(text):
        return Identifier("lei", text)
    return Identifier("isin", text) if is_isin(text) else None


def _address(text: str) -> Identifier:
    """One form for an address in small letters, in capitals, or with its checksum."""
    digits, lower = text[2:], text.lower()
    if digits in (digits.lower(), digits.upper()) or checksummed(lower)[2:] == digits:
        return Identifier("address", lower)
    return Identifier(BAD_CHECKSUM, text)


def _caip(found: re.Match[str]) -> Identifier:
    namespace, reference, joint, rest = found.groups()
    chain = f"{namespace}:{reference}"
    if joint is None:
        return Identifier("caip2", chain)
    if joint == ":":
        return Identifier("caip10", f"{chain}:{_lower_addresses(rest)}")
    return Identifier("caip19", f"{chain}/{_lower_addresses(rest)}")


def _lower_addresses(text: str) -> str:
    return re.sub(r"0[xX][0-9a-fA-F]{40}(?![0-9a-fA-F])", lambda m: m[0].lower(), text)


def chain_of(identifier: Identifier) -> str | None:
    """The chain that a CAIP identifier is on, by CAIP-2."""
    if identifier.scheme == "caip2":
        return identifier.value
    if identifier.scheme in ("caip10", "caip19"):
        namespace, reference = re.split("[:/]", identifier.value)[:2]
        return f"{namespace}:{reference}"
    return None
