"""What a workspace holds and how far it is, without opening model, chain or network."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.jobs.versions import VersionRecord
    from kg.workspace.workspace import Workspace


def status(workspace: Workspace) -> dict[str, object]:
    """A document of counts and settings: sources, chunks, blocks, statements, versions."""
    sources = workspace.sources.all()
    chunks = workspace.sources.chunks()
    last = workspace.versions.moved_last()
    versions = workspace.versions.all(last.graph) if last else []
    anchored = [record for record in versions if record.anchored]
    waiting = [record for record in versions if record.state != "final"]
    newest = versions[-1] if versions else None
    return {
        "folder": str(workspace.folder),
        "base": workspace.mint.base,
        "licence": workspace.configuration.graph.licence or None,
        "store": workspace.store.name,
        "statements": len(workspace.store),
        "generation": workspace.store.generation,
        "publisher": None if workspace.is_clone else workspace.signer.address,
        "cloneOf": workspace.configuration.clone.graph or None,
        "graph": newest.graph if newest else None,
        "sources": dict(Counter(record.state for record in sources)),
        "chunks": dict(Counter(chunk.status for chunk in chunks)),
        "chainBlocks": [
            {"chain": f"eip155:{chain}", "dataset": dataset, "status": state, "blocks": count}
            for chain, dataset, state, count in workspace.sources.block_counts()
        ],
        "withdrawn": len(workspace.sources.withdrawals()),
        "published": anchored[-1].number if anchored else 0,
        "waiting": {"version": waiting[0].number, "state": waiting[0].state} if waiting else None,
        "steps": _steps(workspace, waiting[0] if waiting else newest) if newest else [],
        "unpublishedChanges": bool(not newest or newest.generation != workspace.store.generation),
    }


def _steps(workspace: Workspace, record: VersionRecord) -> list[dict[str, object]]:
    """How far the version that waits (or the newest) has come, step by step."""
    steps: list[dict[str, object]] = []
    for step in workspace.versions.transitions(record.head):
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(step.at))
        steps.append(
            {"state": step.state, "at": at, "note": step.note} if step.note else {"state": step.state, "at": at}
        )
    return steps
