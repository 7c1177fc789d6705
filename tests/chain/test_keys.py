"""Publisher keys: kept from others' eyes, and signatures that another implementation accepts."""

from __future__ import annotations

import json
import os
import pickle
import stat
import traceback
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from anchoring.chain import keys
from anchoring.chain.errors import KeyRefused
from anchoring.chain.keys import LocalKey
from anchoring.signing.eip712 import recover

SECRET = bytes(range(1, 33))


def test_a_new_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "publisher.key"
    old = os.umask(0)
    try:
        key = keys.create(path)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys.load(path).address == key.address
    assert [entry.name for entry in path.parent.iterdir()] == ["publisher.key"]
    with pytest.raises(KeyRefused, match="there already"):
        keys.create(path)
    assert keys.load(path).address == key.address


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o601])
def test_a_key_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    keys.create(path)
    path.chmod(mode)
    with pytest.raises(KeyRefused, match="chmod 600"):
        keys.load(path)


@pytest.mark.parametrize("text", ["", "zz", "00" * 32, "ff" * 32, "11" * 31, "11" * 33, "\xff", SECRET.hex() * 20])
def test_what_is_no_key_is_refused_unseen(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key"
    path.write_bytes(text.encode("latin-1"))
    path.chmod(0o600)
    with pytest.raises(KeyRefused) as refusal:
        keys.load(path)
    shown = "".join(traceback.format_exception(refusal.value)) + json.dumps(refusal.value.as_json())
    assert not text or text not in shown


def test_the_environment_comes_first_then_the_keystore_then_the_file(tmp_path: Path) -> None:
    path = tmp_path / "publisher.key"
    made = keys.load_or_create(path, environment={})
    assert keys.load_or_create(path, environment={}).address == made.address
    keystore = tmp_path / "UTC--key.json"
    keystore.write_text(json.dumps(Account.encrypt(SECRET, "pass word", iterations=2)))
    keystore.chmod(0o600)
    environment = {keys.KEYSTORE_VARIABLE: str(keystore)}
    with pytest.raises(KeyRefused, match=keys.PASSWORD_VARIABLE):
        keys.load_or_create(path, environment=environment)
    asked: list[str] = []

    def prompt(question: str) -> str:
        asked.append(question)
        return "pass word"

    address = LocalKey(SECRET).address
    assert keys.load_or_create(path, environment=environment, prompt=prompt).address == address
    assert len(asked) == 1
    environment[keys.PASSWORD_VARIABLE] = "wrong"
    with pytest.raises(KeyRefused) as refusal:
        keys.load_or_create(path, environment=environment)
    assert "wrong" not in str(refusal.value)
    environment[keys.PASSWORD_VARIABLE] = "pass word"
    assert keys.load_or_create(path, environment=environment).address == address
    environment[keys.VARIABLE] = "0x" + "11" * 32
    assert keys.load_or_create(path, environment=environment).address == LocalKey(b"\x11" * 32).address
    with pytest.raises(KeyRefused):
        keys.load_or_create(path, environment={keys.VARIABLE: "1234"})


@pytest.mark.parametrize("text", ["{}", "[]", "not json", '{"version": 3, "crypto": {}}'])
def test_a_damaged_keystore_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keystore"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(KeyRefused):
        keys.from_keystore(path, "x")


@given(secret=st.binary(min_size=32, max_size=32))
def test_a_key_shows_its_address_alone(secret: bytes) -> None:
    try:
        key = LocalKey(secret)
    except KeyRefused:
        return
    for text in (repr(key), str(key), f"{key}", str([key]), str({"key": key})):
        assert key.address in text
        assert secret.hex() not in text
    assert not hasattr(key, "__dict__")
    with pytest.raises(TypeError):
        pickle.dumps(key)


@given(digest=st.binary(min_size=32, max_size=32))
def test_signatures_have_the_format_s_one_form(digest: bytes) -> None:
    key = LocalKey(SECRET)
    signature = key.sign_digest(digest)
    assert recover(digest, signature) == key.address
    assert signature == key.sign_digest(digest)


def test_a_signed_transaction_is_its_signer_s() -> None:
    key = LocalKey(SECRET)
    raw = key.sign_transaction(
        {"type": 2, "chainId": 1, "nonce": 0, "to": b"\1" * 20, "value": 0, "gas": 21000, "data": b""}
        | {"maxFeePerGas": 1, "maxPriorityFeePerGas": 1}
    )
    recovered: Any = Account.recover_transaction(raw)
    assert recovered.lower() == key.address


@pytest.mark.parametrize("length", [0, 31, 33])
def test_only_digests_are_signed(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        LocalKey(SECRET).sign_digest(bytes(length))
