"""The options by which a command is told where blocks are to be had."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, TypeVar

import click

from anchoring.encoding.cid import Cid
from kg.cli.output import Output
from kg.workspace.places import Places

if TYPE_CHECKING:
    from anchoring.blockstores.protocol import BlockReader
    from kg.workspace.named_version import NamedVersion
    from kg.workspace.workspace import Workspace

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--gateway", "gateways", multiple=True, metavar="URL", help="Take blocks from this IPFS gateway."),
    click.option("--kubo", default="", metavar="URL", help="Or from this Kubo RPC address."),
    click.option("--car", "cars", multiple=True, type=click.Path(exists=True, dir_okay=False), help="Or from here."),
    click.option(
        "--blocks", "folders", multiple=True, type=click.Path(exists=True, file_okay=False), help="Or from here."
    ),
    click.option("--directory", default=None, metavar="CID", help="The version's directory, for its signature."),
)


def places_options(command: Command) -> Command:
    """Adds the options; the command gets their values as gateways, kubo, cars, folders and directory."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def places_of(
    gateways: tuple[str, ...], kubo: str, cars: tuple[str, ...], folders: tuple[str, ...], directory: str | None
) -> Places:
    """The places that the options name; raises BadCid."""
    return Places(folders, cars, kubo, gateways, Cid.parse(directory) if directory else None)


def opened_places(output: Output, stack: ExitStack, places: Places) -> tuple[Workspace | None, Sequence[BlockReader]]:
    """The workspace where there is one, and the places beside those of its settings, open until the stack closes."""
    from kg.errors import NoWorkspace

    try:
        workspace = stack.enter_context(output.workspace())
    except NoWorkspace:
        workspace = None
    chosen = places.beside(workspace.configuration.ipfs) if workspace else places
    return workspace, stack.enter_context(chosen.open())


def opened_versions(output: Output, stack: ExitStack, names: tuple[str, ...], places: Places) -> list[NamedVersion]:
    """The versions that a command names, open until the stack closes; a workspace is used where there is one."""
    from kg.workspace.named_version import named_version

    workspace, readers = opened_places(output, stack, places)
    return [stack.enter_context(named_version(name, workspace=workspace, readers=readers)) for name in names]
