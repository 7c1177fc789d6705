"""The manifest of a version: what it belongs to, what it commits to, its files, licence and sources.

One raw block of RFC 8785 JSON, at most 64 KiB; the SHA-256 of its bytes is anchored, so it binds every member.
Reading is strict: what is not exactly as written here is refused.
Format: docs/format.md, section "Manifest".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from anchoring.encoding import strict_json
from anchoring.encoding.cid import BadCid, Block, Cid
from anchoring.encoding.strict_json import MAX_INTEGER, BadJson
from anchoring.errors import InputRefused
from anchoring.signing.anchor import ZERO_WORD, GraphId
from anchoring.signing.eip712 import MAX_VERSION, BadVersionFields, VersionFields, graph_id

FORMAT = "triplock-version/1"
MAX_MANIFEST_BYTES = 65_536
MAX_LICENCE = 256
MAX_BLOCKS = (1 << 32) - 1
MANIFEST_NAME = "manifest.json"
SIGNATURE_NAME = "signature.json"
DATA_NAME = "data.nq"
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_PRINTABLE = re.compile(r"[ -~]+")
_ADDRESS = re.compile(r"0x[0-9a-f]{40}")
_WORD = re.compile(r"0x[0-9a-f]{64}")
_MEMBERS = frozenset(
    {"format", "chainId", "registry", "owner", "label", "graph", "version", "parent", "parentManifest", "root"}
    | {"quads", "blocks", "files", "ontology", "sources", "licence", "leafKinds", "ext"}
)


class BadManifest(InputRefused):
    """The manifest is not of version format 1, or says what cannot be."""

    code = "bad-manifest"

    def __init__(self, what: str, *, remedy: str = "ask the publisher for the manifest as it was published") -> None:
        super().__init__(what, remedy=remedy)


@dataclass(frozen=True, order=True, slots=True)
class FileEntry:
    """A file of the version: its name in the directory, its CID, its length in bytes."""

    name: str
    cid: Cid
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """A version as its publisher describes it.

    `registry` and `owner` are lower-case 0x addresses; `label`, `parent` (the previous head word, ZERO_WORD for
    version 1) and `root` 32 bytes; `files` sorted by name, `data.nq` among them; `ontology` the CIDs of the
    ontologies in use; `sources` the CID of a text that lists the source documents' CIDs, or None;
    `licence` an SPDX expression or an IRI. Raises BadManifest.
    """

    chain_id: int
    registry: str
    owner: str
    label: bytes
    version: int
    parent: bytes
    parent_manifest: Cid | None
    root: bytes
    quads: int
    blocks: int
    files: tuple[FileEntry, ...]
    licence: str
    ontology: tuple[Cid, ...] = ()
    sources: Cid | None = None
    ext: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.licence.strip() or len(self.licence) > MAX_LICENCE or not _PRINTABLE.fullmatch(self.licence):
            raise BadManifest(
                f"{self.licence[:80]!r} is no licence",
                remedy="name the licence of the data, an SPDX expression such as CC-BY-4.0 or an IRI",
            )
        for text in (self.registry, self.owner):
            if not _ADDRESS.fullmatch(text):
                raise BadManifest(f"{text[:80]!r} is no address in lower case")
        numbers = (self.chain_id, self.version, self.quads, self.blocks, *(entry.size for entry in self.files))
        if not all(0 <= number <= MAX_INTEGER for number in numbers) or not self.chain_id:
            raise BadManifest(f"a number among {numbers[:8]} is out of range")
        if not 1 <= self.version <= MAX_VERSION or len(self.label) != 32:
            raise BadManifest(f"version {self.version} or label 0x{self.label.hex()} is out of range")
        names = [entry.name for entry in self.files]
        if names != sorted(set(names)) or DATA_NAME not in names or {MANIFEST_NAME, SIGNATURE_NAME} & set(names):
            raise BadManifest(f"the files are not sorted by distinct names with {DATA_NAME} among them: {names[:8]}")
        if bad := [name for name in names if not _FILE_NAME.fullmatch(name)]:
            raise BadManifest(f"{bad[0][:80]!r} is no name of a file", remedy="use letters, digits, '.', '_' and '-'")
        if self.sources and self.sources not in {entry.cid for entry in self.files}:
            raise BadManifest(f"the list of sources, {self.sources}, is none of the files")
        if (self.version == 1) != (self.parent == ZERO_WORD) or (self.version == 1) != (self.parent_manifest is None):
            raise BadManifest(f"version {self.version} has the parent 0x{self.parent.hex()}, {self.parent_manifest}")
        if self.version > 1 and int.from_bytes(self.parent[:5], "big") != self.version - 1:
            raise BadManifest(f"version {self.version} follows the head word 0x{self.parent.hex()} of another version")
        if (self.quads == 0) != (self.blocks == 0) or self.blocks > min(self.quads, MAX_BLOCKS):
            raise BadManifest(f"{self.quads} quads cannot stand in {self.blocks} blocks")

    @property
    def graph(self) -> GraphId:
        """The graph this is a version of: a digest of chain, registry, owner and label."""
        return graph_id(self.chain_id, self.registry, self.owner, self.label)

    @property
    def data(self) -> FileEntry:
        """The entry of `data.nq`."""
        return next(entry for entry in self.files if entry.name == DATA_NAME)

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the manifest's bytes, as it is anchored."""
        return sha256(self.encode()).digest()

    @property
    def block(self) -> Block:
        """The manifest as a raw block."""
        content = self.encode()
        return Block(Cid.of(content), content)

    @property
    def fields(self) -> VersionFields:
        """What is signed and anchored; raises BadManifest where a count exceeds what the anchor can carry."""
        try:
            return VersionFields(self.graph, self.version, self.root, self.quads, self.blocks, self.parent, self.digest)
        except BadVersionFields as error:
            raise BadManifest(error.what) from None

    def encode(self) -> bytes:
        """The canonical bytes; raises BadManifest where they exceed 64 KiB."""
        document = {
            "format": FORMAT,
            "chainId": self.chain_id,
            "registry": self.registry,
            "owner": self.owner,
            "label": _hex(self.label),
            "graph": _hex(self.graph.graph),
            "version": self.version,
            "parent": _hex(self.parent),
            "parentManifest": self.parent_manifest and str(self.parent_manifest),
            "root": _hex(self.root),
            "quads": self.quads,
            "blocks": self.blocks,
            "files": [{"name": entry.name, "cid": str(entry.cid), "size": entry.size} for entry in self.files],
            "ontology": [str(cid) for cid in self.ontology],
            "sources": self.sources and str(self.sources),
            "licence": self.licence,
            "leafKinds": [1],
            "ext": dict(self.ext),
        }
        content = strict_json.encode(document)
        if len(content) > MAX_MANIFEST_BYTES:
            raise BadManifest(
                f"the manifest has {len(content)} bytes, more than {MAX_MANIFEST_BYTES}", remedy="name fewer files"
            )
        return content

    @classmethod
    def decode(cls, content: bytes) -> Manifest:
        """Of its bytes; raises BadManifest for anything but what `encode` writes."""
        try:
            document = strict_json.decode(content, at_most=MAX_MANIFEST_BYTES)
            manifest = cls._of(_Members(document, _MEMBERS))
        except (BadJson, BadCid) as error:
            raise BadManifest(f"the manifest is refused: {error.what}") from None
        if manifest.encode() != content:
            raise BadManifest(
                f"the manifest's graph is not {manifest.graph}, the digest of its chain, registry, owner and label,"
                " or a CID stands in another form"
            )
        return manifest

    @classmethod
    def _of(cls, members: _Members) -> Manifest:
        if members.text("format") != FORMAT or members.list("leafKinds") != [1]:
            raise BadManifest(f"{str(members['format'])[:40]!r}, {members['leafKinds']!r}: only {FORMAT} is known")
        members.word("graph")
        return cls(
            chain_id=members.number("chainId"),
            registry=members.text("registry"),
            owner=members.text("owner"),
            label=members.word("label"),
            version=members.number("version"),
            parent=members.word("parent"),
            parent_manifest=members.cid_or_none("parentManifest"),
            root=members.word("root"),
            quads=members.number("quads"),
            blocks=members.number("blocks"),
            files=tuple(
                FileEntry(entry.text("name"), entry.cid("cid"), entry.number("size"))
                for entry in (_Members(each, frozenset({"name", "cid", "size"})) for each in members.list("files"))
            ),
            licence=members.text("licence"),
            ontology=tuple(Cid.parse(_text(each)) for each in members.list("ontology")),
            sources=members.cid_or_none("sources"),
            ext=members.members("ext"),
        )


