"""A publisher whose chain is served, and clones of its graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from anchoring.blockstores.memory import MemoryStore
from anchoring.chain.devchain import DevChain
from anchoring.encoding.cid import Block, Cid
from anchoring.signing.anchor import GraphId
from kg.jobs.versions import VersionRecord
from kg.workspace.configuration import Configuration
from kg.workspace.workspace import Workspace

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"
TRANSFER = (
    "<https://eips.ethereum.org/EIPS/eip-20> <https://w3id.org/triplock/ethereum-standards#declares> "
    "<https://eips.ethereum.org/EIPS/eip-20#event:Transfer(address,address,uint256)> ."
)


def settings(**graph: str) -> Configuration:
    """Settings without a model, with a licence."""
    plain = Configuration()
    return replace(
        plain,
        graph=replace(plain.graph, **{"licence": "CC0-1.0", "base": "https://publisher.example/", **graph}),
        model=replace(plain.model, use="none"),
    )


@dataclass
class Publisher:
    """A workspace with published versions and an endpoint; `store` has all its blocks, for gateways."""

    folder: Path
    url: str
    graph: GraphId
    store: MemoryStore
    versions: list[VersionRecord]

    @property
    def blocks(self) -> Path:
        return self.folder / ".triplock" / "blocks"

    def publish(self, *documents: str) -> VersionRecord:
        with Workspace.open(self.folder) as workspace:
            if documents:
                assert workspace.ingest(*(DOCUMENTS / name for name in documents)).complete
            record = workspace.publish().record
            self.take(workspace)
        self.versions.append(record)
        return record

    def take(self, workspace: Workspace) -> None:
        for cid in workspace.blocks:
            if not self.store.has(cid):
                self.store.put([Block(cid, workspace.blocks.get(cid))], ())


@contextmanager
def publisher(folder: Path, steps: Sequence[Sequence[str]]) -> Iterator[Publisher]:
    """A publisher with one version for each step, a list of documents."""
    with Workspace.init(folder, settings()) as workspace:
        graph = workspace.chain.graph
    with DevChain.open(folder / ".triplock" / "chain") as chain, chain.serve(port=0) as server:
        made = Publisher(folder, server.url, graph, MemoryStore(), [])
        for documents in steps:
            made.publish(*documents)
        yield made


def lines_of_store(folder: Path) -> list[bytes]:
    """What the store of a workspace holds."""
    with Workspace.open(folder) as workspace:
        return list(workspace.store.sorted_quads())


def root_of(record: VersionRecord) -> Cid:
    return Cid.parse(record.directory)
