"""Where these tests publish, and the contracts they use."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anchoring.chain.artifact import registry_artifact
from anchoring.chain.deploy import deploy_registry
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.keys import LocalKey
from anchoring.chain.registry import RegistryClient

CONTRACTS = Path(__file__).parent.parent / "contracts"


@dataclass(frozen=True)
class Place:
    """An endpoint and how to give somebody money there."""

    endpoint: Endpoint
    name: str

    def new_key(self) -> LocalKey:
        key = LocalKey(secrets.token_bytes(32))
        if self.name == "anvil":
            self.endpoint.request("anvil_setBalance", [key.address, hex(10**21)])
        else:
            self.endpoint.request("triplock_fund", [key.address])
        return key

    def registry(self) -> RegistryClient:
        return RegistryClient(self.endpoint, deploy_registry(self.endpoint, self.new_key()))


def contract(name: str) -> dict[str, Any]:
    """A compiled test contract."""
    return json.loads((CONTRACTS / f"{name}.json").read_text())


def registry_abi() -> list[dict[str, Any]]:
    abi: list[dict[str, Any]] = registry_artifact()["abi"]
    return abi
