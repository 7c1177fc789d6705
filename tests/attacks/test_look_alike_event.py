"""Only the registry's own event counts: not the same words from another address, nor other words from its own."""

from __future__ import annotations

import forged_block
import pytest

from anchoring.signing.eip712 import keccak


def turned(octets, source):
    changed = bytearray(octets)
    changed[source.randrange(len(changed))] ^= 1 << source.randrange(8)
    return bytes(changed)


def another_address(log, source):
    others = (
        turned(log[0], source),
        bytes(20),
        source.randbytes(20),
        log[0] + b"\x00",
        log[0][:19],
        b"\x00" + log[0],
        b"",
    )
    log[0] = source.choice(others)


def another_topic(log, source):
    at = source.randrange(3)
    names = (b"Version(bytes32,bytes32)", b"Batch(address,bytes32,uint256)", b"Transfer(address,address,uint256)")
    log[1][at] = source.choice(
        (turned(log[1][at], source), bytes(32), keccak(source.choice(names)), b"", log[1][at][:31])
    )


def topics_moved(log, source):
    topics = log[1]
    log[1] = source.choice(
        (topics[:2], [*topics, bytes(32)], topics[::-1], [topics[0], topics[2], topics[1]], topics[1:], [], topics[:1])
    )


def other_data(log, source):
    data = log[2]
    log[2] = source.choice(
        (
            turned(data[:140], source) + data[140:],
            data[:128] + source.randbytes(12) + data[140:],
            data[:159],
            data + bytes(32),
            data[32:] + data[:32],
            b"",
            data[:-32],
        )
    )


def other_shape(log, source):
    source.choice(
        (
            lambda: log.append(b""),
            lambda: log.pop(),
            lambda: log.reverse(),
            lambda: log.__setitem__(1, b"".join(log[1])),
        )
    )()


def topic_in_data(log, source):
    """What the event has in topics stands in its data, as an event without indexed arguments would have it."""
    log[2] = log[1].pop() + log[2]


MUTATIONS = (another_address, another_address, another_topic, topics_moved, other_data, other_shape, topic_in_data)


@pytest.mark.soak
def test_an_event_that_only_looks_like_the_registrys_is_refused(court, source, rounds):
    world = court.world
    fields, owner = world.versions[2].fields, world.versions[2].manifest.owner

    def brought(item, logs, log):
        item["chain"] = {"anchor": forged_block.anchor([forged_block.receipt(logs)], 0, log)}
        return {"block_hashes": [keccak(item["chain"]["anchor"]["header"])]}

    item = world.item("presence")
    court.accepts(item, **brought(item, [[bytes(20), [], b""], forged_block.version_log(fields, owner)], 1))
    for _ in rounds:
        log = forged_block.version_log(fields, owner)
        source.choice(MUTATIONS)(log, source)
        logs = [log]
        # The true event beside it changes nothing: the proof points at the other.
        if source.random() < 0.3:
            logs.append(forged_block.version_log(fields, owner))
        item = world.item("presence")
        court.refuses(item, **brought(item, logs, 0))


@pytest.mark.soak
def test_an_event_that_names_another_publisher_refutes_the_signature(court, source, rounds):
    world = court.world
    fields = world.versions[2].fields
    for _ in rounds:
        other = f"0x{turned(bytes.fromhex(world.versions[2].manifest.owner[2:]), source).hex()}"
        item = world.item("presence")
        item["chain"] = {
            "anchor": forged_block.anchor([forged_block.receipt([forged_block.version_log(fields, other)])], 0)
        }
        court.refuses(item, block_hashes=[keccak(item["chain"]["anchor"]["header"])])
