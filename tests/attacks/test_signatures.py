"""A signature has one form, is of one version, and is of the publisher; one that publishes vouches for nothing."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode as abi_encode
from world import KEYS, LABEL

from anchoring.chain.artifact import selector
from anchoring.signing.eip712 import VersionFields

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def parts(signature):
    return int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big"), signature[64]


def joined(r, s, v):
    return (r % 2**256).to_bytes(32, "big") + (s % 2**256).to_bytes(32, "big") + bytes([v % 256])


def zero(signature, world, source):
    r, s, v = parts(signature)
    return source.choice(
        (
            bytes(65),
            bytes(64) + b"\x1b",
            joined(0, s, v),
            joined(r, 0, v),
            joined(0, 0, source.choice((27, 28))),
            joined(r, s, 0),
        )
    )


def malleable(signature, world, source):
    """The same signature in its other forms: high s, v from 0, r or s beyond the order, EIP-155's v."""
    r, s, v = parts(signature)
    return source.choice(
        (
            joined(r, ORDER - s, 55 - v),
            joined(r, ORDER - s, v),
            joined(r, s, v - 27),
            joined(r, s, 55 - v),
            joined(r + ORDER, s, v),
            joined(r, s + ORDER, v),
            joined(r, s, v + 8),
            joined(r, s, 2 * source.randrange(100) + 35 + v - 27),
            joined(ORDER, s, v),
            joined(r, ORDER, v),
        )
    )


def replayed(signature, world, source):
    """The owner's own signature, of something else."""
    fields = world.versions[2].fields
    return source.choice(
        (
            world.versions[0].signature.signature,
            world.versions[1].signature.signature,
            KEYS[0].sign_digest(fields.head),
            KEYS[0].sign_digest(fields.root),
            KEYS[0].sign_digest(source.randbytes(32)),
        )
    )


def relayed(signature, world, source):
    """The signature with which the owner let somebody else publish this very version."""
    return KEYS[0].sign_digest(
        world.versions[2].fields.relay_digest(source.choice((0, 2**32, 2**256 - 1, source.randrange(2**40))))
    )


def foreign(signature, world, source):
    return source.choice((KEYS[1], KEYS[2])).sign_digest(world.versions[2].fields.digest)


def turned(signature, world, source):
    changed = bytearray(signature)
    changed[source.randrange(65)] ^= 1 << source.randrange(8)
    return bytes(changed)


def of_another_length(signature, world, source):
    return source.choice((signature[:64], signature + b"\x00", signature[:-1], signature * 2, signature[:1]))


FORGERIES = (zero, malleable, replayed, relayed, foreign, turned, of_another_length)


@pytest.mark.soak
def test_no_other_signature_vouches_for_a_version(court, source, rounds):
    world = court.world
    for _ in rounds:
        item = world.item(source.choice(("presence", "absence", "prefix")))
        version = item["version"]
        version["signature"] = source.choice(FORGERIES)(version["signature"], world, source)
        if source.random() < 0.3:
            # Without the event the owner of the manifest is who must have signed; others are left unchecked.
            item["chain"] = {}
        court.refuses(item, unchecked=not item["chain"])


def publishes(court, fields: VersionFields, publisher, deadline, signature) -> bool:
    """Whether the registry would let this be published."""
    types = ["(address,bytes32,bytes32,bytes32,uint256,bytes32)", "address", "uint256", "bytes"]
    publication = (KEYS[0].address, LABEL, fields.parent, fields.root, fields.size, fields.manifest)
    method = f"publishSigned({','.join(types)})"
    data = selector(method) + abi_encode(types, [publication, publisher, deadline, signature])
    return court.call(data) is not None


@pytest.mark.soak
def test_nothing_but_the_publishers_relay_signature_publishes(court, source, rounds):
    """The registry asks for a signature of Relay: the version's own, or any other form of the right one, is refused."""
    world = court.world
    newest = world.versions[2].fields
    fields = VersionFields(world.graph, 4, b"\x01" * 32, 5, 1, newest.head, b"\x02" * 32)
    deadline = 2**40
    true = KEYS[0].sign_digest(fields.relay_digest(deadline))
    assert publishes(court, fields, KEYS[0].address, deadline, true)
    for _ in rounds:
        forgery = source.randrange(6)
        publisher, until, signed, signature = KEYS[0].address, deadline, fields, true
        if forgery == 0:
            signature = KEYS[0].sign_digest(fields.digest)
        elif forgery == 1:
            signature = source.choice((zero, malleable, turned, of_another_length))(true, world, source)
        elif forgery == 2:
            publisher = source.choice((KEYS[1].address, KEYS[2].address, "0x" + "00" * 20, world.registry.address))
            signature = source.choice((true, KEYS[1].sign_digest(fields.relay_digest(deadline)), b"", bytes(65)))
        elif forgery == 3:
            until = source.choice((0, 1, deadline + 1, source.randrange(2**30), 2**255))
        elif forgery == 4:
            signed = VersionFields(
                fields.graph,
                4,
                source.randbytes(32),
                fields.quads + source.randrange(9),
                1,
                fields.parent,
                source.randbytes(32),
            )
        else:
            # Used before: its parent is the head no more.
            past = world.versions[source.randrange(3)].fields
            signed, signature = past, KEYS[0].sign_digest(past.relay_digest(deadline))
        assert not publishes(court, signed, publisher, until, signature), (forgery, signature.hex())
