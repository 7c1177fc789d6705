"""Verifies the version in a CAR: every block re-hashed, every line read, the commitment built again.

    python bench/verify_car.py FILE.car GRAPH-ID DIRECTORY-CID

The chain is asked where TRIPLOCK_ANVIL_URL is set. Prints the outcome of each check, one JSON object.
"""

from __future__ import annotations

import json
import os
import sys

from anchoring.blockstores.car import CarReader
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.registry import RegistryClient
from anchoring.encoding.cid import Cid
from anchoring.signing.anchor import GraphId
from anchoring.verification.check_anchor import Chain
from anchoring.verification.verify import verify_version


def main() -> None:
    path, graph, directory = sys.argv[1], GraphId.parse(sys.argv[2]), Cid.parse(sys.argv[3])
    url = os.environ.get("TRIPLOCK_ANVIL_URL")
    chain = Chain(RegistryClient(Endpoint(url), graph.registry)) if url else None
    with CarReader(path) as car:
        verdict = verify_version(directory, graph=graph, readers=[car], chain=chain)
    print(json.dumps({check.name: check.outcome for check in verdict.checks}))


if __name__ == "__main__":
    main()
