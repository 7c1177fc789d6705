"""Takes a publication from pinned to final, one kept step at a time, so that a kill between any two loses nothing.

Each step looks at the chain first and acts on what it finds, so a step may be taken again at any time:

- a transaction is kept before it is sent, and the same bytes are sent again after a crash;
- one that gets into no block is replaced at the same nonce by one that pays more (EIP-1559), within the ceiling;
- a transaction that the chain executed and undid counts as no publication;
- a version whose block is no longer the chain's goes back and is sent again.

Two transactions for one version never make two: the registry takes one child of each head word.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from anchoring.chain import publish as steps
from anchoring.chain import transactions
from anchoring.chain.errors import (
    EndpointWrong,
    FeeAboveCeiling,
    PublishPending,
    PublishReverted,
    RpcRefused,
    StaleParent,
)
from anchoring.chain.keys import Signer
from anchoring.chain.progress import Limits, Progress, State, seen
from anchoring.chain.publish import PreparedPublish, Publication
from anchoring.chain.registry import RegistryClient
from anchoring.chain.transactions import Cost
from anchoring.signing.anchor import Anchor

_log = logging.getLogger("anchoring.chain")

_SETTLING: Final = 3
"""How often a step is tried whose answers contradict each other."""

Keep = Callable[[Progress], None]
Consent = Callable[[Cost], bool]


class Declined(Exception):
    """`consent` said no; nothing was signed."""


def willing(cost: Cost) -> bool:
    """Consent without asking."""
    return True


class Publishing:
    """One publication on its way.

    `keep` is called with each new state and must have stored it when it returns; `consent` is asked before a
    transaction is signed. Whoever was killed makes this again and goes on from the last progress that was kept.
    """

    def __init__(
        self,
        client: RegistryClient,
        signer: Signer,
        publication: Publication,
        *,
        keep: Keep,
        limits: Limits | None = None,
        consent: Consent = willing,
        left_behind: tuple[PreparedPublish, ...] = (),
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`left_behind`: transactions of versions given up; one that still waits for a block is replaced."""
        self._client, self._signer, self._publication = client, signer, publication
        self._keep, self._limits, self._consent = keep, limits or Limits(), consent
        self._left_behind = left_behind
        self._clock, self._sleep = clock, sleep
        self._declined = False
        self._first_block: int | None = None

    def run(self, progress: Progress, *, wait: float) -> Progress:
        """Steps until the version is final, for at most `wait` seconds once it is sent; 0 returns then.

        Raises PublishPending when the time is over, Declined, and what `step` raises. What was kept stays.
        """
        end, pause = self._clock() + wait, 0.05
        while progress.state != "final":
            after = self._step_settled(progress)
            if after != progress:
                progress, pause = after, 0.05
                continue
            if not wait:
                return progress
            if self._clock() > end:
                raise self._pending(progress, wait)
            self._sleep(pause)
            pause = min(2.0, pause * 1.5)
        return progress

    def _step_settled(self, progress: Progress) -> Progress:
        """A step; what contradicts itself while the chain reorganises is asked again before it counts."""
        for turn in range(_SETTLING):
            try:
                return self.step(progress)
            except RpcRefused:
                raise
            except EndpointWrong:
                if turn == _SETTLING - 1:
                    raise
                self._sleep(0.5)
        raise AssertionError

    def step(self, progress: Progress) -> Progress:
        """The progress after one step, which was kept; the same where there is only to wait.

        Raises StaleParent, PublishReverted, FeeAboveCeiling, InsufficientFunds, PublishPending and RpcRefused.
        """
        graph = self._publication.graph(self._client, self._signer.address)
        if any(attempt.graph != graph for attempt in progress.attempts):
            # Signed while an endpoint stated another chain.
            return self._kept(Progress("pinned", note=f"what was signed is not for {graph}"))
        anchor = self._look(progress)
        if anchor is not None:
            return self._found(progress, anchor)
        if progress.state in ("mined", "final"):
            back: State = "sent" if progress.attempts else "pinned"
            note = f"block 0x{progress.block_hash.hex()} is no longer the chain's"
            progress = self._kept(Progress(back, progress.attempts, note=note))
            if back == "pinned":
                return progress
            self._send(progress)
            return progress
        if progress.state == "overtaken":
            # Its parent is the head again.
            return self._kept(replace(progress, state="signed" if progress.attempts else "pinned", note=""))
        if progress.state == "pinned":
            return self._sign(progress, self._waiting_nonce())
        if self._is_dead(progress):
            note = f"nonce {progress.attempts[-1].transaction.nonce} was used by another transaction"
            return self._kept(replace(progress, state="pinned", note=note))
        if progress.state == "signed":
            self._send(progress)
            return self._kept(replace(progress, state="sent", note=""))
        return self._while_sent(progress)

    def replaced(self, progress: Progress) -> Progress:
        """The progress with a transaction that pays more in the place of the one that waits, kept and sent."""
        anchor = self._look(progress)
        if anchor is not None or not progress.attempts or self._is_dead(progress):
            return progress
        progress = self._sign(progress, None if self._is_ahead(progress) else progress.attempts[-1])
        self._send(progress)
        return self._kept(replace(progress, state="sent"))

    # -- looking ------------------------------------------------------------------------------------------------------

    def _look(self, progress: Progress) -> Anchor | None:
        """The version's anchor if it is in a block; None when its parent is the head.

        A version that was overtaken, or whose transaction was undone, is kept as that before the error is raised.
        """
        undone = None
        for attempt in reversed(progress.attempts):
            receipt = transactions.receipt(self._client.endpoint, attempt.transaction.hash)
            if receipt is None:
                continue
            if receipt.get("status") != "0x1":
                undone = attempt
                continue
            for anchor in self._client.anchors_in(attempt.graph, receipt):
                if anchor.head == attempt.head:
                    return anchor
            raise PublishReverted(
                f"the transaction 0x{attempt.transaction.hash.hex()} succeeded without publishing "
                f"0x{attempt.head.hex()}",
                remedy="check that the address is a registry of this format",
            )
        try:
            found = steps.published(self._client, self._signer.address, self._publication)
        except StaleParent as stale:
            if progress.state != "overtaken":
                self._kept(replace(progress, state="overtaken", note=f"the head is 0x{stale.actual.hex()}"))
            raise
        if found is None and undone is not None and undone is progress.attempts[-1] and progress.state != "pinned":
            what = f"the chain undid the transaction 0x{undone.transaction.hash.hex()}"
            self._kept(replace(progress, state="pinned", note=what))
            raise PublishReverted(what, remedy="publish again")
        return found

    def _found(self, progress: Progress, anchor: Anchor) -> Progress:
        if (progress.state, progress.block_hash) not in (("mined", anchor.block.hash), ("final", anchor.block.hash)):
            note = ""
            if progress.block_hash:
                note = f"block 0x{progress.block_hash.hex()} is no longer the chain's"
            return self._kept(seen(progress, anchor, note))
        if progress.state == "mined" and self._limits.finality.reached(self._client.endpoint, anchor.block.number):
            return self._kept(replace(progress, state="final", note=""))
        return progress

    def _is_dead(self, progress: Progress) -> bool:
        """Whether none of the transactions can get into a block: the account's nonce has gone past them.

        Seen twice with a pause between, since one endpoint may know of a block a moment before another does.
        """
        last = progress.attempts[-1].transaction
        if self._client.endpoint.nonce(last.sender) <= last.nonce:
            return False
        self._sleep(1.0)
        return self._client.endpoint.nonce(last.sender) > last.nonce and self._look(progress) is None

    def _is_ahead(self, progress: Progress) -> bool:
        """Whether the transaction waits for one with a lower nonce that nobody has: a wrong nonce was stated."""
        last = progress.attempts[-1].transaction
        return self._client.endpoint.nonce(last.sender, "pending") < last.nonce

    def _waiting_nonce(self) -> PreparedPublish | None:
        """The transaction of a version given up that still holds the account's next nonce."""
        endpoint = self._client.endpoint
        sender = self._signer.address
        used = endpoint.nonce(sender)
        for attempt in reversed(self._left_behind):
            transaction = attempt.transaction
            ours = transaction.sender == sender and transaction.nonce == used
            if ours and transactions.is_known(endpoint, transaction.hash):
                return attempt
        return None

    # -- acting -------------------------------------------------------------------------------------------------------

    def _sign(self, progress: Progress, replaces: PreparedPublish | None) -> Progress:
        ceiling = self._limits.ceiling
        if replaces is None:
            transactions.wait_for_account(self._client.endpoint, self._signer.address, patience=self._limits.patience)
        quoted = steps.quote(self._client, self._signer.address, self._publication, ceiling=ceiling, replaces=replaces)
        if not self._consent(quoted.cost):
            raise Declined
        prepared = steps.prepare(
            self._client, self._signer, self._publication, ceiling=ceiling, replaces=replaces, quoted=quoted
        )
        note = f"in place of 0x{replaces.transaction.hash.hex()}" if replaces else ""
        return self._kept(
            Progress("signed", (*progress.attempts, prepared), prepared.transaction.hash, note=note),
        )

    def _send(self, progress: Progress) -> None:
        """Send the newest transaction. A refusal counts where nothing else explains it than the transaction itself.

        Then the version is signed anew in the next run: nonce, gas or chain may have been misstated to us.
        It does not count where an earlier one waits, where the fee is below what blocks ask now (it is replaced then),
        or where another transaction of the account holds the nonce: what becomes of that decides about ours.
        """
        endpoint, last = self._client.endpoint, progress.attempts[-1].transaction
        try:
            transactions.send(endpoint, last.raw)
        except RpcRefused as refused:
            if any(transactions.is_known(endpoint, each.transaction.hash) for each in progress.attempts[:-1]):
                _log.warning("%s: the transaction before it waits on", refused.what)
            elif endpoint.nonce(last.sender, "pending") > last.nonce:
                transactions.wait_for_account(endpoint, last.sender, patience=self._limits.patience)
            elif transactions.current_fees(endpoint).base > last.fees.most:
                _log.warning("%s: blocks ask for more than it pays", refused.what)
            else:
                self._kept(replace(progress, state="pinned", note=refused.what))
                raise

    def _while_sent(self, progress: Progress) -> Progress:
        endpoint = self._client.endpoint
        if not any(transactions.is_known(endpoint, each.transaction.hash) for each in progress.attempts):
            # Nodes forget what waits long, and lose it when they stop.
            self._send(progress)
        newest = progress.attempts[-1]
        latest = endpoint.latest().number
        if self._first_block is None or latest < self._first_block:
            self._first_block = latest
        waited = self._clock() - newest.at
        moves = latest > self._first_block
        if waited < self._limits.patience or not moves or self._declined:
            return progress
        if len(progress.attempts) >= self._limits.attempts:
            return progress
        self._first_block = None
        if self._is_ahead(progress):
            note = f"nonce {newest.transaction.nonce} is ahead of the account's"
            return self._kept(replace(progress, state="pinned", note=note))
        try:
            return self.replaced(progress)
        except Declined:
            self._declined = True
        except FeeAboveCeiling as above:
            self._declined = True
            _log.warning("it is not replaced: %s", above.what)
        return progress

    def _kept(self, progress: Progress) -> Progress:
        self._keep(progress)
        return progress

    def _pending(self, progress: Progress, waited: float) -> PublishPending:
        name = f"0x{progress.transaction.hex()}" if progress.transaction else "the transaction"
        if progress.state == "mined":
            return PublishPending(
                f"{name} stands in block {progress.block_number}, which is not final "
                f"({self._limits.finality}) after {waited:g} seconds",
                remedy="run the same command again to go on waiting",
            )
        return PublishPending(
            f"{name} stands in no block after {waited:g} seconds",
            remedy="run the same command again to go on waiting, or with --replace to pay more",
        )
