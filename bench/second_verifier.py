"""The verifier in JavaScript beside the one in Python: the same bundles, in one run, both warm.

python bench/second_verifier.py [LINES ...]          (10000 and 100000 by default)

Prints the median time of one verdict, a presence and a prefix of a hundred lines, and the ratio of the two.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from version import made_up

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "browser"))

from node_verifier import NodeVerifier
from proof_cases import CHAIN_ID, OWNER, REGISTRY, signer

from anchoring.blockstores.memory import MemoryStore
from anchoring.proofs.claims import Claim, ClaimKind
from anchoring.proofs.line_index import LineIndex
from anchoring.proofs.proving import BuiltVersion, prove
from anchoring.signing.snapshot import VersionHeader, write_version
from anchoring.verification.verify_bundle import verify_proof

ROUNDS = 100


def median_ms(judge: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        judge()  # once more, so that both are warm
    for _ in range(ROUNDS):
        began = time.perf_counter()
        judge()
        took.append(1e3 * (time.perf_counter() - began))
    return statistics.median(took)


def measure(count: int, javascript: NodeVerifier) -> None:
    store, lines = MemoryStore(), made_up(count)
    header = VersionHeader(CHAIN_ID, REGISTRY, OWNER, bytes(32), "CC0-1.0")
    snapshot = write_version(lines, header, {}, signer(), store)
    built = BuiltVersion(snapshot.manifest, LineIndex(snapshot.dataset, store), snapshot.signature.signature)
    some = lines[count // 2 : count // 2 + 100]
    for name, statements in (("one statement", some[:1]), ("100 statements", some)):
        bundle = prove(Claim(ClaimKind.PRESENCE, tuple(statements)), built).encode()
        assert (
            verify_proof(bundle, graph=header.graph).exit_code
            == javascript.verify(bundle, header.graph)["exitCode"]
            == 6
        )
        python = median_ms(lambda bundle=bundle: verify_proof(bundle, graph=header.graph))
        other = median_ms(lambda bundle=bundle: javascript.verify(bundle, header.graph))
        times = f"JavaScript {other:6.2f} ms  Python {python:6.2f} ms  {other / python:5.2f} x"
        print(f"{count:>9,} lines  {name:<15} {len(bundle):>7,} B  {times}")


if __name__ == "__main__":
    verifier = NodeVerifier(shutil.which("node") or "node")
    for argument in sys.argv[1:] or ["10000", "100000"]:
        measure(int(argument), verifier)
    verifier.close()
