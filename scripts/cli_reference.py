"""The command-line reference in Markdown, written from the program itself, on standard output."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from kg.cli.main import cli

HEAD = """# Command-line reference

Written from `triplock --help` by `make docs`; a test keeps it so.
"""


def pages(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """Name and help of a command and of those below it."""
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if (child := command.get_command(context, name)) and not child.hidden:
                yield from pages(child, click.Context(child, info_name=name, parent=context))


def reference() -> str:
    # a width of its own, so that the terminal's does not matter
    context = click.Context(cli, info_name="triplock", terminal_width=100, max_content_width=100)
    parts = [HEAD]
    for name, text in pages(cli, context):
        depth = "#" * (2 + name.count(" "))
        trimmed = re.sub(r" +$", "", text, flags=re.MULTILINE)
        parts.append(f"{depth} {name}\n\n```text\n{trimmed}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    print(reference(), end="")
