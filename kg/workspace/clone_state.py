"""What a clone remembers of itself: which version its store holds, and whether it is being filled for the first time.

A small JSON file in the state folder, replaced as a whole, so that a crash leaves the former one.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from anchoring.encoding.bounded_json import bounded_json
from kg.errors import CloneUnfinished, StateTooNew

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

FILE = "clone.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class CloneState:
    """`version` and `head` of what the store holds (0 and empty: nothing yet); `filling` while it is first filled.

    `publisher` is the account that published it, by the chain's event.
    `blank` says that the version has blank nodes, which stand in the store as IRIs made from the version's root.
    """

    version: int = 0
    head: str = ""
    root: str = ""
    blank: bool = False
    filling: bool = False
    publisher: str = ""
    format: int = FORMAT


def read(workspace: Workspace) -> CloneState:
    """The state of a clone; a new one where there is none or a damaged one, since all of it can be made again."""
    file = workspace.state / FILE
    try:
        document = bounded_json(file.read_bytes())
        found = CloneState(**document)
        types = (int, str, str, bool, bool, str, int)
        if not all(type(value) is kind for value, kind in zip(asdict(found).values(), types, strict=True)):
            raise TypeError
    except FileNotFoundError:
        return CloneState()
    except (ValueError, TypeError):
        return CloneState(filling=True)
    if found.format > FORMAT:
        raise StateTooNew(f"{file} has format {found.format}", remedy="update triplock")
    return found


def write(workspace: Workspace, state: CloneState) -> None:
    """Replace the state."""
    from anchoring.blockstores.folder import write_durably

    write_durably(workspace.state / FILE, json.dumps(asdict(state)).encode())


def check_loaded(workspace: Workspace) -> None:
    """Raises CloneUnfinished unless the store holds a whole version."""
    state = read(workspace)
    if state.filling or not state.version:
        raise CloneUnfinished(
            f"{workspace.folder} holds no whole version of {workspace.configuration.clone.graph} yet",
            remedy="run `triplock pull` in it; it goes on where it stopped",
        )
