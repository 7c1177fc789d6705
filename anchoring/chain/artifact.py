"""The compiled registry contract that ships with this package; `scripts/compile_contract` makes it."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from anchoring.signing.eip712 import keccak


@cache
def registry_artifact() -> dict[str, Any]:
    """The content of Registry.json: compiler, settings, abi, bytecode, deployedBytecode."""
    text = files("anchoring").joinpath("contracts", "Registry.json").read_text("utf-8")
    artifact: dict[str, Any] = json.loads(text)
    return artifact


def creation_code() -> bytes:
    """What a transaction carries to create the registry; it takes no constructor arguments."""
    return bytes.fromhex(registry_artifact()["bytecode"][2:])


def runtime_code() -> bytes:
    """What stands at the registry's address afterwards, on every chain the same bytes."""
    return bytes.fromhex(registry_artifact()["deployedBytecode"][2:])


def selector(signature: str) -> bytes:
    """The four bytes that name a function or an error.

    >>> selector("transfer(address,uint256)").hex()
    'a9059cbb'
    """
    return keccak(signature.encode())[:4]