def _hex(content: bytes) -> str:
    return f"0x{content.hex()}"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadManifest(f"{str(value)[:80]!r} stands where a text must")
    return value


class _Members:
    """The members of a JSON object, each read as the kind it must be."""

    def __init__(self, document: object, names: frozenset[str]) -> None:
        if not isinstance(document, dict) or document.keys() != names:
            found = sorted(document) if isinstance(document, dict) else document
            raise BadManifest(f"{str(found)[:200]} are not the members {sorted(names)}")
        self._document = document

    def __getitem__(self, name: str) -> object:
        return self._document[name]

    def text(self, name: str) -> str:
        return _text(self[name])

    def number(self, name: str) -> int:
        value = self[name]
        if type(value) is not int:
            raise BadManifest(f"{name} is {str(value)[:80]!r} and no whole number")
        return value

    def word(self, name: str) -> bytes:
        text = self.text(name)
        if not _WORD.fullmatch(text):
            raise BadManifest(f"{name} is {text[:80]!r} and not 32 bytes as 0x and lower-case hexadecimal digits")
        return bytes.fromhex(text[2:])

    def cid(self, name: str) -> Cid:
        return Cid.parse(self.text(name))

    def cid_or_none(self, name: str) -> Cid | None:
        return None if self[name] is None else self.cid(name)

    def list(self, name: str) -> list[object]:
        value = self[name]
        if not isinstance(value, list):
            raise BadManifest(f"{name} is {str(value)[:80]!r} and no list")
        return value

    def members(self, name: str) -> dict[str, object]:
        value = self[name]
        if not isinstance(value, dict):
            raise BadManifest(f"{name} is {str(value)[:80]!r} and no object")
        return value
