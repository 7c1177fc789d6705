"""The options by which a command is told where blocks are to be had."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from anchoring.cid import Cid
from kg.workspace.places import Places

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
