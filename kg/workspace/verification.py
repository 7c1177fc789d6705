"""What a verifier brings, and what is verified with it.

A stranger brings a graph id, an endpoint and somewhere to get blocks; inside a workspace these default to its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from anchoring.blockstores.car import CarReader
from anchoring.blockstores.folder import FolderStore
from anchoring.blockstores.gateway import GatewayReader
from anchoring.blockstores.kubo import KuboStore
from anchoring.blockstores.protocol import BlockReader
from anchoring.dataset.version import hash_dataset
from anchoring.encoding.cid import BadCid, Cid
from anchoring.errors import WrongUsage
from anchoring.fraud.fraud_proof import verify_fraud
from anchoring.proofs.bundle import MAX_BUNDLE_BYTES
from anchoring.rdf.canonical import canonical_lines
from anchoring.rdf.formats import UnknownFormat, format_of_file
from anchoring.signing.anchor import GraphId
from anchoring.verification.check_anchor import (
    MAX_AGE,
    NO_CHAIN,
    Chain,
    check_anchor,
    fields_of,
    leave_anchor_unchecked,
)
from anchoring.verification.check_signature import Signed
from anchoring.verification.verdict import Examination, Verdict
from anchoring.verification.verify import verify_version
from anchoring.verification.verify_bundle import verify_proof
from kg.errors import NoWorkspace
from kg.workspace.workspace import Workspace

_BLOCK_HASH = re.compile(r"0x[0-9a-fA-F]{64}")
_NUMBER = re.compile(r"[0-9]{1,18}")


class NoGraphGiven(WrongUsage):
    """Nothing says which graph the verifier trusts."""

    code = "no-graph-given"


class BadBlockHash(WrongUsage):
    """The text is no hash of a block."""

    code = "bad-block-hash"


class UnknownTarget(WrongUsage):
    """The target is no CID, no version number and no file."""

    code = "unknown-target"


@dataclass(frozen=True, slots=True)
class Trusted:
    """What the verifier starts from: the graph, its endpoint if it has one, and where blocks are to be had."""

    graph: GraphId
    chain: Chain | None
    readers: tuple[BlockReader, ...]

    @classmethod
    @contextmanager
    def given(
        cls,
        folder: str | None,
        *,
        graph: str | None,
        rpc: Sequence[str],
        confirmations: int = 1,
        cars: Sequence[str] = (),
        folders: Sequence[str] = (),
        kubo: str | None = None,
        gateways: Sequence[str] = (),
    ) -> Iterator[Trusted]:
        """Of what was given; what was not is taken from the workspace at or above `folder`, where there is one.

        With a graph given the workspace's chain is used only if the graph is its own. Raises NoGraphGiven.
        """
        with ExitStack() as stack:
            readers: list[BlockReader] = [stack.enter_context(CarReader(path)) for path in cars]
            readers += [FolderStore(path) for path in folders]
            readers += [KuboStore(kubo)] if kubo else []
            readers += [GatewayReader(url) for url in gateways]
            try:
                workspace = stack.enter_context(Workspace.open(folder))
            except NoWorkspace:
                workspace = None
            wanted = GraphId.parse(graph) if graph else None
            own: Chain | None = None
            if workspace is not None:
                readers.append(workspace.blocks)
                if wanted is None or (not rpc and str(wanted) in _own_graphs(workspace)):
                    wanted = wanted or workspace.chain.graph
                    own = Chain(workspace.chain.registry, confirmations)
            if wanted is None:
                raise NoGraphGiven(
                    "no graph id was given",
                    remedy="give --graph eip155:CHAIN:0xREGISTRY/0xGRAPH as its publisher names it",
                )
            yield cls(wanted, _chain(wanted, rpc, confirmations) if rpc else own, tuple(readers))


def own_trust(workspace: Workspace, confirmations: int = 1) -> Trusted:
    """What an open workspace verifies its own versions with."""
    return Trusted(workspace.chain.graph, Chain(workspace.chain.registry, confirmations), (workspace.blocks,))


def _own_graphs(workspace: Workspace) -> set[str]:
    return {record.graph for record in workspace.versions.all()}


def _chain(graph: GraphId, rpc: Sequence[str], confirmations: int) -> Chain:
    from kg.workspace.chain import foreign_registry

    return Chain(foreign_registry(graph, rpc), confirmations)


@dataclass(frozen=True, slots=True)
class Wish:
    """What else a verifier may bring and want: hashes of blocks for a proof, and that the version is the newest.

    `current` wants it as of a block that is at most `max_age` seconds old.
    """

    block_hashes: frozenset[bytes] = frozenset()
    current: bool = False
    max_age: float = MAX_AGE


def block_hash(text: str) -> bytes:
    """The 32 bytes of a block's hash; raises BadBlockHash.

    >>> block_hash("0x" + "0A" * 32).hex()[:4]
    '0a0a'
    """
    if not _BLOCK_HASH.fullmatch(text):
        raise BadBlockHash(f"{text[:100]!r} is no block hash", remedy="give 0x and 64 hexadecimal digits")
    return bytes.fromhex(text[2:])


def verify_fraud_file(path: Path, trusted: Trusted) -> Verdict:
    """The verdict about a fraud proof's file; raises UnknownTarget where it cannot be read."""
    return verify_fraud(read_proof_file(path), graph=trusted.graph, chain=trusted.chain)


