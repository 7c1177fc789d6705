"""From an RDF file to a version that is anchored on a chain and stands in one CAR file.

    python bench/anchored_car.py FILE.nq FILE.car [PROCESSES]

The chain is anvil where TRIPLOCK_ANVIL_URL is set, else the embedded one, started for this.
Prints the version's graph id, directory, root, and the endpoint's address, one JSON object.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from anchoring.blockstores.car_writer import CarWriter
from anchoring.chain.deploy import deploy_registry
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.keys import LocalKey
from anchoring.chain.publish import Publication, publish
from anchoring.chain.registry import RegistryClient
from anchoring.signing.document_version import write_document_version
from anchoring.signing.snapshot import VersionHeader


@contextmanager
def chain(key: LocalKey) -> Iterator[Endpoint]:
    url = os.environ.get("TRIPLOCK_ANVIL_URL")
    if url:
        endpoint = Endpoint(url)
        endpoint.request("anvil_setBalance", [key.address, hex(10**21)])
        yield endpoint
        return
    from anchoring.chain.devchain import DevChain

    with tempfile.TemporaryDirectory() as folder, DevChain.open(folder) as devchain:
        devchain.fund(key.address)
        yield Endpoint.of_devchain(devchain)


def main() -> None:
    source, target = sys.argv[1:3]
    processes = int(sys.argv[3]) if len(sys.argv) > 3 else None
    key = LocalKey(secrets.token_bytes(32))
    with chain(key) as endpoint:
        registry = RegistryClient(endpoint, deploy_registry(endpoint, key))
        header = VersionHeader(
            endpoint.chain_id(), registry.address.lower(), key.address.lower(), b"bench".ljust(32, b"\0"), "CC0-1.0"
        )
        with CarWriter(target) as car:
            made = write_document_version(source, header, {}, key.sign_digest, car, processes=processes)
        fields = made.fields
        publication = Publication(
            header.label, fields.parent, fields.root, fields.quads, fields.blocks, fields.manifest
        )
        anchor = publish(registry, key, publication, keep=lambda prepared: None)  # nothing to resume here
        assert anchor.head == fields.head
        print(json.dumps({"graph": str(fields.graph), "directory": str(made.directory), "root": fields.root.hex()}))


if __name__ == "__main__":
    main()
