"""How IRIs are minted, and the homes of things that have one.

Two rules. What has a home has one IRI in every graph (an EIP, a chain, a contract, a token).
What is minted under the graph's base begins with its source, so that what arrives together sorts together
and versions share blocks.
CAIP-2: https://chainagnostic.org/CAIPs/caip-2, CAIP-10, CAIP-19; did:pkh: https://github.com/w3c-ccg/did-pkh
"""

from __future__ import annotations

import base64
import hashlib
import re

from pyoxigraph import NamedNode

from anchoring.encoding.cid import BadCid, Cid
from kg.claims.vocabulary import EIP

_SPAN = re.compile(r"ipfs://([A-Za-z0-9]{1,120})#char=([0-9]{1,18}),([0-9]{1,18})")
_STANDARD = re.compile(r"(?:EIP|ERC)[-\s]?([0-9]{1,5})", re.IGNORECASE)


def digest32(*parts: bytes) -> str:
    """A name for the parts: 32 base32 characters (160 bits) of the SHA-256 of the length-prefixed parts."""
    h = hashlib.sha256()
    for part in parts:
        h.update(len(part).to_bytes(8, "big"))
        h.update(part)
    return base64.b32encode(h.digest()[:20]).decode("ascii").lower()


def eip(number: int) -> NamedNode:
    """The home of a standard: `https://eips.ethereum.org/EIPS/eip-20` for EIP-20, ERC-20 and ERC20 alike."""
    return NamedNode(f"{EIP}{number}")


def eip_number(text: str) -> int | None:
    """The number if the whole text names one standard, else None.

    >>> [eip_number(t) for t in ("EIP-20", "ERC20", "erc 721", "ERC-20 token")]
    [20, 20, 721, None]
    """
    match = _STANDARD.fullmatch(text.strip())
    return int(match[1]) if match else None


def chain(chain_id: int) -> NamedNode:
    """A chain, by CAIP-2: `eip155:1`."""
    return NamedNode(f"eip155:{chain_id}")


def account(chain_id: int, address: str) -> NamedNode:
    """A contract or account, by CAIP-10, the address in lower case: `eip155:1:0x…`."""
    return NamedNode(f"eip155:{chain_id}:{address.lower()}")


def asset(chain_id: int, namespace: str, address: str, token_id: int | None = None) -> NamedNode:
    """An asset, by CAIP-19; `namespace` is erc20 or erc721: `eip155:1/erc20:0x…`, `eip155:1/erc721:0x…/42`."""
    suffix = "" if token_id is None else f"/{token_id}"
    return NamedNode(f"eip155:{chain_id}/{namespace}:{address.lower()}{suffix}")


def block(chain_id: int, number: int) -> NamedNode:
    """A block: `eip155:1/block:000017173049`, the number padded so that IRIs sort as blocks do."""
    return NamedNode(f"eip155:{chain_id}/block:{number:012d}")


def transaction(chain_id: int, number: int, index: int) -> NamedNode:
    """A transaction, by block number and index in it."""
    return NamedNode(f"{block(chain_id, number).value}/tx:{index:05d}")


def log(chain_id: int, number: int, index: int) -> NamedNode:
    """A log, by block number and index in the block."""
    return NamedNode(f"{block(chain_id, number).value}/log:{index:05d}")


def did(chain_id: int, address: str) -> NamedNode:
    """Who controls an account, by did:pkh: `did:pkh:eip155:1:0x…`."""
    return NamedNode(f"did:pkh:eip155:{chain_id}:{address.lower()}")


def document(cid: Cid) -> NamedNode:
    """A document, by the CID of its bytes: `ipfs://bafk…`."""
    return NamedNode(cid.iri)


def span(cid: Cid, start: int, end: int) -> NamedNode:
    """A span of a document in Unicode code points, by RFC 5147: `ipfs://bafk…#char=120,180`."""
    return NamedNode(f"{cid.iri}#char={start},{end}")


