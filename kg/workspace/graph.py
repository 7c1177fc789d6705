"""Opens the store that the settings name."""

from __future__ import annotations

import os
from pathlib import Path

from kg.errors import NotConfigured
from kg.stores.oxigraph import OxigraphStore
from kg.stores.protocol import QuadStore
from kg.workspace.configuration import StoreSettings

PASSWORD_VARIABLE = "TRIPLOCK_NEO4J_PASSWORD"  # noqa: S105 - the name of a variable


def open_store(store: StoreSettings, state: Path) -> QuadStore:
    """The embedded store in the state folder, or Neo4j over Bolt; raises NotConfigured without a password."""
    if store.kind == "oxigraph":
        return OxigraphStore(state / "store")
    from kg.stores.neo4j import Neo4jStore

    password = os.environ.get(PASSWORD_VARIABLE)
    if password is None:
        raise NotConfigured(f"{store.url} needs a password", remedy=f"put it into {PASSWORD_VARIABLE}")
    neo4j: QuadStore = Neo4jStore(store.url, (store.user, password), store.name)
    return neo4j
