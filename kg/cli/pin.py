"""`triplock pin`, `unpin` and `gc`: what is kept of versions, here and elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from kg.cli.output import Output, pass_output

Command = TypeVar("Command", bound=Callable[..., Any])
_OPTIONS = (
    click.argument("numbers", metavar="[VERSION]...", nargs=-1, type=click.IntRange(min=1)),
    click.option("--kubo", default="", metavar="URL", help="RPC address of the node; else that of the settings."),
    click.option("--service", default="", metavar="URL", help="A pinning service; else that of the settings."),
    click.option("--here", is_flag=True, help="Only in this workspace: no node and no service is asked."),
)


def _options(command: Command) -> Command:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command(short_help="Keep versions, here and at a node or pinning service.")
@_options
@click.option("--wait", default=300.0, show_default=True, metavar="SECONDS", help="For the pinning service.")
@pass_output
def pin(output: Output, /, numbers: tuple[int, ...], kubo: str, service: str, here: bool, wait: float) -> None:
    """Keep published versions (the newest by default) whatever `gc` does, and have them kept elsewhere.

    To the Kubo node that the settings or --kubo name only the blocks are sent that it lacks. A pinning service fetches
    them from there; its access token is read from TRIPLOCK_PINNING_TOKEN or the file that the settings name.
    """
    from kg.workspace import kept
    from kg.workspace.pinning import Targets, pin_version, versions_named

    with output.workspace() as workspace:
        records = versions_named(workspace, numbers)
        with workspace.holding():
            kept.write(workspace, kept.read(workspace) | {record.head for record in records})
        targets = Targets() if here else Targets(kubo, service).beside(workspace.configuration.ipfs)
        done = [pin_version(workspace, record, targets, seconds=wait) for record in records]
    rows = []
    for each in done:
        rows.append(f"version {each.version} is kept here")
        if each.sent is not None:
            rows.append(f"  node     {each.sent.blocks} blocks sent ({each.sent.bytes} bytes), the rest was there")
        rows += [f"  service  {found.status}, request {found.request}" for found in each.requests]
    output.result({"pinned": [each.as_json() for each in done]}, "\n".join(rows))
    if not here and not (targets.kubo or targets.service):
        output.say("no node and no pinning service is named, so nobody else keeps it")


@click.command(short_help="Give versions up, here and at a node or pinning service.")
@_options
@pass_output
def unpin(output: Output, /, numbers: tuple[int, ...], kubo: str, service: str, here: bool) -> None:
    """Give up that versions are kept; the blocks go with the next `gc`, here and at the node.

    A version must be named. Those that `gc --keep` counts among the newest stay.
    """
    from kg.workspace import kept
    from kg.workspace.pinning import Targets, unpin_version, versions_named

    if not numbers:
        raise click.UsageError("name the versions that are to be given up")
    with output.workspace() as workspace:
        records = versions_named(workspace, numbers)
        targets = Targets() if here else Targets(kubo, service).beside(workspace.configuration.ipfs)
        gone = [(record.number, unpin_version(workspace, record, targets)) for record in records]
        with workspace.holding():
            kept.write(workspace, kept.read(workspace) - {record.head for record in records})
    document = [{"version": number, "pinsRemoved": places} for number, places in gone]
    rows = [
        f"version {number} is given up" + "".join(f"\n  {p}: {n} pins" for p, n in at.items()) for number, at in gone
    ]
    output.result({"unpinned": document}, "\n".join(rows))


@click.command(short_help="Remove blocks that nothing needs any more.")
@click.option("--keep", type=click.IntRange(min=1), default=None, metavar="N", help="Published versions; default all.")
@click.option("--everywhere", is_flag=True, help="Unpin those versions at the node and service of the settings, too.")
@click.option("--dry-run", is_flag=True, help="Say what would be kept and removed, and remove nothing.")
@pass_output
def gc(output: Output, /, keep: int | None, everywhere: bool, dry_run: bool) -> None:
    """Remove the blocks of all versions but the N newest published ones, and blocks that nothing refers to.

    Kept as well: versions on their way to the chain or pinned by hand, the manifests of all versions, the documents
    that the graph or a kept version was read from, and whatever somebody else pinned in the block folder.
    What was published stays published: the blocks can be fetched again from whoever has them.
    """
    from kg.workspace.collect import collect, given_up
    from kg.workspace.pinning import Targets, unpin_version

    places: dict[str, int] = {}
    with output.workspace() as workspace:
        if everywhere and not dry_run:
            targets = Targets().beside(workspace.configuration.ipfs)
            for record in given_up(workspace, keep):
                for place, count in unpin_version(workspace, record, targets).items():
                    places[place] = places.get(place, 0) + count
        report = collect(workspace, keep=keep, dry_run=dry_run)
    rows = [f"{'kept':<10}{each.what}: {each.blocks} blocks, {each.bytes} bytes ({each.why})" for each in report.kept]
    which = f", of the versions {', '.join(map(str, report.versions))}" if report.versions else ""
    verb = "would go" if dry_run else "removed"
    rows.append(f"{verb:<10}{report.blocks} blocks, {report.bytes} bytes{which}")
    rows += [f"{'unpinned':<10}{count} at {place}" for place, count in places.items()]
    output.result({**report.as_json(), "unpinned": places}, "\n".join(rows))
