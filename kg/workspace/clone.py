"""Somebody else's graph in a folder of one's own: verified in full, queryable, and moved on by `kg.workspace.pull`.

A clone is a workspace that remembers the graph's id, its endpoints and where blocks come from. It has no key, and
nothing can be read into it, withdrawn or published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from anchoring.signing.anchor import GraphId
from kg.claims.iris import Mint
from kg.errors import WorkspaceExists
from kg.workspace import configuration
from kg.workspace.clone_store import base_of
from kg.workspace.configuration import ChainSettings, CloneSettings, Configuration, IpfsSettings
from kg.workspace.places import Places
from kg.workspace.pull import Progress, PullReport, pull, silent
from kg.workspace.workspace import Workspace


def clone(
    graph: GraphId,
    folder: str | Path,
    *,
    rpc: Sequence[str],
    places: Places,
    at: int | None = None,
    shallow: bool = False,
    confirmations: int = 1,
    progress: Progress = silent,
) -> PullReport:
    """Make `folder` a clone of the graph at its newest version, or at version `at`; goes on with one that is there.

    With `shallow` the source documents and the older versions are left where they are.
    Raises WorkspaceExists where the folder is another workspace, and what `pull` raises; what came by then is kept.
    """
    target = Path(folder).resolve()
    if (target / configuration.FILE_NAME).exists():
        with Workspace.open(target) as there:
            if there.configuration.clone.graph != str(graph):
                raise WorkspaceExists(
                    f"{target} is a workspace already, and no clone of {graph}", remedy="name another folder"
                )
    else:
        places.require_some()
        settings = replace(
            Configuration(),
            chain=ChainSettings(endpoint=",".join(rpc), registry=graph.registry, confirmations=confirmations),
            ipfs=IpfsSettings(
                kubo=places.kubo,
                gateways=places.gateways,
                folders=tuple(str(Path(path).resolve()) for path in places.folders),
            ),
            clone=CloneSettings(str(graph)),
        )
        Workspace.init(target, settings).close()
    with Workspace.open(target) as workspace:
        return pull(workspace, places=places, at=at, shallow=shallow, progress=progress)


def take_base(workspace: Workspace, description: bytes) -> None:
    """Take over the base IRI under which the publisher mints, as the version's `void.ttl` states it."""
    base = base_of(description)
    settings = workspace.configuration
    if base is None or base == settings.graph.base:
        return
    chosen = replace(settings, graph=replace(settings.graph, base=base))
    configuration.write(workspace.folder / configuration.FILE_NAME, chosen)
    workspace.configuration = chosen
    workspace.mint = Mint(base)
