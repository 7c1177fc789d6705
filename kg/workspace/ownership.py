"""The owner of a workspace's graph and those who may publish to it, as the registry has them, and their change."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from anchoring.chain.advance import Consent
from anchoring.chain.ownership import FOREVER, OwnedGraph, Ownership, Terms
from anchoring.errors import WrongUsage
from kg.workspace.snapshot import label_word

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

_SECONDS = {"h": 3_600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"([1-9][0-9]{0,5})([hdw])")
NOBODY = "0x" + "00" * 20


class BadTime(WrongUsage):
    """The text names no time in which somebody could publish."""

    code = "bad-time"


def owned(workspace: Workspace) -> OwnedGraph:
    """The graph as the registry's methods name it; raises IsClone."""
    workspace.require_own()
    return OwnedGraph(
        workspace.chain.registry, workspace.chain.creator, label_word(workspace.configuration.graph.label)
    )


def ownership(workspace: Workspace) -> Ownership:
    """Who owns the graph and may publish to it; raises what `OwnedGraph.ownership` raises."""
    return owned(workspace).ownership()


def transfer(workspace: Workspace, to: str, consent: Consent) -> bytes:
    """Name who may take the graph over, NOBODY to take that back; the transaction.

    Raises Declined where `consent` says no, NotOwner, BadAddress, and what sending a transaction raises.
    """
    with workspace.changing():
        return owned(workspace).transfer(workspace.signer, to, terms(workspace, consent))


def accept(workspace: Workspace, consent: Consent) -> bytes:
    """Take the graph over with the workspace's key; the transaction. Raises as `transfer`."""
    with workspace.changing():
        return owned(workspace).accept(workspace.signer, terms(workspace, consent))


def let_publish(workspace: Workspace, account: str, until: int, consent: Consent) -> bytes:
    """Let an account publish up to the second `until`, 0 takes it back; the transaction. Raises as `transfer`."""
    with workspace.changing():
        return owned(workspace).delegate(workspace.signer, account, until, terms(workspace, consent))


def terms(workspace: Workspace, consent: Consent) -> Terms:
    """What a transaction may cost by the settings, and who is asked before it is signed."""
    return Terms(workspace.configuration.chain.ceiling, consent)


def time_of(text: str, now: float | None = None) -> int:
    """Seconds since 1970 of a date, of a time with its zone, of a span such as 12h, 30d or 4w from now, or forever.

    A date means up to its end, in UTC. Raises BadTime, also for what is past.

    >>> time_of("2100-01-01"), time_of("2100-01-01T00:00:00Z"), time_of("30d", 1_000_000_000)
    (4102531199, 4102444800, 1002592000)
    """
    start = time.time() if now is None else now
    span = _SPAN.fullmatch(text)
    if text == "forever":
        return FOREVER
    if span:
        return int(start) + int(span[1]) * _SECONDS[span[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is not None and len(text) == len("2100-01-01"):
        until = int(moment.replace(tzinfo=UTC).timestamp()) + _SECONDS["d"] - 1
    elif moment is not None and moment.tzinfo is not None:
        until = int(moment.timestamp())
    else:
        raise BadTime(
            f"{text[:80]!r} is no time", remedy="give 2027-01-31, 2027-01-31T12:00:00Z, 12h, 30d, 4w or forever"
        )
    if until <= start:
        raise BadTime(f"{text!r} is past", remedy="give a time to come; to take a publisher back, remove it")
    return until
