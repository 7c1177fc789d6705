"""A program that signs: right signatures are taken in their one form, anything else is refused and never shown."""

from __future__ import annotations

import json
import pickle
import re
import shlex
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import pytest
from chain_places import Place
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st
from test_publishing import now, version

from anchoring.chain.errors import KeyRefused, SignerFailed
from anchoring.chain.keys import PASSWORD_VARIABLE, VARIABLE, LocalKey
from anchoring.chain.registry import RegistryClient
from anchoring.chain.signer_command import CommandSigner
from anchoring.signing.eip712 import recover

PROGRAM = Path(__file__).parents[1] / "signing_program.py"
SECRET = bytes(range(3, 35))
DIGEST = bytes(range(32))


def command(folder: Path, mode: str = "right") -> str:
    (folder / "key").write_text(SECRET.hex())
    return shlex.join([sys.executable, str(PROGRAM), str(folder / "key"), str(folder / "notes"), mode])


def notes(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "notes").read_text().splitlines()]


@pytest.mark.parametrize("mode", ["right", "high s", "parity"])
def test_a_right_signature_is_taken_in_its_one_form(tmp_path: Path, mode: str) -> None:
    signer = CommandSigner(command(tmp_path, mode))
    assert signer.address == LocalKey(SECRET).address
    assert signer.sign_digest(DIGEST) == LocalKey(SECRET).sign_digest(DIGEST)
    assert [note["asked"]["request"] for note in notes(tmp_path)] == ["address", "digest"]


@pytest.mark.parametrize(
    "mode",
    ["another key", "another digest", "with a prefix", "short", "zero", "key", "no JSON", "fails", "address only"],
)
def test_a_wrong_answer_is_refused_and_not_shown(tmp_path: Path, mode: str) -> None:
    signer = CommandSigner(command(tmp_path, mode))
    with pytest.raises(SignerFailed) as refusal:
        signer.sign_digest(DIGEST)
    shown = "".join(traceback.format_exception(refusal.value)) + json.dumps(refusal.value.as_json())
    assert SECRET.hex() not in shown
    assert refusal.value.exit_code == 4


@pytest.mark.parametrize("mode", ["hangs", "endless"])
def test_time_and_size_of_an_answer_are_bounded(tmp_path: Path, mode: str) -> None:
    signer = CommandSigner(command(tmp_path, mode), timeout=5.0)
    signer._timeout = 0.5 if mode == "hangs" else 5.0
    began = time.monotonic()
    with pytest.raises(SignerFailed):
        signer.sign_digest(DIGEST)
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("text", ["", "   ", "'unclosed", "/no/such/program --flag", "/"])
def test_what_is_no_program_is_refused(text: str) -> None:
    with pytest.raises(KeyRefused):
        CommandSigner(text)


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    with pytest.raises(SignerFailed):
        CommandSigner(f"{sys.executable} -c 0 ; touch {tmp_path}/made")
    assert not (tmp_path / "made").exists()


def test_the_program_gets_no_secret_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (VARIABLE, PASSWORD_VARIABLE, "TRIPLOCK_PINNING_TOKEN", "TRIPLOCK_NEO4J_PASSWORD"):
        monkeypatch.setenv(name, "a-secret-of-ours")
    CommandSigner(command(tmp_path)).sign_digest(DIGEST)
    assert "a-secret-of-ours" not in (tmp_path / "notes").read_text()


def test_it_shows_its_address_alone(tmp_path: Path) -> None:
    signer = CommandSigner(command(tmp_path))
    assert repr(signer) == f"CommandSigner({LocalKey(SECRET).address!r})"
    with pytest.raises(TypeError):
        pickle.dumps(signer)


def _program_that_signs(signer: CommandSigner, secret: bytes) -> None:
    """Answer in this process, so that many transactions can be tried."""
    key = LocalKey(secret)

    def run(asked: bytes) -> bytes:
        digest = bytes.fromhex(json.loads(asked)["digest"][2:])
        return json.dumps({"signature": "0x" + key.sign_digest(digest).hex()}).encode()

    signer._run = run  # type: ignore[method-assign]


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> CommandSigner:
    made = CommandSigner(command(tmp_path_factory.mktemp("signer")))
    _program_that_signs(made, SECRET)
    return made


@settings(max_examples=200)
@given(
    numbers=st.tuples(*[st.integers(0, 2**64 - 1)] * 3),
    fees=st.tuples(st.integers(0, 2**40), st.integers(0, 2**40)),
    to=st.one_of(st.just(b""), st.binary(min_size=20, max_size=20)),
    data=st.binary(max_size=300),
)
def test_the_transaction_is_that_of_another_implementation(
    signer: CommandSigner, numbers: tuple[int, int, int], fees: tuple[int, int], to: bytes, data: bytes
) -> None:
    chain, nonce, gas = numbers
    transaction = {
        "type": 2,
        "chainId": chain,
        "nonce": nonce,
        "gas": gas,
        "to": to,
        "value": 0,
        "data": "0x" + data.hex(),
        "maxPriorityFeePerGas": min(fees),
        "maxFeePerGas": max(fees),
    }
    raw = signer.sign_transaction(transaction)
    assert raw == LocalKey(SECRET).sign_transaction(transaction)
    recovered: Any = Account.recover_transaction(raw)
    assert recovered.lower() == signer.address


def test_it_publishes(place: Place, registry: RegistryClient, tmp_path: Path) -> None:
    funded = place.new_key()
    (tmp_path / "key").write_text(bytes(funded._account.key).hex())
    line = shlex.join([sys.executable, str(PROGRAM), str(tmp_path / "key"), str(tmp_path / "notes"), "right"])
    signer = CommandSigner(line)
    anchor = now(registry, signer, version("a"))
    assert anchor.publisher == signer.address
    asked = notes(tmp_path)[-1]["asked"]
    assert asked["request"] == "transaction"
    assert asked["transaction"]["to"] == registry.address
    assert asked["transaction"]["chainId"] == hex(registry.chain_id())
    assert recover(DIGEST, signer.sign_digest(DIGEST)) == signer.address


@pytest.mark.anvil
def test_the_command_of_the_documentation_signs(cast: Path, tmp_path: Path) -> None:
    """As it stands on the page, but with a key of the test's in the place of a keystore."""
    page = (Path(__file__).parents[2] / "docs" / "publishing.md").read_text()
    found = re.search(r"^```sh not-checked\n(#!/bin/sh\n.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert found is not None
    program = tmp_path / "signer"
    program.write_text(
        found[1]
        .replace("cast wallet", f"{cast} wallet")
        .replace("--account publisher", f"--private-key {SECRET.hex()}")
    )
    program.chmod(0o700)
    signer = CommandSigner(str(program))
    assert signer.address == LocalKey(SECRET).address
    assert signer.sign_digest(DIGEST) == LocalKey(SECRET).sign_digest(DIGEST)
    transaction = {"type": 2, "chainId": 1, "nonce": 0, "gas": 21_000, "to": b"\1" * 20, "value": 0, "data": b"\2"}
    transaction |= {"maxFeePerGas": 9, "maxPriorityFeePerGas": 1}
    assert signer.sign_transaction(transaction) == LocalKey(SECRET).sign_transaction(transaction)