def bare(text: str) -> str:
    """An IRI as somebody gives it, without blanks and angle brackets around it.

    >>> bare(" <https://graph.example/claim/a> ")
    'https://graph.example/claim/a'
    """
    return text.strip().removeprefix("<").removesuffix(">")


def short(claim: str) -> str:
    """The digest that ends the IRI of a claim, which stands for it in commands.

    >>> short("https://graph.example/doc/b/claim/abc")
    'abc'
    """
    return claim.rpartition("/")[2]


def read_span(iri: str) -> tuple[Cid, int, int] | None:
    """Document, start and end of a span's IRI; None if it is none.

    >>> cid = Cid.of(b"It requires ERC-165.")
    >>> read_span(span(cid, 12, 19).value) == (cid, 12, 19)
    True
    >>> read_span(f"{cid.iri}#char=19,12") is None
    True
    """
    match = _SPAN.fullmatch(iri)
    if match is None or not int(match[2]) < int(match[3]):
        return None
    try:
        return Cid.parse(match[1]), int(match[2]), int(match[3])
    except BadCid:
        return None


class Mint:
    """Mints the IRIs that have no home, under a graph's base IRI.

    >>> Mint("https://graph.example/").entity("Uniswap V3").value
    'https://graph.example/entity/uniswap-v3'
    """

    def __init__(self, base: str) -> None:
        self.base = base if base.endswith(("/", "#", ":")) else base + "/"

    def of_document(self, cid: Cid, kind: str, *parts: bytes) -> NamedNode:
        """Something that a document gave: `kind` is claim, activity or graph, `parts` what tells it from others."""
        return NamedNode(f"{self.base}doc/{cid}/{kind}/{digest32(*parts)}")

    def of_document_itself(self, cid: Cid) -> NamedNode:
        """The graph in which a document is described."""
        return NamedNode(f"{self.base}doc/{cid}")

    def of_block(self, chain_id: int, number: int, dataset: str, trust: str, source: str) -> NamedNode:
        """The claim that a dataset of a block is: one graph a block, dataset, endpoint set and trust level."""
        return NamedNode(f"{self.base}chain/eip155:{chain_id}/{number:012d}/{dataset}/{trust}/{_slug(source)}")

    def of_chain(self, chain_id: int, kind: str, *parts: bytes) -> NamedNode:
        """An activity that reads a chain."""
        return NamedNode(f"{self.base}chain/eip155:{chain_id}/{kind}/{digest32(*parts)}")

    def of_graph(self, graph: str, kind: str, *parts: bytes) -> NamedNode:
        """Something taken over from somebody else's graph, known by its id: `kind` is claim or activity."""
        return NamedNode(f"{self.base}graph/{digest32(graph.encode())}/{kind}/{digest32(*parts)}")

    def of_resolution(self, kind: str, *parts: bytes) -> NamedNode:
        """Something that entity resolution says of the whole graph: `kind` is claim or activity."""
        return NamedNode(f"{self.base}resolution/{kind}/{digest32(*parts)}")

    def agent(self, *parts: bytes) -> NamedNode:
        """A piece of software with its model, prompt, ontology and parameters."""
        return NamedNode(f"{self.base}agent/{digest32(*parts)}")

    def entity(self, name: str) -> NamedNode:
        """An entity known by a name in a text only."""
        return NamedNode(f"{self.base}entity/{_slug(name)}")

    def genid(self, document_root: str, label: str) -> NamedNode:
        """The IRI that stands for a blank node of an imported document (RDF 1.1 section 3.5)."""
        return NamedNode(f"{self.base}.well-known/genid/{document_root}/{label}")


def _slug(name: str) -> str:
    """A name as one readable IRI segment; names that differ in more than case and spacing stay apart."""
    words = " ".join(name.split()).casefold()
    slug = re.sub(r"[^a-z0-9.]+", "-", words).strip("-.")
    plain = re.fullmatch(r"[a-z0-9.]+(?:[ -][a-z0-9.]+)*", words) is not None
    return slug if slug and plain and len(slug) <= 80 else f"{slug[:40]}~{digest32(words.encode())[:16]}".lstrip("-")
