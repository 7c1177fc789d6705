"""The three verifiers before which every forgery comes: Python, JavaScript and the registry contract."""

from __future__ import annotations

from eth_abi.abi import encode as abi_encode
from world import World, sealed

from anchoring.chain.artifact import selector
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.errors import RpcRefused
from anchoring.chain.statement_check import packed_proof
from anchoring.proofs.proof import Presence
from anchoring.signing.anchor import GraphId
from anchoring.signing.manifest import BadManifest, Manifest
from anchoring.verification.verify_bundle import verify_proof


class Court:
    """Puts proofs before all verifiers.

    `javascript` is the second one, running; `evm` an endpoint that answers calls of the registry as the world's does.
    """

    def __init__(self, world: World, javascript, evm: Endpoint) -> None:
        self.world = world
        self.evm = evm
        self.javascript = javascript
        self.judged = 0
        self.by_contract = 0

    def python(self, content: bytes, **brought) -> object:
        """The verdict of the Python verifier, offline."""
        given = {"graph": self.world.graph, "block_hashes": self.world.block_hashes, "now": self.world.now} | brought
        return verify_proof(content, **given)

    def node(self, content: bytes, **brought) -> dict:
        """The verdict of the JavaScript verifier."""
        given = {"graph": self.world.graph, "block_hashes": self.world.block_hashes, "now": self.world.now} | brought
        asked = {"blockHashes": [f"0x{each.hex()}" for each in given["block_hashes"]], "now": given["now"]}
        if "current" in given:
            asked["current"] = given["current"]
        if "max_age" in given:
            asked["maxAge"] = given["max_age"]
        return self.javascript.verify(content, given["graph"], **asked)

    def contract(self, item: dict, graph: GraphId | None = None) -> bool | None:
        """Whether the registry finds the line in the graph's current version; None for what has no packed form."""
        try:
            manifest = Manifest.decode(item["version"]["manifest"])
            (block,) = item["version"]["opening"]["blocks"]
            (index,), (line,) = block["indexes"], block["lines"]
            presence = Presence(
                line=line,
                block=block["block"],
                index=index,
                start=block["start"],
                count=block["count"],
                length=block["length"],
                digest=block["digest"],
                line_path=block["path"],
                block_path=item["version"]["opening"]["path"],
            )
            packed = packed_proof(manifest.fields, presence)
        except (BadManifest, KeyError, TypeError, ValueError, OverflowError, AttributeError):
            return None
        self.by_contract += 1
        return self.contract_finds(packed, graph)

    def contract_finds(self, packed: bytes, graph: GraphId | None = None) -> bool:
        """The answer of `check(graph, proof)`; a call that is reverted finds nothing."""
        asked = abi_encode(["bytes32", "bytes"], [(graph or self.world.graph).graph, packed])
        return any(self.call(selector("check(bytes32,bytes)") + asked) or b"")

    def call(self, data: bytes) -> bytes | None:
        """What the registry answers to this call data, None where it reverts."""
        try:
            return self.evm.call(self.world.registry.address, data)
        except RpcRefused:
            return None

    def accepts(self, item: dict | bytes, **brought) -> None:
        """All accept: what shows that an attack on this proof could have succeeded."""
        content = item if isinstance(item, bytes) else sealed(item)
        verdict = self.python(content, **brought)
        assert verdict.exit_code == 0, verdict.as_json()
        other = self.node(content, **brought)
        assert other["exitCode"] == 0, other
        assert not isinstance(item, dict) or "graph" in brought or self.contract(item) is not False

    def refuses(self, item: dict | bytes, *, unchecked: bool = False, **brought) -> None:
        """None accepts, and the two that read bundles say the same of every check.

        With `unchecked` something that could not be checked (exit code 6) is as good as a refutation.
        """
        self.judged += 1
        content = item if isinstance(item, bytes) else sealed(item)
        verdict = self.python(content, **brought)
        allowed = (1, 6) if unchecked else (1,)
        assert verdict.exit_code in allowed, f"{self.difference(item)}: {verdict.as_json()['checks']}"
        other = self.node(content, **brought)
        here = [(check.name, check.outcome.value) for check in verdict.checks]
        there = [(check["name"], check["outcome"]) for check in other["checks"]]
        assert (verdict.exit_code, here) == (other["exitCode"], there), (
            f"{self.difference(item)}: {verdict.as_json()['checks']}, {other['checks']}"
        )
        if isinstance(item, dict) and "graph" not in brought and self._differs(item):
            assert not self.contract(item), self.difference(item)

    def difference(self, item: dict | bytes) -> str:
        """Where a forgery differs from the true proof that it most resembles."""
        if isinstance(item, bytes):
            return item[:200].hex()
        return min((", ".join(_differences(true, item, "")) for true in self.world.items.values()), key=len)[:2000]

    def _differs(self, item: dict) -> bool:
        """Whether what the contract reads is changed: it knows nothing of claims, signatures and the chain's part."""
        read = tuple(item["version"].get(key) for key in ("manifest", "opening"))
        return all(
            read != (true["version"]["manifest"], true["version"]["opening"]) for true in self.world.items.values()
        )


def _differences(true: object, item: object, at: str) -> list[str]:
    if isinstance(true, dict) and isinstance(item, dict):
        keys = sorted({*true, *item})
        return [each for key in keys for each in _differences(true.get(key), item.get(key), f"{at}.{key}")]
    if isinstance(true, list) and isinstance(item, list) and len(true) == len(item):
        return [
            each for n, (a, b) in enumerate(zip(true, item, strict=True)) for each in _differences(a, b, f"{at}[{n}]")
        ]
    return [] if true == item else [f"{at}: {str(true)[:80]} is {str(item)[:80]}"]
