"""The dataset built as the format says it, line by line in one process: the oracle of every faster way."""

from __future__ import annotations

from hashlib import sha256

from anchoring.dataset.cut import cut
from anchoring.dataset.merkle import tree_root
from anchoring.dataset.top_leaf import TopLeaf
from anchoring.encoding.cid import RAW, Block, Cid
from anchoring.errors import TriplockError
from anchoring.rdf.canonical import canonical_lines
from anchoring.rdf.lines import checked
from anchoring.rdf.nquads import is_ground_canonical


def simple_leaves(lines, keep=lambda block: None):
    """The top leaves of lines, each line checked, each block handed on."""
    leaves, start = [], 0
    for block in cut(checked(lines)):
        content = b"".join(line + b"\n" for line in block.lines)
        digest = sha256(content).digest()
        leaves.append(TopLeaf(start, len(block.lines), len(content), tree_root(block.hashes), digest))
        start += len(block.lines)
        keep(Block(Cid(RAW, digest), content))
    return tuple(leaves)


def simple_document(document, format="nq"):
    """The top leaves of a document."""
    return simple_leaves(canonical_lines(document, format))


def simple_separate(text, *, graph_name=True):
    """The ground canonical lines, and the text with empty lines in their place."""
    rest = text.split(b"\n")
    ground = [line for line in rest if is_ground_canonical(line, graph_name=graph_name)]
    return ground, b"\n".join(b"" if is_ground_canonical(line, graph_name=graph_name) else line for line in rest)


def outcome(build):
    """What a call gives, or the error it raises, comparable."""
    try:
        return build()
    except (TriplockError, OSError) as error:
        return type(error), str(error), getattr(error, "line", None), getattr(error, "column", None)
