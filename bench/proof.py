"""One proof out of a large version: its size, and the time to make it and to verify it, beside pymerkle.

python bench/proof.py [LINES ...]          (10000, 100000 and 1000000 by default; the lines of bench/version.py)

The version lies in a folder of blocks, and the list of its top leaves in a file. "Made" is from that file: it is read
and checked against the root, then a presence and an absence are opened. What is read is counted in blocks.
pymerkle keeps one tree over the same lines in memory; adding a line takes it some 40 µs. Times are the least and the
median processor time of many; the ratio is of medians. Without pymerkle its rows are left out.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from version import made_up

from anchoring.blockstores.folder import FolderStore
from anchoring.dataset.top_index import TopIndex
from anchoring.encoding.cid import Cid
from anchoring.encoding.deterministic_cbor import encode
from anchoring.proofs.bundle import Bundle
from anchoring.proofs.claims import Claim, ClaimKind
from anchoring.proofs.line_index import LineIndex
from anchoring.proofs.opening import Opening
from anchoring.proofs.proving import BuiltVersion, prove
from anchoring.signing.anchor import GraphId
from anchoring.signing.eip712 import graph_id
from anchoring.signing.manifest import Manifest
from anchoring.signing.snapshot import VersionHeader, write_version
from anchoring.verification.verify_bundle import verify_proof

OWNER, REGISTRY, LABEL = "0xa8049bb68181799124f98e467dd749e120abfa64", "0x" + "ab" * 20, bytes(32)
SAMPLES = 200


class Counting:
    """Blocks, and how many of them were read."""

    def __init__(self, store: FolderStore) -> None:
        self._store = store
        self.read = 0

    def get(self, cid: Cid) -> bytes:
        """The block of the folder."""
        self.read += 1
        return self._store.get(cid)


def milliseconds(step: Callable[[], object], times: int) -> list[float]:
    spent = []
    for _ in range(times):
        began = time.process_time()
        step()
        spent.append(1e3 * (time.process_time() - began))
    return spent


def row(name: str, figures: list[float], unit: str = "ms") -> float:
    median = statistics.median(figures)
    print(f"  {name:46} median {median:8.3f} {unit}, least {min(figures):8.3f}, most {max(figures):8.3f}")
    return median


def absent_of(line: bytes) -> bytes:
    return line[: line.rindex(b" <")] + b" <http://example.org/nowhere> ."


def measure(count: int, folder: Path) -> None:
    lines, chance = made_up(count), random.Random(1)
    store = FolderStore(folder / "blocks")
    header = VersionHeader(1, REGISTRY, OWNER, LABEL, "CC0-1.0")
    snapshot = write_version(lines, header, {}, signature(), store)
    index_file, graph = folder / "top.index", graph_id(1, REGISTRY, OWNER, LABEL)
    index_file.write_bytes(snapshot.dataset.index())
    manifest = snapshot.manifest
    print(f"{count:,} lines in {manifest.blocks:,} blocks")

    made: list[tuple[bytes, Bundle]] = []
    read: list[float] = []

    def opened(kind: ClaimKind) -> None:
        blocks, line = Counting(store), chance.choice(lines)
        claimed = line if kind is ClaimKind.PRESENCE else absent_of(line)
        top = TopIndex(index_file.read_bytes(), root=manifest.root)
        version = BuiltVersion(manifest, LineIndex(top, blocks), snapshot.signature.signature)
        made.append((line, prove(Claim(kind, (claimed,)), version)))
        read.append(blocks.read)

    cold = row("presence made, index read and checked", milliseconds(lambda: opened(ClaimKind.PRESENCE), 30))
    presences = made.copy()
    row("absence made, index read and checked", milliseconds(lambda: opened(ClaimKind.ABSENCE), 30))
    row("blocks read for it", read, "")
    line_index = LineIndex(TopIndex(index_file.read_bytes(), root=manifest.root), store)
    kept = BuiltVersion(manifest, line_index, snapshot.signature.signature)
    warm = row(
        "presence made, the index at hand",
        milliseconds(lambda: prove(Claim(ClaimKind.PRESENCE, (chance.choice(lines),)), kept), SAMPLES),
    )
    sizes(presences, manifest)
    several(lines, kept, chance)
    checked, whole = verified(presences, manifest, graph)
    peer(lines, cold=cold, warm=warm, checked=checked, whole=whole)


def signature() -> Callable[[bytes], bytes]:
    import coincurve

    key = coincurve.PrivateKey(b"\x5a" * 32)
    return lambda digest: (lambda made: made[:64] + bytes([made[64] + 27]))(key.sign_recoverable(digest, hasher=None))


def sizes(presences: list[tuple[bytes, Bundle]], manifest: Manifest) -> None:
    besides = [len(encode(bundle.opening.as_item())) - len(line) for line, bundle in presences]
    row("proof (opening) besides its line", list(map(float, besides)), "bytes")
    files = [len(bundle.encode()) - 2 * len(line) for line, bundle in presences]
    row(f"file besides its line (manifest: {len(manifest.encode())})", list(map(float, files)), "bytes")


def several(lines: list[bytes], version: BuiltVersion, chance: random.Random) -> None:
    """Ten statements in one proof beside ten proofs of one."""
    for name, chosen in (
        ("ten statements anywhere", chance.sample(lines, 10)),
        ("ten statements in a row", lines[len(lines) // 3 :][:10]),
    ):
        together = len(prove(Claim(ClaimKind.PRESENCE, tuple(sorted(chosen))), version).encode())
        single = sum(len(prove(Claim(ClaimKind.PRESENCE, (line,)), version).encode()) for line in chosen)
        print(f"  {name + ', one file':46} {together:6} bytes, {single} in ten files ({together / single:.2f})")


def verified(presences: list[tuple[bytes, Bundle]], manifest: Manifest, graph: GraphId) -> tuple[float, float]:
    openings = iter([bundle.opening for _, bundle in presences] * SAMPLES)
    files = iter([bundle.encode() for _, bundle in presences] * SAMPLES)

    def check(opening: Opening) -> None:
        opening.check(root=manifest.root, quads=manifest.quads, blocks=manifest.blocks)

    checked = row("proof (opening) verified", milliseconds(lambda: check(next(openings)), SAMPLES))
    whole = row("file verified: manifest, signature, opening", milliseconds(lambda: judge(next(files), graph), SAMPLES))
    return checked, whole


def judge(content: bytes, graph: GraphId) -> None:
    verdict = verify_proof(content, graph=graph)
    assert verdict.exit_code in (0, 6), verdict.as_json()


def peer(lines: list[bytes], *, cold: float, warm: float, checked: float, whole: float) -> None:
    try:
        from pymerkle import InmemoryTree, verify_inclusion
    except ImportError:
        print("  pymerkle is not installed")
        return
    began = time.process_time()
    tree = InmemoryTree(algorithm="sha256")
    for line in lines:
        tree.append_entry(line)
    print(f"  pymerkle: tree built in {time.process_time() - began:.1f} s, kept in memory")
    root, count, chance = tree.get_root(), len(lines), random.Random(1)
    proofs = []

    def make() -> None:
        at = chance.randrange(count) + 1
        proofs.append((at, tree.prove_inclusion(at, count)))

    theirs = row("pymerkle: proof made, the tree in memory", milliseconds(make, SAMPLES))
    again = iter(proofs)

    def verify() -> None:
        at, proof = next(again)
        verify_inclusion(tree.get_leaf(at), root, proof)

    judged = row("pymerkle: proof verified", milliseconds(verify, SAMPLES))
    size = statistics.median(len(json.dumps(proof.serialize())) for _, proof in proofs)
    print(f"  pymerkle: proof {size:.0f} bytes of JSON")
    print(f"  ratio, made: {warm / theirs:.2f} with the index at hand, {cold / theirs:.2f} from the file")
    print(f"  ratio, verified: {checked / judged:.2f} the opening, {whole / judged:.2f} the whole file")


if __name__ == "__main__":
    for argument in sys.argv[1:] or ["10000", "100000", "1000000"]:
        with tempfile.TemporaryDirectory() as temporary:
            measure(int(argument), Path(temporary))
