"""A quotation with the blocks that show it: these bytes stand at this place of the document with this CID.

A reader needs neither the document nor the network, only the blocks from the document's root to the quoted bytes.
Who quotes whom is for the statements to say: an excerpt counts only beside proven statements that name its document
and state its text.
Format: docs/format.md, section "Excerpt".
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import pyoxigraph as ox

from anchoring.encoding.cbor_map import CborMap
from anchoring.encoding.cid import RAW, Block, Cid
from anchoring.encoding.dag_pb import BadNode
from anchoring.encoding.deterministic_cbor import Item
from anchoring.encoding.unixfs import EMPTY_FILE
from anchoring.encoding.unixfs_reader import Blocks, read_range
from anchoring.errors import InputRefused, Refuted
from anchoring.rdf.nquads import parse_line

MAX_QUOTE_BYTES = 65_536
MAX_EXCERPT_BLOCKS = 64
ENCODINGS = (
    *("utf-8", "utf-16-le", "utf-16-be", "windows-1252", "iso-8859-1", "windows-1251", "koi8-r"),
    *("gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "utf-32-le", "utf-32-be"),
)
"""In one of these the quoted bytes must read as the quote."""
_NO_ENCODINGS = frozenset(
    ["punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7", "mbcs", "oem"]
)
"""Codecs of Python that no document is in; decoding by the first takes the square of the length."""


def is_encoding(name: str) -> bool:
    """Whether a stated encoding is one that a document may be in; in somebody else's graph anything may be stated.

    >>> is_encoding("UTF8"), is_encoding("punycode"), is_encoding("no such")
    (True, False, False)
    """
    try:
        return codecs.lookup(name[:40]).name not in _NO_ENCODINGS
    except (LookupError, ValueError):  # no such codec, or a name with zeros in it
        return False


class BadExcerpt(InputRefused):
    """The quotation cannot be made: the bytes at that place do not read as the quote."""

    code = "bad-excerpt"


class ExcerptRefuted(Refuted):
    """The document does not hold the quotation there, or no proven statement makes it."""

    code = "excerpt-refuted"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="do not believe the quotation; ask for a new proof")


class Said(NamedTuple):
    """What proven statements mention: IRIs, each also without its fragment, and the texts of literals."""

    iris: set[str]
    texts: set[str]

    @classmethod
    def by(cls, lines: Iterable[bytes]) -> Said:
        """By these canonical statements."""
        said = cls(set(), set())
        for line in lines:
            quad = parse_line(line)
            for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
                if isinstance(term, ox.NamedNode):
                    said.iris.update((term.value, term.value.partition("#")[0]))
                elif isinstance(term, ox.Literal):
                    said.texts.add(term.value)
        return said


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Bytes `start` to before `end` of `document`, which read as `quote`; `blocks` are opened in this order."""

    document: Cid
    start: int
    end: int
    quote: str
    blocks: tuple[bytes, ...]

    def check(self, said: Said) -> None:
        """Raises ExcerptRefuted, with the reason, unless the document holds the quote and proven statements say so."""
        opened = _Opened([Block(Cid.of(data, codec), data) for data in self.blocks for codec in (RAW, 0x70)])
        try:
            if not 0 < self.end - self.start <= MAX_QUOTE_BYTES:
                raise BadNode(f"{self.end - self.start} bytes are no quotation")
            quoted = read_range(self.document, opened, self.start, self.end)
        except BadNode as error:
            raise ExcerptRefuted(f"document {self.document}: {error.what}") from None
        if [data for _, data in opened.used] != list(self.blocks):
            raise ExcerptRefuted(f"the blocks of the excerpt of {self.document} are not those that were opened")
        if not _reads_as(quoted, self.quote):
            raise ExcerptRefuted(
                f"{self.document} holds {quoted[:120]!r} at byte {self.start}, not {self.quote[:120]!r}"
            )
        if self.document.iri not in said.iris:
            raise ExcerptRefuted(f"no proven statement names the document {self.document.iri}")
        if self.quote not in said.texts:
            raise ExcerptRefuted(f"no proven statement has the text {self.quote[:120]!r}")

    def as_item(self) -> Item:
        """The map of an excerpt."""
        return {
            "document": bytes(self.document),
            "start": self.start,
            "end": self.end,
            "quote": self.quote,
            "blocks": list(self.blocks),
        }

    @classmethod
    def of_item(cls, item: Item) -> Excerpt:
        """Of its map; raises BadMap or BadCid. Nothing is checked but the kinds of values."""
        members = CborMap(item, "blocks document end quote start", "an excerpt")
        return cls(
            document=Cid.from_bytes(members.bytes("document")),
            start=members.number("start"),
            end=members.number("end"),
            quote=members.text("quote"),
            blocks=members.all_bytes("blocks", MAX_EXCERPT_BLOCKS),
        )


def make_excerpt(document: Cid, start: int, end: int, quote: str, blocks: Blocks) -> Excerpt:
    """The excerpt of bytes `start` to before `end`; raises BadExcerpt, and what `blocks.get` raises."""
    opened = _Opened((), blocks)
    quoted = read_range(document, opened, start, end)
    if not quoted or len(quoted) > MAX_QUOTE_BYTES or not _reads_as(quoted, quote):
        raise BadExcerpt(
            f"bytes {start} to {end} of {document} are {quoted[:80]!r} and do not read as {quote[:80]!r}",
            remedy="give the offsets in bytes of the document as it is stored",
        )
    return Excerpt(document, start, end, quote, tuple(data for _, data in opened.used))


class _Opened:
    """Blocks that remember which of them were asked for, and when first."""

    def __init__(self, held: Iterable[Block], behind: Blocks | None = None) -> None:
        self._held = {block.cid: block.data for block in held}
        self._behind = behind
        self.used: list[Block] = []

    def get(self, cid: Cid) -> bytes:
        if cid not in self._held and self._behind:
            self._held[cid] = self._behind.get(cid)
        if cid not in self._held or cid == EMPTY_FILE.cid:
            raise BadNode(f"block {cid} is missing")
        if all(block.cid != cid for block in self.used):
            self.used.append(Block(cid, self._held[cid]))
        return self._held[cid]


def _reads_as(quoted: bytes, quote: str) -> bool:
    for encoding in ENCODINGS:
        try:
            if quoted.decode(encoding) == quote:
                return True
        except UnicodeDecodeError:
            continue
    return False