def read_proof_file(path: Path) -> bytes:
    """The bytes of a proof file, one more than it may have where it is longer; raises UnknownTarget."""
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BUNDLE_BYTES + 1)
    except OSError as error:
        raise UnknownTarget(f"{path} cannot be read: {error.strerror}", remedy="give a proof file") from None


def verify_bundle(path: Path, trusted: Trusted, wish: Wish = Wish()) -> Verdict:
    """The verdict about a proof file; raises UnknownTarget where it cannot be read."""
    return verify_proof(
        read_proof_file(path),
        graph=trusted.graph,
        chain=trusted.chain,
        block_hashes=wish.block_hashes,
        current=wish.current,
        max_age=wish.max_age,
    )


def verify_target(
    target: str,
    trusted: Trusted,
    *,
    anchor_only: bool = False,
    wish: Wish = Wish(),
) -> Verdict:
    """The verdict about a version: the CID of its directory or manifest, its number, a CAR of it, or its RDF data."""
    with ExitStack() as stack:
        readers = list(trusted.readers)
        wanted: Cid | int
        path = Path(target)
        if _NUMBER.fullmatch(target):
            wanted = int(target)
        elif path.is_file() and path.suffix.lower() != ".car" and _is_rdf(path):
            return _verify_data_file(path, trusted)
        elif path.is_file():
            car = stack.enter_context(CarReader(path))
            readers.insert(0, car)
            if not car.roots:
                raise UnknownTarget(f"{path} names no root", remedy="give the version's CID and the file with --car")
            wanted = car.roots[0]
        else:
            try:
                wanted = Cid.parse(target)
            except BadCid:
                raise UnknownTarget(
                    f"{target[:200]!r} is no CID, no version number and no file",
                    remedy="give what `triplock publish` printed as manifest or directory, a number, or a CAR file",
                ) from None
        return verify_version(
            wanted,
            graph=trusted.graph,
            readers=readers,
            chain=trusted.chain,
            depth="anchor" if anchor_only else "complete",
            current=wish.current,
            max_age=wish.max_age,
        )


def _is_rdf(path: Path) -> bool:
    try:
        format_of_file(path)
    except UnknownFormat:
        return False
    return True


def _verify_data_file(path: Path, trusted: Trusted) -> Verdict:
    """The verdict about the data alone: whether a version of the graph has the root of this file.

    Manifest, signature and the files beside the data are then not to be had, which the verdict says.
    """
    commitment = hash_dataset(canonical_lines(path))
    examination = Examination(about={"graph": str(trusted.graph), **commitment.as_json()})
    for name in ("manifest", "signature", "files"):
        examination.unchecked(name, "the data alone was given; give the version's CID or a CAR file")
    if trusted.chain is None:
        leave_anchor_unchecked(examination, NO_CHAIN)
        return examination.verdict(str(path))
    anchors = trusted.chain.source.anchors(trusted.graph)
    found = [anchor for anchor in anchors if anchor.root == commitment.root and anchor.quads == commitment.quads]
    if examination.expect(
        "root",
        bool(found),
        passed=f"{commitment.quads} statements have the root 0x{commitment.root.hex()}",
        refuted=f"no version of the graph has the root 0x{commitment.root.hex()} of this file",
    ):
        check_anchor(examination, fields_of(found[-1]), Signed(), trusted.chain)
    return examination.verdict(str(path))
