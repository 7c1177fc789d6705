"""`triplock sync`: copy the graph into a Neo4j database, or take it from one."""

from __future__ import annotations

import click

from kg.cli.output import Output, pass_output


@click.command(short_help="Copy the graph to Neo4j.")
@click.option("--neo4j", "url", required=True, metavar="URL", help="Bolt address, such as bolt://127.0.0.1:7687.")
@click.option("--user", default="neo4j", show_default=True, help="The password is read from TRIPLOCK_NEO4J_PASSWORD.")
@click.option("--name", default="main", show_default=True, help="Keeps workspaces in one database apart.")
@pass_output
def sync(output: Output, url: str, user: str, name: str) -> None:
    """Copy the graph to Neo4j: only what differs is sent, and a broken copy goes on where it stopped."""
    from kg.stores.sync import sync as copy
    from kg.workspace.configuration import StoreSettings
    from kg.workspace.graph import open_store

    with output.workspace() as workspace:
        target = open_store(StoreSettings(kind="neo4j", url=url, user=user, name=name), workspace.state)
        try:
            copied = copy(workspace.store, target)
            count = len(target)
        finally:
            target.close()
    document = {"target": target.name, "added": copied.added, "removed": copied.removed, "statements": count}
    output.result(document, "\n".join(f"{key:<12}{value}" for key, value in document.items()))
