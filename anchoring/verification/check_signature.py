"""Who signed a version, and whether that is who may have: the publisher that its event names, else its owner.

Ownership and delegation stand on the chain. Without the event a signature of the owner that the manifest names passes,
and one of another account is left unchecked.
Format: docs/format.md, section "Signature".
"""

from __future__ import annotations

from dataclasses import dataclass

from anchoring.signing.eip712 import BadSignature, VersionFields, recover
from anchoring.verification.verdict import Examination

NO_SIGNATURE = "no signature is at hand; give the version's directory, or an endpoint of the chain"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature at hand shows: the address that made it, or what is wrong with it, or why it could not be read.

    All three are empty where there is none: an account without a key published, or the signature was not given.
    """

    signer: str = ""
    fault: str = ""
    unread: str = ""

    @classmethod
    def by(cls, fields: VersionFields, signature: bytes) -> Signed:
        """By the signature (65 bytes, or none) of a version."""
        if not signature:
            return cls()
        try:
            return cls(signer=recover(fields.digest, signature))
        except BadSignature as error:
            return cls(fault=error.what)

    def agrees(self, publisher: str) -> bool:
        """Whether the signature, if there is one, is this publisher's."""
        return not self.fault and self.signer in ("", publisher)

    def judged(self, *, owner: str, publisher: str | None) -> Examination:
        """The check "signature"; `publisher` is who published by the version's event, None where none is known."""
        examination = Examination()
        if self.fault:
            examination.refuted("signature", self.fault)
        elif self.unread:
            examination.unchecked("signature", self.unread)
        elif not self.signer and publisher is not None:
            examination.passed("signature", f"none at hand; the transaction of the publisher {publisher} stands for it")
        elif not self.signer:
            examination.unchecked("signature", NO_SIGNATURE)
        elif publisher is not None:
            examination.expect(
                "signature",
                self.signer == publisher,
                passed=f"by the publisher {publisher}",
                refuted=f"the version is signed by {self.signer}, its publisher is {publisher}",
            )
        elif self.signer == owner:
            examination.passed("signature", f"by the owner {owner}")
        else:
            examination.unchecked(
                "signature", f"by {self.signer}; whether the owner {owner} let it publish stands on the chain alone"
            )
        return examination
