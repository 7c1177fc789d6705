"""A version that was the newest once is not shown as the newest now."""

from __future__ import annotations

import forged_block
import pytest
from world import sealed

from anchoring.chain_proof.rlp import encode, number
from anchoring.encoding.deterministic_cbor import decode
from anchoring.proofs.claims import ClaimKind
from anchoring.signing.eip712 import keccak


@pytest.fixture(scope="module")
def former(world):
    """True bundles of the versions before the newest, with the head as it is."""
    made = []
    for version in (1, 2):
        for line in world.lines[version - 1][5:400:80]:
            item = decode(world.prove(ClaimKind.PRESENCE, (line,), version).encode())
            made.append(item | {"chain": world.chain_proof(version).item()})
    return made


def with_head(item, world, value, time=1_700_000_000, **more):
    """The bundle with a head proven by a block of one's own, whose hash the verifier takes for the chain's."""
    graph = world.graph
    head = forged_block.head(bytes.fromhex(graph.registry[2:]), graph.graph, value, time, **more)
    item["chain"] = {**item["chain"], "head": head}
    hashes = [*world.block_hashes, keccak(head["header"])]
    return {"block_hashes": hashes, "now": time + 60}


@pytest.mark.soak
def test_a_former_version_is_not_current(court, former, source, rounds):
    """It is published, but no verifier who asks for the newest takes it, nor does the contract."""
    court.accepts(court.world.item("presence"), current=True)
    for item in former:
        assert court.python(sealed(item)).exit_code == 0
    for _ in rounds:
        item = dict(source.choice(former))
        change = source.randrange(3)
        if change == 1:
            item["chain"] = {"anchor": item["chain"]["anchor"]}
        elif change == 2:
            # The head as it was, from a block that the verifier does not know, or one that is old by now.
            version = item["version"]["manifest"]
            fields = next(each.fields for each in court.world.versions if each.manifest.encode() == version)
            time = source.choice((1_700_000_000, court.world.now))
            brought = with_head(item, court.world, encode(fields.head.lstrip(b"\x00")), time)
            if source.random() < 0.5:
                court.refuses(item, current=True, unchecked=True, block_hashes=court.world.block_hashes)
            else:
                late = time + source.choice((3_601, 10**6))
                court.refuses(item, current=True, unchecked=True, block_hashes=brought["block_hashes"], now=late)
            continue
        court.refuses(item, current=True, unchecked=change == 1)
        assert not court.contract(item)


@pytest.mark.soak
def test_another_head_word_refutes(court, source, rounds):
    """A smaller version, another version in this one's place, and with `current` a larger one."""
    world = court.world
    head = world.versions[2].fields.head
    item = world.item("presence")
    court.accepts(item, current=True, **with_head(item, world, encode(head.lstrip(b"\x00"))))
    for _ in rounds:
        item = world.item(source.choice(("presence", "absence", "several")))
        kind = source.randrange(4)
        if kind == 0:
            word = source.randrange(3).to_bytes(5, "big") + source.randbytes(27)
            value = encode(word.lstrip(b"\x00"))
        elif kind == 1:
            changed = bytearray(head)
            changed[source.randrange(5, 32)] ^= 1 << source.randrange(8)
            value = encode(bytes(changed).lstrip(b"\x00"))
        elif kind == 2:
            value = encode((source.randrange(4, 2**40)).to_bytes(5, "big").lstrip(b"\x00") + source.randbytes(27))
        else:
            word = head.lstrip(b"\x00")
            longer = (encode(head), encode(word + b"\x00" * 5), encode(encode(word)), b"\xb8\x1c" + word)
            value = source.choice((*longer, encode([word]), word, encode(b"")))
        court.refuses(item, current=True, **with_head(item, world, value))


@pytest.mark.soak
def test_an_account_that_is_none_proves_no_head(court, source, rounds):
    world = court.world
    word = encode(world.versions[2].fields.head.lstrip(b"\x00"))
    for _ in rounds:
        root = source.choice((bytes(32), source.randbytes(32)))
        fields = [number(1), number(2), root, keccak(b"")]
        account = source.choice((fields, fields[:3], [*fields, b""], fields[::-1], [*fields[:2], root[:31], fields[3]]))
        item = world.item("presence")
        court.refuses(item, **with_head(item, world, word, account=account))
