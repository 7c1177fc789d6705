"""Which versions are kept here whatever `gc` does: those that were pinned by hand.

A small JSON file in the state folder, replaced as a whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from anchoring.blockstores.folder import write_durably
from anchoring.encoding.bounded_json import bounded_json
from anchoring.errors import InputRefused
from kg.errors import StateTooNew

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

FILE = "kept.json"
FORMAT = 1
_HEAD = re.compile(r"0x[0-9a-f]{64}")


class KeptUnreadable(InputRefused):
    """The list of pinned versions is damaged, so nothing may be removed by it."""

    code = "kept-unreadable"


def read(workspace: Workspace) -> frozenset[str]:
    """The head words of the versions that were pinned by hand; raises KeptUnreadable and StateTooNew."""
    file = workspace.state / FILE
    try:
        document = bounded_json(file.read_bytes())
        stated, heads = document["format"], document["versions"]
        if type(stated) is int and stated > FORMAT:
            raise StateTooNew(f"{file} has format {stated}", remedy="update triplock")
        if stated != FORMAT or not all(isinstance(head, str) and _HEAD.fullmatch(head) for head in heads):
            raise ValueError(stated)
    except FileNotFoundError:
        return frozenset()
    except (ValueError, KeyError, TypeError) as error:
        raise KeptUnreadable(
            f"{file} is damaged: {error}", remedy="remove it, and pin the versions again that are to be kept"
        ) from None
    return frozenset(heads)


def write(workspace: Workspace, heads: Iterable[str]) -> None:
    """Replace the list."""
    document = {"format": FORMAT, "versions": sorted(heads)}
    write_durably(workspace.state / FILE, json.dumps(document).encode())
