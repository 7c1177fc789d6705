"""A tree over one file and the bytes of another: root, counts, blocks and CID must all be those of the same lines."""

from __future__ import annotations

from dataclasses import replace

import dishonest_owner
import pytest


def statements(source):
    numbers = source.sample(range(1000), 30)
    return sorted(b'<a:%03d> <a:p> "%s" .' % (number, b"x" * source.randrange(1500)) for number in numbers)


def another_file(one, other, source):
    """The manifest has the tree of one dataset and `data.nq` of the other."""
    return {"files": other.manifest.files}


def another_tree(one, other, source):
    return {"root": other.manifest.root, "quads": other.manifest.quads, "blocks": other.manifest.blocks}


def another_root(one, other, source):
    return {"root": other.manifest.root}


def another_size(one, other, source):
    (data,) = one.manifest.files
    return {"files": (replace(data, size=data.size + source.choice((-1, 1, 100, -data.size // 2, 10**6))),)}


def another_count(one, other, source):
    key, most = source.choice((("quads", 100), ("blocks", 20)))
    return {key: getattr(one.manifest, key) + source.randint(1, most)}


def leaves_of_another(other, source):
    """Top leaves that lie about the blocks they stand for: digest, length, count or line root of the other file's."""

    def changed(leaves):
        made = list(leaves)
        at = source.randrange(len(made))
        theirs = source.choice(other.snapshot.dataset.leaves)
        keys = ("digest", "line_root", "length", "count")
        chosen = source.sample(keys, source.randint(1, 2))
        made[at] = replace(made[at], **{key: getattr(theirs, key) for key in chosen})
        return made

    return changed


@pytest.mark.soak
def test_a_tree_of_one_file_and_bytes_of_another_are_refused(court, source, rounds):
    for _ in rounds:
        lines = statements(source)
        other = dishonest_owner.publish_lines(court.world, statements(source))
        if source.random() < 0.4:
            one = dishonest_owner.publish_lines(court.world, lines, leaves=leaves_of_another(other, source))
            if one.snapshot.dataset == dishonest_owner.publish_lines(court.world, lines).snapshot.dataset:
                continue
            changes = {}
        else:
            one = dishonest_owner.publish_lines(court.world, lines)
            made = source.choice((another_file, another_tree, another_root, another_size, another_count))
            changes = made(one, other, source)
        for cid in other.store:
            one.store.put([dishonest_owner.Block(cid, other.store.get(cid))], [])
        manifest = replace(one.manifest, **changes)
        assert manifest != one.manifest or not changes
        verdict = one.verify(manifest)
        assert verdict.exit_code == 1, (changes, verdict.as_json())
        assert verdict.checks[0].outcome == "passed"
