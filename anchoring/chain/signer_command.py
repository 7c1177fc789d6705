"""Signing by a program of the user's: a hardware wallet's, a key service's, or a few lines of shell.

The program is started anew for each request, gets one JSON object on standard input and answers with one on standard
output. Three requests:

    {"format": 1, "request": "address"}
        → {"address": "0x…"}
    {"format": 1, "request": "digest", "address": "0x…", "digest": "0x… (32 bytes)"}
        → {"signature": "0x… (65 bytes r ‖ s ‖ v)"}
    {"format": 1, "request": "transaction", "address": "0x…", "digest": "0x…", "transaction": {…}}
        → {"signature": "0x…"} over the digest, which is the transaction's own (EIP-1559)

`transaction` has the members that `eth_signTransaction` takes, so that the program can show what it signs. What it
answers is not trusted: a signature must be by the stated address over what was asked for, and is brought to its one
low form; the transaction that is sent is put together here. The program gets no key of ours, nor our passwords.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import rlp

from anchoring.chain import keys
from anchoring.chain.errors import KeyRefused, SignerFailed
from anchoring.encoding.bounded_json import bounded_json
from anchoring.signing.eip712 import ORDER, BadSignature, keccak, recover

TIMEOUT: Final = 120.0
"""Seconds for one answer: a person may have to press a button."""

_LARGEST_ANSWER: Final = 10_000
_PAUSE: Final = 0.02
_SECRETS: Final = (keys.VARIABLE, keys.PASSWORD_VARIABLE, "TRIPLOCK_NEO4J_PASSWORD", "TRIPLOCK_PINNING_TOKEN")


class CommandSigner:
    """Signs by a command, given as one line in the shell's quoting (no shell runs it); implements Signer.

    The command is asked for its address at once. Raises KeyRefused when there is no such program, SignerFailed when it
    fails, is late, or answers anything else than was asked.
    """

    def __init__(self, command: str, *, timeout: float = TIMEOUT) -> None:
        self._argv = _split(command)
        self._timeout = timeout
        self.name = f"signer command {Path(self._argv[0]).name!r}"
        self._address = self._ask("address", {}, "address", 20).hex()

    def __repr__(self) -> str:
        return f"CommandSigner({self.address!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a signer is not pickled")

    @property
    def address(self) -> str:
        """Lower-case 0x address."""
        return f"0x{self._address}"

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes r ‖ s ‖ v over 32 bytes, low s, v 27 or 28."""
        if len(digest) != 32:
            raise ValueError(f"a digest has 32 bytes, this one {len(digest)}")
        return self._signature("digest", digest, {})

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        """The signed EIP-1559 transaction as bytes to send."""
        fields = [
            transaction["chainId"],
            transaction["nonce"],
            transaction["maxPriorityFeePerGas"],
            transaction["maxFeePerGas"],
            transaction["gas"],
            bytes(transaction["to"]),
            transaction["value"],
            _octets(transaction["data"]),
            [],
        ]
        digest = keccak(b"\x02" + rlp.encode(fields))
        signature = self._signature("transaction", digest, {"transaction": self._shown(transaction)})
        r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
        return b"\x02" + bytes(rlp.encode([*fields, signature[64] - 27, r, s]))

    def _shown(self, transaction: Mapping[str, Any]) -> dict[str, object]:
        """The transaction in the form of `eth_signTransaction`."""
        shown: dict[str, object] = {"from": self.address, "type": "0x2"}
        if transaction["to"]:
            shown["to"] = "0x" + bytes(transaction["to"]).hex()
        for name in ("chainId", "nonce", "gas", "value", "maxFeePerGas", "maxPriorityFeePerGas"):
            shown[name] = hex(transaction[name])
        return shown | {"data": "0x" + _octets(transaction["data"]).hex()}

    def _signature(self, request: str, digest: bytes, more: Mapping[str, object]) -> bytes:
        """The answered signature, in its low form, checked to be by our address over the digest."""
        document = {"address": self.address, "digest": "0x" + digest.hex(), **more}
        answered = self._ask(request, document, "signature", 65)
        r, s, v = answered[:32], int.from_bytes(answered[32:64], "big"), answered[64]
        v += 27 if v < 2 else 0
        if s > ORDER // 2:
            s, v = ORDER - s, 55 - v
        try:
            signature = r + s.to_bytes(32, "big") + bytes([v])
            by = recover(digest, signature)
        except (BadSignature, ValueError, OverflowError):
            by = "nobody"
        if by != self.address:
            raise SignerFailed(
                f"{self.name} answered with a signature by {by}, not by {self.address}",
                remedy="check which key it signs with, and that it signs the digest as it is, without a prefix",
            )
        return signature

    # -- the program --------------------------------------------------------------------------------------------------

    def _ask(self, request: str, document: Mapping[str, object], member: str, length: int) -> bytes:
        """The bytes that the program answers in a member."""
        asked = json.dumps({"format": 1, "request": request, **document}).encode()
        try:
            found = bounded_json(self._run(asked))
            value = found[member] if isinstance(found, dict) else None
            octets = bytes.fromhex(value[2:]) if isinstance(value, str) and value[:2] == "0x" else b""
        except (ValueError, KeyError):
            octets = b""
        if len(octets) != length:
            # What it said is not shown: it may be a key in the wrong place.
            raise SignerFailed(
                f"{self.name} answered the request {request!r} without {length} bytes as {member!r}",
                remedy=f'let it print {{"{member}": "0x…"}} and nothing else on standard output',
            )
        return octets

    def _run(self, asked: bytes) -> bytes:
        """What the program prints; its standard error is ours. It and all that it started end with the time."""
        environment = {name: value for name, value in os.environ.items() if name not in _SECRETS}
        # Through files, so that neither side can be stopped by a full pipe.
        with tempfile.TemporaryFile() as question, tempfile.TemporaryFile() as answer:
            question.write(asked)
            question.seek(0)
            try:
                process = subprocess.Popen(
                    self._argv, stdin=question, stdout=answer, env=environment, start_new_session=True
                )
            except OSError as error:
                raise KeyRefused(
                    f"{self.name} cannot be started: {error.strerror}", remedy="check signer_command in the settings"
                ) from None
            try:
                self._wait(process, answer.fileno())
            finally:
                if process.poll() is None:
                    with contextlib.suppress(OSError):
                        os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            if process.returncode != 0:
                raise SignerFailed(f"{self.name} ended with {process.returncode}", remedy="see what it says")
            answer.seek(0)
            return answer.read(_LARGEST_ANSWER + 1)[:_LARGEST_ANSWER]

    def _wait(self, process: subprocess.Popen[bytes], answer: int) -> None:
        end = time.monotonic() + self._timeout
        while process.poll() is None:
            if time.monotonic() > end:
                raise SignerFailed(f"{self.name} did not answer within {self._timeout:g} s", remedy="try it by hand")
            if os.fstat(answer).st_size > _LARGEST_ANSWER:
                raise SignerFailed(
                    f"{self.name} answers with more than {_LARGEST_ANSWER} bytes", remedy="try it by hand"
                )
            time.sleep(_PAUSE)


def _split(command: str) -> Sequence[str]:
    try:
        argv = shlex.split(command)
    except ValueError:
        argv = []
    if not argv:
        raise KeyRefused("the signer command cannot be read", remedy="write it as in a shell, with quotes closed")
    return argv


def _octets(data: str | bytes) -> bytes:
    return bytes.fromhex(data.removeprefix("0x")) if isinstance(data, str) else bytes(data)
