"""What is signed and anchored: the EIP-712 digest of a version, its head word, and who signed.

The digest binds chain, registry, graph, version number, root, counts, parent and manifest;
the head word is all that the registry keeps of it.
Sources: https://eips.ethereum.org/EIPS/eip-712, https://eips.ethereum.org/EIPS/eip-2 (low s)
and docs/format.md, sections "Graph" and "Anchor".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import sha3

from anchoring.errors import InputRefused, Refuted
from anchoring.signing.anchor import GraphId

VERSION_TYPE = (
    "Version(bytes32 graph,uint64 version,bytes32 root,uint64 quads,uint32 blocks,Context context)"
    "Context(bytes32 parent,bytes32 manifest)"
)
CONTEXT_TYPE = "Context(bytes32 parent,bytes32 manifest)"
RELAY_TYPE = (
    "Relay(Version version,uint256 deadline)"
    "Context(bytes32 parent,bytes32 manifest)"
    "Version(bytes32 graph,uint64 version,bytes32 root,uint64 quads,uint32 blocks,Context context)"
)
DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
MAX_VERSION = (1 << 40) - 1
SIGNATURE_BYTES = 65
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Of the curve secp256k1: how many points its base point makes."""


class BadSignature(Refuted):
    """The 65 bytes are no signature in the one form that is accepted, or nobody could have made it."""

    code = "bad-signature"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="ask the publisher to sign the version again")


class BadVersionFields(InputRefused):
    """A field of the version does not fit the format."""

    code = "bad-version-fields"


def keccak(content: bytes) -> bytes:
    """Keccak-256, as Ethereum uses it."""
    return bytes(sha3.keccak_256(content).digest())


VERSION_TOPIC = keccak(b"Version(bytes32,bytes32,bytes32,bytes32,uint256,bytes32,address)")
"""What the registry's event of a version begins with."""


def _digest(graph: GraphId, struct_hash: bytes) -> bytes:
    domain = keccak(
        keccak(DOMAIN_TYPE.encode())
        + keccak(b"triplock")
        + keccak(b"1")
        + _word(graph.chain_id)
        + address_bytes(graph.registry)
    )
    return keccak(b"\x19\x01" + domain + struct_hash)


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def graph_id(chain_id: int, registry: str, owner: str, label: bytes) -> GraphId:
    """The graph that `owner` publishes under `label` (32 bytes).

    It is keccak256(abi.encode(chainId, registry, owner, label)); `registry` and `owner` are 0x addresses.
    Raises BadVersionFields.

    >>> str(graph_id(1, "0x" + "11" * 20, "0x" + "22" * 20, bytes(32)))[:60]
    'eip155:1:0x1111111111111111111111111111111111111111/0x8e1ef3'
    """
    if len(label) != 32:
        raise BadVersionFields(f"the label has {len(label)} bytes", remedy="give 32 bytes")
    encoded = _word(chain_id) + address_bytes(registry) + address_bytes(owner) + label
    return GraphId(chain_id, registry.lower(), keccak(encoded))


def address_bytes(text: str) -> bytes:
    """An address (0x and 40 hexadecimal digits) as the ABI has it, in 32 bytes; raises BadVersionFields.

    >>> address_bytes("0x" + "11" * 20).hex()[20:30]
    '0000111111'
    """
    if not _ADDRESS.fullmatch(text):
        raise BadVersionFields(f"{text[:80]!r} is no address", remedy="give 0x and 40 hexadecimal digits")
    return bytes(12) + bytes.fromhex(text[2:])


@dataclass(frozen=True, slots=True)
class VersionFields:
    """All that the anchor of one version binds. `root`, `parent` (a head word) and `manifest` (SHA-256) are 32 bytes.

    Raises BadVersionFields where a number or a length is out of range.
    """

    graph: GraphId
    version: int
    root: bytes
    quads: int
    blocks: int
    parent: bytes
    manifest: bytes

    def __post_init__(self) -> None:
        limits = {"version": MAX_VERSION, "quads": (1 << 64) - 1, "blocks": (1 << 32) - 1}
        for name, limit in limits.items():
            value = getattr(self, name)
            if not (name == "version") <= value <= limit:
                raise BadVersionFields(f"{name} is {value}", remedy=f"it must be at most {limit}")
        for name in ("root", "parent", "manifest"):
            if len(getattr(self, name)) != 32:
                raise BadVersionFields(f"{name} has {len(getattr(self, name))} bytes", remedy="give 32 bytes")

    @property
    def context(self) -> bytes:
        """The struct hash of Context: what the digest holds of parent and manifest."""
        return keccak(keccak(CONTEXT_TYPE.encode()) + self.parent + self.manifest)

    @property
    def _struct_hash(self) -> bytes:
        return keccak(
            keccak(VERSION_TYPE.encode())
            + self.graph.graph
            + _word(self.version)
            + self.root
            + _word(self.quads)
            + _word(self.blocks)
            + self.context
        )

    @property
    def digest(self) -> bytes:
        """The EIP-712 digest that the publisher signs."""
        return _digest(self.graph, self._struct_hash)

    def relay_digest(self, deadline: int) -> bytes:
        """The EIP-712 digest of `Relay`: who signs it lets anybody publish this version up to the second `deadline`.

        It is of another type than the version's own digest, so neither signature can stand for the other.
        Raises BadVersionFields.
        """
        if not 0 <= deadline < 1 << 256:
            raise BadVersionFields(f"the deadline is {deadline}", remedy="give seconds since 1970")
        return _digest(self.graph, keccak(keccak(RELAY_TYPE.encode()) + self._struct_hash + _word(deadline)))

    @property
    def head(self) -> bytes:
        """The head word: 40 bits of version number, then the first 216 bits of the digest."""
        return self.version.to_bytes(5, "big") + self.digest[:27]

    @property
    def size(self) -> int:
        """Both counts in one word, as the registry's event carries them: quads · 2^32 + blocks."""
        return self.quads << 32 | self.blocks


def recover(digest: bytes, signature: bytes) -> str:
    """The lower-case 0x address that signed `digest`.

    Only r ‖ s ‖ v of 65 bytes with 0 < r < n, 0 < s ≤ n/2 and v 27 or 28 is accepted, so a signature has one form.
    Raises BadSignature.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise BadSignature(f"a signature has {SIGNATURE_BYTES} bytes, this one {len(signature)}")
    r, s, v = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big"), signature[64]
    if not 0 < r < ORDER or not 0 < s <= ORDER // 2 or v not in (27, 28):
        raise BadSignature(f"signature 0x{signature.hex()} has r or s out of range, a high s, or a v other than 27, 28")
    import coincurve

    try:
        key = coincurve.PublicKey.from_signature_and_message(
            signature[:64] + bytes([v - 27]), digest, hasher=None
        ).format(compressed=False)
    except Exception as error:
        raise BadSignature(f"no key made the signature 0x{signature.hex()}") from error
    address = keccak(key[1:])[12:]
    if not any(address):
        raise BadSignature("the signature recovers to address 0")
    return f"0x{address.hex()}"
