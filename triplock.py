"""triplock: knowledge graphs whose every fact has a source and whose every version a stranger can check.

This file re-exports the public interface of the five packages; `python -m triplock` is the command.

>>> import tempfile
>>> from triplock import Workspace
>>> with Workspace.init(tempfile.mkdtemp() + "/kg") as workspace:
...     workspace.status()["statements"]
0
"""

from __future__ import annotations

from anchoring import (
    Cid,
    GraphId,
    TriplockError,
    Verdict,
    build_version,
    canonical_lines,
    hash_dataset,
    verify_proof,
    verify_version,
)
from kg.claims.model import Activity, Agent, Claim, Span, Trust
from kg.stores.protocol import Change, QuadStore
from kg.workspace.configuration import Configuration
from kg.workspace.workspace import Workspace

__all__ = [
    "Activity",
    "Agent",
    "Change",
    "Cid",
    "Claim",
    "Configuration",
    "GraphId",
    "QuadStore",
    "Span",
    "TriplockError",
    "Trust",
    "Verdict",
    "Workspace",
    "build_version",
    "canonical_lines",
    "hash_dataset",
    "verify_proof",
    "verify_version",
]

if __name__ == "__main__":
    from kg.cli.main import main

    main()
