"""How the commands speak: data on standard output, talk and progress on standard error."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.workspace.workspace import Workspace
from queries.results import visible

if TYPE_CHECKING:
    from kg.workspace.intake import Progress

_UNSEEN = re.compile(r"[^\x20-\x7e\n]")


def json_text(document: object) -> str:
    r"""A document as JSON in which what does not print stands as an escape, so that it cannot steer a terminal.

    >>> json_text({"name": "é\x9b2J"})
    '{\n  "name": "é\\u009b2J"\n}'
    """
    return _UNSEEN.sub(_escaped, json.dumps(document, ensure_ascii=False, indent=2))


def _escaped(match: re.Match[str]) -> str:
    return match[0] if match[0].isprintable() else json.dumps(match[0])[1:-1]


@dataclass(frozen=True, slots=True)
class Output:
    """The global options, and the ways to print that obey them."""

    folder: str | None
    as_json: bool
    quiet: bool
    verbose: bool

    def workspace(self) -> Workspace:
        """The workspace that the options name."""
        return Workspace.open(self.folder)

    def data_to(self, target: Path | None) -> None:
        """Where a command's data goes: with --json standard output holds the one document, so the data needs a file."""
        if self.as_json and target is None:
            raise click.UsageError("with --json the data goes into a file: name it with -o")

    def say(self, text: str) -> None:
        """Talk."""
        if not self.quiet:
            click.echo(visible(text), err=True)

    def detail(self, text: str) -> None:
        """Talk that only --verbose shows."""
        if self.verbose:
            click.echo(visible(text), err=True)

    def result(self, document: Mapping[str, object], text: str) -> None:
        """The result: the document with --json, else the text."""
        if self.as_json:
            click.echo(json_text(document))
        elif text:
            click.echo(visible(text))

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A callback (what, done, total, speed): a bar on a terminal, lines elsewhere, nothing if quiet."""
        if self.quiet:
            yield lambda what, done, total, speed="": None
        elif sys.stderr.isatty():
            with _bar() as update:
                yield update
        else:
            yield _lines()


def fetching(progress: Progress, what: str) -> Callable[[int, int], None]:
    """A callback of bytes and of all bytes that are fetched; progress shows them in MB."""
    return lambda done, size: progress(f"fetching {what} (MB)", done >> 20, size >> 20)


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        *(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()),
        *(TextColumn("left"), TimeRemainingColumn(), TextColumn("{task.fields[speed]}")),
    )
    with Bars(*columns, console=Console(stderr=True), speed_estimate_period=300) as progress:
        tasks = {}

        def update(what: str, done: int, total: int, speed: str = "") -> None:
            name = escape(visible(what)[:50])
            if what not in tasks:
                tasks[what] = progress.add_task(name, total=total, speed="")
            progress.update(tasks[what], completed=done, total=total, speed=speed)

        yield update


def _lines(every: float = 10.0, clock: Callable[[], float] = time.monotonic) -> Progress:
    """A line at the first and last part, and every so many seconds, with the time left at the pace so far."""
    last: dict[str, float] = {}
    begun: dict[str, tuple[float, int]] = {}

    def update(what: str, done: int, total: int, speed: str = "") -> None:
        current = clock()
        since, at = begun.setdefault(what, (current, done))
        if done == total or current - last.get(what, -every) >= every:
            last[what] = current
            notes = [speed] if speed else []
            if at < done < total:
                notes.insert(0, f"{duration((current - since) / (done - at) * (total - done))} left")
            click.echo(visible(f"{what}: {done}/{total}" + (f" ({', '.join(notes)})" if notes else "")), err=True)

    return update


def duration(seconds: float) -> str:
    """Seconds for people.

    >>> duration(4.2), duration(75), duration(8000)
    ('4 s', '1 min 15 s', '2 h 13 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


pass_output = click.make_pass_decorator(Output)
"""Gives a command its Output."""
