"""Questions to the graph of a workspace, and the questions that come with triplock."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anchoring.errors import WrongUsage
from kg.errors import NotConfigured
from kg.workspace.configuration import StoreSettings
from kg.workspace.graph import open_store
from queries import sparql
from queries.results import Result

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace


class UnknownQuery(WrongUsage):
    """No saved query has that name."""

    code = "unknown-query"


def query(workspace: Workspace, text: str, **options: Any) -> Result:
    """Ask in SPARQL; options are those of `queries.sparql.run`."""
    return sparql.run(workspace.store, text, **options)


def query_at(workspace: Workspace, version: str, text: str, **options: Any) -> Result:
    """Ask a version, by any of its names, in SPARQL; options are those of `queries.sparql.run`.

    Raises what `named_version` and `store_at` raise.
    """
    from kg.workspace.checkout import store_at
    from kg.workspace.named_version import named_version
    from kg.workspace.places import Places

    sparql.check(text)
    with (
        Places.of(workspace.configuration.ipfs).open() as readers,
        named_version(version, workspace=workspace, readers=readers) as named,
        store_at(workspace, named) as store,
    ):
        return sparql.run(store, text, **options)


def cypher(workspace: Workspace, text: str, **options: Any) -> Result:
    """Ask in Cypher; raises NotConfigured where the graph does not live in Neo4j."""
    if workspace.configuration.store.kind != "neo4j":
        raise NotConfigured(
            "the graph is in the embedded store, which does not answer Cypher",
            remedy="copy it with `triplock sync --neo4j URL` and give --neo4j URL, or use SPARQL with `triplock query`",
        )
    from queries import cypher as language

    return language.run(workspace.store, text, **options)


def saved() -> dict[str, str]:
    """The saved queries by name."""
    found = (Path(entry.name) for entry in resources.files("queries").joinpath("saved").iterdir())
    return {path.stem: saved_query(path.stem) for path in sorted(found) if path.suffix == ".rq"}


def saved_query(name: str) -> str:
    """The text of a saved query; raises UnknownQuery."""
    folder = resources.files("queries").joinpath("saved")
    names = sorted(Path(entry.name).stem for entry in folder.iterdir() if entry.name.endswith(".rq"))
    if name not in names:
        raise UnknownQuery(f"there is no saved query {name!r}", remedy=f"saved are {', '.join(names)}")
    return folder.joinpath(f"{name}.rq").read_text(encoding="utf-8")


def cypher_at(url: str, user: str, name: str, text: str, **options: Any) -> Result:
    """Ask a graph that was copied to Neo4j; the password is in TRIPLOCK_NEO4J_PASSWORD."""
    from queries import cypher as language

    store = open_store(StoreSettings(kind="neo4j", url=url, user=user, name=name), Path())
    try:
        return language.run(store, text, **options)
    finally:
        store.close()
