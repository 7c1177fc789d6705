"""A path has exactly the hashes that lead to the root: none less, none more, and no byte between."""

from __future__ import annotations

import pytest
from opened import paths

KINDS = ("presence", "several", "absence", "prefix", "added", "removed")


def short(path, source):
    hashes = len(path) // 32
    at = source.randrange(hashes)
    return path[: 32 * at] + path[32 * (at + 1) :]


def long(path, source):
    at = 32 * source.randrange(len(path) // 32 + 1)
    more = source.choice((bytes(32), path[:32], path[-32:], source.randbytes(32)))
    return path[:at] + more * source.choice((1, 1, 2, 30, 64)) + path[at:]


def padded(path, source):
    return source.choice((path + bytes(source.randint(1, 31)), bytes(source.randint(1, 31)) + path, path + b"\x80"))


def cut(path, source):
    return path[: -source.randint(1, 31)]


def turned(path, source):
    at = source.randrange(len(path))
    return path[:at] + bytes([path[at] ^ 1 << source.randrange(8)]) + path[at + 1 :]


def nodes_of_the_chain(item, source):
    """The same for the nodes of a trie."""
    part, key = source.choice((("anchor", "receipt"), ("head", "account"), ("head", "storage")))
    nodes = item["chain"][part][key]
    at = source.randrange(len(nodes))
    change = source.randrange(4)
    if change == 0:
        del nodes[at]
    elif change == 1:
        nodes.insert(at, nodes[at])
    elif change == 2:
        nodes.append(source.choice((b"\x80", b"\xc0", nodes[0], source.randbytes(33))))
    else:
        nodes[at] += bytes(source.randint(1, 3))


@pytest.mark.soak
def test_a_path_of_another_length_is_refused(court, source, rounds):
    for kind in KINDS:
        court.accepts(court.world.item(kind))
    for _ in rounds:
        item = court.world.item(source.choice(KINDS))
        if source.random() < 0.2:
            nodes_of_the_chain(item, source)
            court.refuses(item)
            continue
        holder, key = source.choice(paths(item))
        holder[key] = source.choice((short, long, padded, cut, turned))(holder[key], source)
        court.refuses(item)
