"""Kubo, the reference implementation of IPFS, reads our blocks as the same bytes and names them by the same CIDs."""

from __future__ import annotations

import json

import httpx
import pytest
from published import OWNER, signer

from anchoring.blockstores.kubo import KuboStore
from anchoring.blockstores.memory import MemoryStore
from anchoring.encoding.cid import DAG_PB, Cid
from anchoring.encoding.unixfs import document_blocks
from anchoring.signing.snapshot import VersionHeader, write_version
from anchoring.verification.verify import verify_version

pytestmark = pytest.mark.kubo


@pytest.fixture(scope="module")
def rpc(kubo_api):
    with httpx.Client(base_url=f"{kubo_api}/api/v0/", timeout=60, trust_env=False) as client:

        def call(command, files=None, **arguments):
            response = client.post(command, params=arguments, files=files)
            assert response.status_code == 200, response.text
            return response

        yield call


def lines_of(count):
    text = '<http://example.org/%07d> <http://example.org/p> "%s é" .'
    return [(text % (i, "v" * (i * 7919 % 600))).encode() for i in range(count)]


def version_in(store, lines):
    header = VersionHeader(1, "0x" + "ab" * 20, OWNER, bytes(32), "CC-BY-4.0")
    return write_version(lines, header, {"ontology.ttl": b"# x\n", "void.ttl": b""}, signer(), store)


# no line, one line, one block, one level of nodes, two levels
@pytest.mark.parametrize("count", [0, 1, 20, 3_000, 60_000])
def test_kubo_agrees_on_file_and_directory(rpc, kubo_api, count):
    lines = lines_of(count)
    content = b"".join(line + b"\n" for line in lines)
    with KuboStore(kubo_api) as store:
        version = version_in(store, lines)
        file = version.manifest.data.cid
        assert (len(version.dataset.nodes) > 1) == (count == 60_000)
        assert rpc("cat", arg=str(file)).content == content
        stat = rpc("files/stat", arg=f"/ipfs/{file}").json()
        assert (stat["Hash"], stat["Size"], stat["CumulativeSize"]) == (
            str(file),
            len(content),
            version.dataset.file.tsize,
        )
        listed = rpc("ls", arg=str(version.directory)).json()["Objects"][0]["Links"]
        names = {link["Name"]: link["Hash"] for link in listed}
        assert names["data.nq"] == str(file)
        assert names["manifest.json"] == str(version.cid)
        assert {link["Name"]: link["Size"] for link in listed}["data.nq"] == len(content)
        # Kubo writes each node anew from what it reads in it
        nodes = [block.cid for block in version.dataset.nodes[:5] + version.dataset.nodes[-1:]]
        for cid in [*nodes, version.directory]:
            node = rpc("dag/get", **{"arg": str(cid), "output-codec": "dag-json"}).content
            options = {"input-codec": "dag-json", "store-codec": "dag-pb", "hash": "sha2-256"}
            put = rpc("dag/put", files={"file": node}, **options).json()
            assert put["Cid"]["/"] == str(cid)
        # and builds the directory itself from its files
        root = f"/triplock-test-{version.directory}"
        rpc("files/mkdir", arg=root, **{"cid-version": "1"})
        for name, cid in names.items():
            rpc("files/cp", arg=[f"/ipfs/{cid}", f"{root}/{name}"])
        assert rpc("files/stat", arg=root).json()["Hash"] == str(version.directory)
        rpc("files/rm", arg=root, recursive="true")
        verdict = verify_version(version.directory, graph=version.manifest.graph, readers=[store])
        assert verdict.exit_code == 6, verdict.as_json()


@pytest.mark.parametrize("size", [0, 1, 1_000, 262_144, 1_048_577, 46_000_000])
def test_kubo_adds_documents_under_the_same_cid(rpc, size):
    content = b"".join(b"%08d" % i for i in range(size // 8 + 1))[:size]
    cid, _ = document_blocks(content)
    options = {"cid-version": "1", "raw-leaves": "true", "chunker": "size-262144", "only-hash": "true"}
    if size == 0:  # an empty raw block never crosses Bitswap, so ours is a dag-pb node
        options["raw-leaves"] = "false"
    if size == 46_000_000:
        options["max-file-links"] = "174"
    added = json.loads(rpc("add", files={"file": content}, **options).text.splitlines()[-1])
    assert added["Hash"] == str(cid)


def test_the_empty_file_is_kubos(rpc):
    assert rpc("cat", arg=str(Cid.of(bytes.fromhex("0a0408021800"), DAG_PB))).content == b""


def test_a_version_built_in_memory_is_the_one_built_in_kubo(kubo_api):
    with KuboStore(kubo_api) as store:
        assert version_in(store, lines_of(500)).directory == version_in(MemoryStore(), lines_of(500)).directory
