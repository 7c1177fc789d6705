"""Versions that somebody else's transaction publishes: the workspace signs, and whoever has money on the chain sends.

What is signed is one version and a time. When the other has sent it, `publish` finds the version on the chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anchoring.chain.advance import Consent
from anchoring.chain.relay import MAX_DEADLINE, Relay, send_relay, sign_relay
from anchoring.signing.anchor import Anchor
from kg.errors import NothingToPublish
from kg.jobs.versions import UNSENT
from kg.workspace.ownership import terms
from kg.workspace.publish import pin, publication_of
from kg.workspace.snapshot import build

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace


def sign(workspace: Workspace, deadline: int) -> Relay:
    """Build the next version if need be, have it pinned, and sign that anybody may publish it up to a second.

    Raises NothingToPublish where the newest version is on its way or published, and what building and pinning raise.
    """
    with workspace.changing():
        record = build(workspace)
        if record.state not in UNSENT:
            raise NothingToPublish(
                f"version {record.number} is {record.state}, and nothing is newer",
                remedy="change the graph first; `triplock publish` goes on with a version that is on its way",
            )
        pinned = pin(workspace, record)
        publication = publication_of(workspace, pinned)
        chain, last = workspace.chain, min(deadline, MAX_DEADLINE)
        return sign_relay(chain.registry, workspace.signer, publication, last, account=chain.account)


def send(workspace: Workspace, relay: Relay, consent: Consent) -> Anchor:
    """Publish what somebody signed, at the cost of the workspace's key; the anchor.

    Raises Declined where `consent` says no, and what `anchoring.chain.relay.send_relay` raises.
    """
    with workspace.changing():
        return send_relay(workspace.chain.registry, workspace.signer, relay, terms(workspace, consent))
