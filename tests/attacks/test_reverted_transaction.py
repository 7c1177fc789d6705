"""What a reverted transaction would have logged was not published, even in a block that the verifier believes."""

from __future__ import annotations

import forged_block
import pytest

from anchoring.chain_proof.rlp import encode, number
from anchoring.signing.eip712 import keccak


def receipts(world, source):
    """Receipts of a block, of which one holds the version's event; and which one."""
    log = forged_block.version_log(world.versions[2].fields, world.versions[2].manifest.owner)
    count = source.choice((1, 2, 3, 20))
    index = source.randrange(count)
    kinds = [b"", b"\x01", b"\x02", b"\x03", b"\x04"]
    made = [forged_block.receipt([], kind=source.choice(kinds)) for _ in range(count)]
    return made, index, log, source.choice(kinds)


def forged(item, made, index):
    item["chain"] = {"anchor": forged_block.anchor(made, index)}
    return {"block_hashes": [keccak(item["chain"]["anchor"]["header"])]}


@pytest.mark.soak
def test_no_status_but_one_is_a_success(court, source, rounds):
    world = court.world
    for _ in range(10):
        made, index, log, kind = receipts(world, source)
        made[index] = forged_block.receipt([log], kind=kind)
        item = world.item("presence")
        court.accepts(item, **forged(item, made, index))
    for _ in rounds:
        made, index, log, kind = receipts(world, source)
        changed = source.randrange(4)
        if changed == 0:
            status = source.choice(
                (b"", b"\x02", b"\x81", b"\x00\x01", b"\x01\x00", b"\x01" * 32, source.randbytes(32))
            )
            made[index] = forged_block.receipt([log], status=status, kind=kind)
        elif changed == 1:
            # A status that is a list, and receipts of another number of fields.
            fields = [b"\x01", number(1), forged_block.BLOOM, [log]]
            others = (
                [[b"\x01"], *fields[1:]],
                fields[:3],
                [*fields, b""],
                [fields[3], *fields[1:]],
                [fields],
                fields[1:],
            )
            made[index] = kind + encode(source.choice(others))
        elif changed == 2:
            # The type is none, or stands twice, or the receipt is a byte string of one.
            whole = forged_block.receipt([log], kind=b"")
            made[index] = source.choice(
                (b"\x80" + whole, b"\x00" + whole, b"\x02\x02" + whole, encode(whole), b"\x7f\x01" + whole)
            )
        else:
            # The reverted transaction stands beside one that succeeded and logged nothing.
            made[index] = forged_block.receipt([log], status=b"", kind=kind)
            made.insert(index, forged_block.receipt([], kind=kind))
            index += source.randrange(2)
        item = world.item("presence")
        court.refuses(item, **forged(item, made, index))
