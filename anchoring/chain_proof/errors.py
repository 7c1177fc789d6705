"""The error of a chain proof that does not hold."""

from __future__ import annotations

from anchoring.errors import Refuted


class BadChainProof(Refuted):
    """The proof does not lead from the header it shows to what it should prove."""

    code = "bad-chain-proof"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="ask for the proof again, from somebody whose endpoint keeps the block")
