"""docs/verifier.js under Node.js: one process that is asked many times, or the command line once."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path

VERIFIER = Path(__file__).resolve().parents[2] / "docs" / "verifier.js"
PARTS = Path(__file__).with_name("parts.js")


class NodeProcess:
    """A program of one JSON document a line in, one a line out."""

    def __init__(self, node: str, *command: str) -> None:
        self._process = subprocess.Popen(
            [node, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def ask(self, request: object) -> dict:
        """The answer to one request."""
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the program ended with {self._process.wait()} at {str(request)[:200]}"
        return json.loads(answer)

    def close(self) -> None:
        """Lets the program end."""
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


class NodeVerifier(NodeProcess):
    """The verifier's batch form: `verify(bundle, graph)` and `verify_fraud(proof, graph)` give its verdict."""

    def __init__(self, node: str) -> None:
        super().__init__(node, str(VERIFIER), "--batch")

    def verify(self, bundle: bytes, graph: object, **trusted: object) -> dict:
        """{outcome, exitCode, checks, about}; `trusted` are blockHashes, current, maxAge, now."""
        return self.ask({"id": 1, "bundle": base64.b64encode(bundle).decode(), "graph": str(graph), **trusted})

    def verify_fraud(self, proof: bytes, graph: object) -> dict:
        """The same of a fraud proof."""
        return self.ask({"id": 1, "fraud": base64.b64encode(proof).decode(), "graph": str(graph)})


def outcomes(verdict: dict) -> list[tuple[str, str]]:
    """The checks of a JSON verdict as (name, outcome), in order."""
    return [(check["name"], check["outcome"]) for check in verdict["checks"]]
