"""Versions kept by others: at a Kubo node, to which only what it lacks is sent, and at a pinning service.

A pinning service fetches the blocks itself, so they are at a node first, whose addresses it is told.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from anchoring.blockstores.errors import KuboRefused
from anchoring.blockstores.kubo import KuboStore
from anchoring.blockstores.pinning_service import PinningService, PinStatus
from anchoring.blockstores.sending import Sent, send
from anchoring.encoding.cid import Cid
from anchoring.errors import WrongUsage
from kg.errors import FileUnusable, NotConfigured
from kg.workspace.configuration import IpfsSettings
from kg.workspace.proving import version_of

if TYPE_CHECKING:
    from kg.jobs.versions import VersionRecord
    from kg.workspace.workspace import Workspace

TOKEN_VARIABLE = "TRIPLOCK_PINNING_TOKEN"  # noqa: S105 - the name of it
SECONDS = 300.0
"""How long a pinning service is waited for."""


@dataclass(frozen=True, slots=True)
class Targets:
    """A Kubo node's RPC address and a pinning service's address; empty for none."""

    kubo: str = ""
    service: str = ""

    def beside(self, settings: IpfsSettings) -> Targets:
        """These, and where one is empty what the settings name."""
        return Targets(self.kubo or settings.kubo, self.service or settings.pinning)


@dataclass(slots=True)
class Pinned:
    """What became of one version: what went to the node, and what the service says of each root."""

    version: int
    sent: Sent | None = None
    requests: list[PinStatus] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """The document for `--json`."""
        node = self.sent and {"blocks": self.sent.blocks, "bytes": self.sent.bytes, "partsThere": self.sent.skipped}
        return {"version": self.version, "node": node, "service": [each.as_json() for each in self.requests]}


def roots_of(record: VersionRecord) -> list[Cid]:
    """What is pinned of a version: its directory, or of one without a known directory its manifest and data."""
    texts = [record.directory] if record.directory else [record.manifest, record.data]
    return [Cid.parse(text) for text in texts]


def pin_version(workspace: Workspace, record: VersionRecord, targets: Targets, *, seconds: float = SECONDS) -> Pinned:
    """Have a version kept at the targets; a second time nothing is sent.

    Raises what the node and the service raise, NotConfigured where there is no token for the service.
    """
    done = Pinned(record.number)
    with _open(targets, workspace.configuration.ipfs) as (node, service):
        roots = roots_of(record)
        if node is not None:
            done.sent = send(roots, workspace.blocks, node, like=_like(workspace, record))
        if service is not None:
            origins = node.addresses() if node is not None else ()
            name = f"{record.graph} version {record.number}"
            for root in roots:
                done.requests.append(
                    service.pin(root, name=name, origins=origins, seconds=seconds, introduce=_introducing(node))
                )
    return done


def unpin_version(workspace: Workspace, record: VersionRecord, targets: Targets) -> dict[str, int]:
    """Give a version up at the targets; how many pins went there."""
    gone: dict[str, int] = {}
    with _open(targets, workspace.configuration.ipfs) as (node, service):
        for root in roots_of(record):
            if node is not None:
                gone[node.name] = gone.get(node.name, 0) + node.unpin(root)
            if service is not None:
                requests = [found.request for found in service.list(root)]
                for request in requests:
                    service.remove(request)
                gone[service.name] = gone.get(service.name, 0) + len(requests)
    return gone


def versions_named(workspace: Workspace, numbers: Sequence[int]) -> list[VersionRecord]:
    """The published versions with these numbers, or the newest; raises NoSuchVersion."""
    return [version_of(workspace, number) for number in dict.fromkeys(numbers)] or [version_of(workspace)]


def _like(workspace: Workspace, record: VersionRecord) -> list[Cid]:
    """Roots of the version before, which shares most of its blocks."""
    before = [each for each in workspace.versions.all(record.graph) if each.number < record.number]
    return roots_of(before[-1]) if before else []


@contextmanager
def _open(targets: Targets, settings: IpfsSettings) -> Iterator[tuple[KuboStore | None, PinningService | None]]:
    with ExitStack() as stack:
        node = stack.enter_context(KuboStore(targets.kubo)) if targets.kubo else None
        service = None
        if targets.service:
            service = stack.enter_context(PinningService(targets.service, token(settings)))
        yield node, service


def _introducing(node: KuboStore | None) -> Callable[[Sequence[str]], None] | None:
    """Connects the node to the addresses at which the service waits; one that cannot be reached is passed over."""
    if node is None:
        return None

    def introduce(addresses: Sequence[str]) -> None:
        for address in addresses:
            try:
                node.connect(address)
            except KuboRefused:
                continue
            return

    return introduce


def token(settings: IpfsSettings, environment: Mapping[str, str] = os.environ) -> str:
    """The access token of the pinning service, from the environment or its file; never from the command line."""
    if found := environment.get(TOKEN_VARIABLE, "").strip():
        return found
    if not settings.pinning_token:
        raise NotConfigured(
            "the pinning service has no access token",
            remedy=f"set {TOKEN_VARIABLE}, or name its file as pinning_token under [ipfs] in triplock.toml",
        )
    try:
        text = Path(settings.pinning_token).expanduser().read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is no ASCII text"
        raise FileUnusable(f"{settings.pinning_token}: {reason}", remedy="check the file of the token") from None
    if not text.strip():
        raise WrongUsage(f"{settings.pinning_token} is empty", remedy="put the access token into it")
    return text.strip()
