"""Publisher keys: made here, taken from the environment, or from an Ethereum keystore file.

A key is never in a repr, a log, an error or an argument of a command. A file that others can read is refused.
Keystore: https://ethereum.org/developers/docs/data-structures-and-encoding/web3-secret-storage (version 3).
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, Protocol

from anchoring.chain.errors import KeyRefused
from anchoring.chain.recursion import kept_recursion_limit
from anchoring.encoding.bounded_json import bounded_json
from anchoring.signing.eip712 import ORDER

VARIABLE = "TRIPLOCK_PRIVATE_KEY"
KEYSTORE_VARIABLE = "TRIPLOCK_KEYSTORE"
PASSWORD_VARIABLE = "TRIPLOCK_KEYSTORE_PASSWORD"  # noqa: S105 - the variable's name, no password

_HEX_KEY = re.compile(r"(?:0x)?([0-9a-fA-F]{64})")
_LARGEST_KEYSTORE = 100_000


class Signer(Protocol):
    """Whoever can sign for a publisher: a key in this process, or a device."""

    @property
    def address(self) -> str:
        """Lower-case 0x address."""
        ...

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes r ‖ s ‖ v over 32 bytes, low s, v 27 or 28."""
        ...

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        """The signed transaction as bytes to send; `transaction` has the fields that eth_account takes."""
        ...


class LocalKey:
    """A key in this process; implements Signer. Shows its address and nothing else, and cannot be pickled.

    >>> LocalKey((1).to_bytes(32, "big"))
    LocalKey('0x7e5f4552091a69125d5dfcb7b8c2659029395bdf')
    """

    __slots__ = ("_account",)

    def __init__(self, secret: bytes) -> None:
        """Of 32 bytes; raises KeyRefused when they are no key."""
        if len(secret) != 32 or not 0 < int.from_bytes(secret, "big") < ORDER:
            raise KeyRefused("the bytes are no secp256k1 key", remedy="give a number from 1 to n-1 in 32 bytes")
        with kept_recursion_limit():
            from eth_account import Account

        self._account = Account.from_key(secret)

    @property
    def address(self) -> str:
        """Lower-case 0x address."""
        return str(self._account.address).lower()

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes r ‖ s ‖ v over 32 bytes; deterministic (RFC 6979), low s, v 27 or 28."""
        if len(digest) != 32:
            raise ValueError(f"a digest has 32 bytes, this one {len(digest)}")
        signed = self._account.unsafe_sign_hash(digest)
        return bytes(signed.signature)

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        """The signed transaction as bytes to send."""
        return bytes(self._account.sign_transaction(dict(transaction)).raw_transaction)

    def __repr__(self) -> str:
        return f"LocalKey({self.address!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not pickled")


def create(path: Path) -> LocalKey:
    """A new key in a new file that its owner alone can read; raises KeyRefused when the file is there already."""
    while True:
        secret = secrets.token_bytes(32)
        if 0 < int.from_bytes(secret, "big") < ORDER:
            break
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written under another name and linked, so the file is there whole or not at all, and never replaced.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(file, "w", encoding="ascii") as stream:
            stream.write(secret.hex() + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.link(temporary, path)
    except FileExistsError:
        raise KeyRefused(f"{path} is there already", remedy="use it, or name another file") from None
    finally:
        temporary.unlink()
    return LocalKey(secret)


def load(path: Path) -> LocalKey:
    """The key in a file that `create` wrote; raises KeyRefused when it is none or others can read it."""
    return _of_text(_read_private(path, 200), f"the key file {path}")


def from_environment(environment: Mapping[str, str] = os.environ) -> LocalKey | None:
    """The key in TRIPLOCK_PRIVATE_KEY (64 hexadecimal digits), None where it is not set."""
    text = environment.get(VARIABLE)
    return _of_text(text, f"the environment's {VARIABLE}") if text else None


def from_keystore(path: Path, password: str) -> LocalKey:
    """The key in an Ethereum keystore file, version 3; raises KeyRefused. scrypt makes this take seconds."""
    text = _read_private(path, _LARGEST_KEYSTORE)
    with kept_recursion_limit():
        from eth_account import Account

    try:
        secret = bytes(Account.decrypt(bounded_json(text), password))
    except Exception:  # noqa: BLE001 - the file is foreign, many errors come out of it, and none may show its content
        raise KeyRefused(
            f"the keystore {path} does not open with this password", remedy="check the file and the password"
        ) from None
    return LocalKey(secret)


def load_or_create(
    path: Path, *, environment: Mapping[str, str] = os.environ, prompt: Callable[[str], str] | None = None
) -> LocalKey:
    """The publisher's key: of TRIPLOCK_PRIVATE_KEY, of TRIPLOCK_KEYSTORE, of the file `path`, or a new one there.

    The keystore's password is TRIPLOCK_KEYSTORE_PASSWORD, else what `prompt` returns for a question to the user.
    Raises KeyRefused.
    """
    key = from_environment(environment)
    if key:
        return key
    keystore = environment.get(KEYSTORE_VARIABLE)
    if keystore:
        password = environment.get(PASSWORD_VARIABLE)
        if password is None and prompt:
            password = prompt(f"Password of {keystore}: ")
        if password is None:
            raise KeyRefused(f"the keystore {keystore} needs a password", remedy=f"set {PASSWORD_VARIABLE}")
        return from_keystore(Path(keystore), password)
    try:
        return load(path)
    except FileNotFoundError:
        return create(path)


def _read_private(path: Path, most: int) -> str:
    """The text of a file that only its owner can read."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    with os.fdopen(file, "rb") as stream:
        state = os.fstat(stream.fileno())
        if not stat.S_ISREG(state.st_mode) or stat.S_IMODE(state.st_mode) & 0o077:
            raise KeyRefused(
                f"{path} can be read by others (mode {stat.S_IMODE(state.st_mode):04o})", remedy=f"chmod 600 {path}"
            )
        content = stream.read(most + 1)
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError:
        text = ""
    if not text or len(content) > most:
        raise KeyRefused(f"{path} holds no key", remedy="name a file that holds one")
    return text


def _of_text(text: str, where: str) -> LocalKey:
    match = _HEX_KEY.fullmatch(text.strip())
    if not match:
        raise KeyRefused(f"{where} holds no key", remedy="it must be 64 hexadecimal digits, with or without 0x")
    try:
        return LocalKey(bytes.fromhex(match[1]))
    except KeyRefused:
        raise KeyRefused(f"{where} holds no key of secp256k1", remedy="make a new one") from None
