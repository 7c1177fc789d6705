"""The prose of a JSON document: NatSpec, token metadata, token lists, governance proposals, and what is like them.

Which strings are prose is told by what they look like, three words or more, and by their key: types, licences, source
code, names and titles are none. What a string is about is told by the keys above it and by the name of the object it
stands in; a string of several lines is read as Markdown. Authors are left out with their e-mail addresses.
NatSpec: https://docs.soliditylang.org/en/latest/natspec-format.html#documentation-output ; solc's metadata:
https://docs.soliditylang.org/en/latest/metadata.html ; token metadata: https://eips.ethereum.org/EIPS/eip-721 and
https://eips.ethereum.org/EIPS/eip-1155#metadata ; token lists: https://github.com/Uniswap/token-lists
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from extractors.documents import markdown
from extractors.documents.json_strings import String, Strings, read_string, strings
from extractors.documents.passages import Passage
from extractors.documents.scripts import CJK_PROSE

_NAMING = ("title", "name", "contractName", "symbol")
"""Keys whose value names the object they stand in, the best first."""
_NO_NAME = 99
_SILENT_KEYS = (
    "output userdoc devdoc methods details notice description body text content metadata data proposal proposals "
    "properties summary abstract attributes value"
)
_SILENT = frozenset(_SILENT_KEYS.split())
"""Keys that say nothing of what is below them."""
_NO_PROSE_KEYS = (
    "internalType type stateMutability keccak256 license licenses licence url urls image image_data image_url "
    "animation_url external_url logoURI email author authors signature bytecode deployedBytecode object sourceMap "
    "opcodes version trait_type title name symbol id source sourceCode abi ast method selector"
)
_NO_PROSE = frozenset(_NO_PROSE_KEYS.split())
_WORD = re.compile(r"[^\W\d_]{2,}")
_ESCAPED = re.compile(r"(?:\\u[3-9a-dA-D][0-9a-fA-F]{3}){4}")
_KINDS = (
    (frozenset({"compiler", "abi", "devdoc", "userdoc", "contractName"}), ("this contract",)),
    (frozenset({"proposal", "proposer", "choices", "votes", "quorum", "proposalId"}), ("this proposal",)),
    (frozenset({"tokens"}), ("this list",)),
    (frozenset({"image", "image_data", "animation_url", "attributes", "decimals"}), ("this token",)),
)
"""By which keys of the outermost object it is seen what the document is about, and what it calls that."""


@dataclass(frozen=True)
class JsonDocument:
    """A JSON text as a document: its title and where that stands, what it calls its subject, its prose."""

    source: str
    found: Strings

    @classmethod
    def read(cls, source: str, name: str = "the document") -> JsonDocument:
        """Scan a JSON text. Raises DocumentNotJson.

        >>> text = '{"name": "sUSD", "image": "x", "description": "A dollar by Maker."}'
        >>> document = JsonDocument.read(text)
        >>> document.title, document.nouns, [p.text for p in document.passages()]
        (('sUSD', (10, 14)), ('this token',), ['A dollar by Maker.'])
        """
        return cls(source, strings(source, name))

    @property
    def title(self) -> tuple[str, tuple[int, int]] | None:
        """What names the whole document: its title, contract or name, in the outermost object or one level below."""
        best = min(self.found.values, key=self._rank, default=None)
        if best is None or self._rank(best)[0] == _NO_NAME or best.end == best.start:
            return None
        return self._name(best), (best.start, best.end)

    @property
    def nouns(self) -> tuple[str, ...]:
        """What the text calls its subject: ("this contract",); () where the keys do not tell."""
        return next((nouns for keys, nouns in _KINDS if keys & self.found.keys), ())

    def passages(self) -> Iterator[Passage]:
        """The prose, in order."""
        for value in self.found.values:
            if value.key in _NO_PROSE or value.end - value.start < 8 or self._is_source(value):
                continue
            text = self.source[value.start : value.end]
            if text.lstrip()[:1] in ("{", "["):
                continue
            if sum(1 for part in text[:2000].split() if _WORD.search(part)) < 3 and not _unspaced(text):
                continue
            heading = self._heading(value)
            passage = read_string(self.source, value, heading)
            if "\n" not in passage.text:
                yield passage
                continue
            for block in markdown.blocks(passage.text):
                if block.kind in markdown.PROSE:
                    yield passage.part((*heading, *block.heading), block.start, block.end)

    def _rank(self, value: String) -> tuple[int, int]:
        """How well a value names the document: lower is better; `_NO_NAME` for one that does not."""
        container = self.found.containers[value.parent] if value.parent >= 0 else None
        if container is not None and container.key == "compilationTarget":
            return 1, value.start
        if value.key in _NAMING:
            if value.parent == 0:
                return (2 if value.key == "name" else _NAMING.index(value.key)), value.start
            if container is not None and container.parent == 0 and container.key in _SILENT:
                return 10 + _NAMING.index(value.key), value.start
        return _NO_NAME, value.start

    def _is_source(self, value: String) -> bool:
        """Whether it is the text of a source file, as in `sources: {"A.sol": {"content": …}}`."""
        row = value.parent
        for _ in range(3):
            if row < 0:
                return False
            if self.found.containers[row].key == "sources":
                return True
            row = self.found.containers[row].parent
        return False

    def _heading(self, value: String) -> tuple[str, ...]:
        path = [] if value.key in _SILENT or not value.key else [value.key]
        row = value.parent
        while row > 0:
            container = self.found.containers[row]
            name = self._names.get(row, "")
            if name:
                path.append(name)
            elif container.key and container.key not in _SILENT:
                path.append(container.key)
            row = container.parent
        return tuple(reversed(path))

    @cached_property
    def _names(self) -> dict[int, str]:
        """The name of each object below the outermost that has one."""
        best: dict[int, tuple[int, str]] = {}
        for value in self.found.values:
            if value.key in _NAMING and value.parent > 0:
                rank = _NAMING.index(value.key)
                if value.parent not in best or rank < best[value.parent][0]:
                    best[value.parent] = rank, self._name(value)
        return {row: name for row, (_, name) in best.items()}

    def _name(self, value: String) -> str:
        return " ".join(read_string(self.source, value).text.split())[:200]


def _unspaced(text: str) -> bool:
    """Whether it is in a script without spaces, written out or escaped."""
    return CJK_PROSE.search(text) is not None or _ESCAPED.search(text) is not None
