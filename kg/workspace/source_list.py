"""The source documents that a version lists: a text of CIDs, which anybody may have written."""

from __future__ import annotations

from contextlib import suppress

from anchoring.encoding.cid import BadCid, Cid
from anchoring.encoding.unixfs_reader import Blocks, read_file
from anchoring.signing.manifest import Manifest

MOST_BYTES = 8 << 20
"""A longer list is not read."""


def listed_sources(manifest: Manifest, blocks: Blocks) -> list[Cid]:
    """The documents that a version says it was read from; what is no CID of format 1 is passed over.

    Raises what `blocks.get` raises where the list itself is not there.
    """
    entry = next((entry for entry in manifest.files if entry.cid == manifest.sources), None)
    if entry is None or entry.size > MOST_BYTES:
        return []
    listed = []
    for text in read_file(entry.cid, blocks, at_most=entry.size).decode("ascii", "replace").split():
        with suppress(BadCid):
            listed.append(Cid.parse(text))
    return listed
