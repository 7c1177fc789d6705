"""Proofs to judge, good and bad: a small graph of three versions, every kind of claim about it, and changes to them.

A change is made to what the file says and written anew with a right `integrity`, so that it reaches the checks behind.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace

from eth_account import Account

from anchoring.blockstores.memory import MemoryStore
from anchoring.encoding import strict_json
from anchoring.encoding.deterministic_cbor import encode
from anchoring.encoding.unixfs import document_file
from anchoring.errors import InputRefused
from anchoring.proofs.bundle import sealed
from anchoring.proofs.claims import Claim, ClaimKind
from anchoring.proofs.excerpt import make_excerpt
from anchoring.proofs.line_index import LineIndex
from anchoring.proofs.proving import BuiltVersion, prove
from anchoring.signing.eip712 import graph_id
from anchoring.signing.manifest import Manifest
from anchoring.signing.snapshot import VersionHeader, write_version

KEY = "0x" + "5a" * 32
OWNER = Account.from_key(KEY).address.lower()
REGISTRY = "0x" + "ab" * 20
CHAIN_ID = 31337
OTHER_KEY = "0x" + "5b" * 32
LONG_DOCUMENT = b"".join(b"%07d is a number of a long document\n" % i for i in range(60_000))
SHORT_DOCUMENT = "Gr\u00f6\u00dfe \u00fcber alles\r\n".encode("utf-16-le")
HOSTILE = (
    '<h:x> <h:says> "<img src=x onerror=alert(1)></script><script>alert(1)</script>" .',
    '<h:x> <h:says> "\u202egnirts a\u2069 \u200b\\u0007\\u001B[2J" .',
    '<h:x> <h:says> "\u05d0\u05d1\u05d2 \u4e2d\u6587 \U0001f600 \ufdd0" .',
)


def signer(key: str = KEY):
    """Signs a digest with this key."""
    return lambda digest: bytes(Account.unsafe_sign_hash(digest, key).signature)


@dataclass
class Graph:
    """Versions of a graph, each with its lines, and the documents that they quote."""

    graph: object
    versions: list[BuiltVersion]
    lines: list[list[bytes]]
    store: MemoryStore
    quotes: list[tuple]


def made_lines(count: int, seed: int) -> list[bytes]:
    """`count` lines of several subjects and graphs, some long, some with blank nodes."""
    chance = random.Random(seed)
    made = set()
    while len(made) < count:
        subject = chance.choice([f"<http://e.org/s{chance.randrange(count)}>", f"_:c14n{chance.randrange(9)}"])
        value = chance.choice(
            ['"x"', '"x"@en', f'"{chance.randrange(10**6)}"^^<h:n>', f"<h:{'o' * chance.randrange(90)}>"]
        )
        graph = chance.choice(["", "<h:g1> ", "<h:g2> "])
        made.add(f"{subject} <h:p{chance.randrange(4)}> {value} {graph}.".encode())
    return sorted(made)


def make_graph(seed: int = 7, count: int = 900) -> Graph:
    """Three versions: lines with quotations, then some changed, then none at all."""
    store = MemoryStore()
    quotes = []
    for content, start, end, encoding in (
        (LONG_DOCUMENT, 262_100, 262_200, "utf-8"),
        (SHORT_DOCUMENT, 0, 10, "utf-16-le"),
    ):
        file = document_file(content)
        store.put(file.nodes, [])
        quote = content[start:end].decode(encoding)
        quotes.append((file.root.cid, start, end, quote))
    said = [line.encode() for line in HOSTILE]
    for cid, _, _, quote in quotes:
        text = quote.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
        said += [f"<h:q> <h:from> <{cid.iri}#char=1,2> .".encode(), f'<h:q> <h:text> "{text}" .'.encode()]
    first = sorted({*made_lines(count, seed), *said})
    changed = sorted({*first[: count // 3], *first[count // 2 :], *made_lines(count // 4, seed + 1)})
    versions: list[BuiltVersion] = []
    header = VersionHeader(CHAIN_ID, REGISTRY, OWNER, b"\x07" * 32, "CC-BY-4.0")
    for number, lines in enumerate((first, changed, []), 1):
        snapshot = write_version(lines, replace(header, version=number), {}, signer(), store)
        versions.append(
            BuiltVersion(snapshot.manifest, LineIndex(snapshot.dataset, store), snapshot.signature.signature)
        )
        header = replace(header, parent=snapshot.manifest.fields.head, parent_manifest=snapshot.cid)
    return Graph(header.graph, versions, [first, changed, []], store, quotes)


def bundles(graph: Graph, chance: random.Random):
    """Good bundles of every kind, in versions 1, 2 and 3, as (name, bytes)."""
    for number, version in enumerate(graph.versions):
        lines = graph.lines[number]
        before = graph.versions[number - 1] if number else None
        old = set(graph.lines[number - 1]) if number else set()
        ground = [line for line in lines if b"_:" not in line]

        def made(kind, statements, name="", number=number, version=version, before=before, **more):
            claim = Claim(ClaimKind(kind), tuple(sorted(statements)))
            parent = before if claim.compares(number + 1) else None
            return f"{kind} v{number + 1}{name}", prove(claim, version, parent=parent, **more).encode()

        if lines:
            yield made("presence", chance.sample(lines, 3))
            yield made("presence", [lines[0], lines[-1]], " at the ends")
            if number == 0:
                excerpts = [make_excerpt(*quote, graph.store) for quote in graph.quotes]
                beside = [line for line in lines if line.startswith(b"<h:q> ")]
                yield made("presence", [graph.lines[0][5]], " with quotations", beside=beside, excerpts=excerpts)
                yield made("prefix", [b"<h:x> <h:says> "], " of hostile text")
            yield made("prefix", [chance.choice(ground).split(b" ")[0] + b" "])
            yield made("prefix", [chance.choice(lines)[:-1]], " of a triple")
        absent = [b"<h:q> <h:nothing> <h:here> .", b"<a:a> <a:a> <a:a> .", b"<z:z> <z:z> <z:z> ."]
        yield made("absence", absent)
        yield made("prefix", [b"<h:q> <h:nothing"], " of nothing")
        if fresh := [line for line in ground if line not in old]:
            yield made("added", chance.sample(fresh, min(2, len(fresh))))
        if gone := [line for line in sorted(old - set(lines)) if b"_:" not in line]:
            yield made("removed", chance.sample(gone, min(2, len(gone))))


def places(item, path=()):
    """Every place in a CBOR item, as keys and indexes."""
    yield path
    if isinstance(item, dict):
        for key in item:
            yield from places(item[key], (*path, key))
    elif isinstance(item, list):
        for number, each in enumerate(item):
            yield from places(each, (*path, number))


def replaced(item, path, change):
    """The item with the part at `path` changed by a function."""
    if not path:
        return change(item)
    first, *rest = path
    if isinstance(item, dict):
        return {key: replaced(each, rest, change) if key == first else each for key, each in item.items()}
    return [replaced(each, rest, change) if number == first else each for number, each in enumerate(item)]


def edited_bytes(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) + 1)
    return chance.choice(
        [
            content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :],
            content[:at] + content[at + 1 :],
            content[:at] + bytes([chance.randrange(256)]) + content[at:],
            content[:-32] if len(content) > 31 else b"",
            content + bytes(32),
            content + content[-32:],
            content[32:64] + content[:32] + content[64:],
            b"",
        ]
    )


def edited_manifest(content: bytes, chance: random.Random) -> bytes:
    """Another member than before, written as RFC 8785 says (or sometimes not)."""
    try:
        document = json.loads(content)
    except ValueError:  # a change before this one left no JSON
        return edited_bytes(content, chance)
    if not isinstance(document, dict) or not document.keys() >= {"chainId", "registry", "owner", "label", "files"}:
        return edited_bytes(content, chance)
    if chance.random() < 0.1:
        other = chance.choice([{"chainId": 1}, {"registry": OWNER}, {"owner": REGISTRY}, {"label": "0x" + "08" * 32}])
        document |= other
        label = bytes.fromhex(document["label"][2:])
        graph = graph_id(document["chainId"], document["registry"], document["owner"], label)
        return strict_json.encode(document | {"graph": f"0x{graph.graph.hex()}"})
    name = chance.choice(sorted(document))
    value = document[name]
    if isinstance(value, int):
        document[name] = chance.choice([value + 1, value - 1, 0, 1, 2**53 - 1, 2**53, -1, 2**40])
    elif isinstance(value, str):
        document[name] = chance.choice([value[:-1], value + "0", value[:-1] + "1", value.upper(), "", "0x" + "0" * 64])
    elif isinstance(value, list):
        document[name] = chance.choice([value[1:], value * 2, [*value, 1], [*value, "x"], value[::-1]])
    elif isinstance(value, dict):
        document[name] = chance.choice([{"a": 1}, {"a": {"b": [None, True, -1]}}, {"\u00e9": "\u2028"}, {"a": 0.5}])
    else:
        document[name] = chance.choice([None, "x", 1, document["files"][0]["cid"]])
    spaced = chance.random() < 0.05
    return json.dumps(
        document, sort_keys=True, ensure_ascii=False, separators=(", ", ":") if spaced else (",", ":")
    ).encode()


def changed(item, chance: random.Random):
    """The item with one part changed; the part is any, so most changes go deep."""
    path = chance.choice(list(places(item)))

    def change(part):
        if path and path[-1] == "manifest":
            return edited_manifest(part, chance) if chance.random() < 0.8 else edited_bytes(part, chance)
        if isinstance(part, bool):
            return part
        if isinstance(part, int):
            return chance.choice([part + 1, max(part - 1, 0), 0, 2**32 - 1, 2**32, 2**64 - 1, part + 2**32]) % 2**64
        if isinstance(part, bytes):
            return edited_bytes(part, chance)
        if isinstance(part, str):
            return chance.choice([part + "x", part[:-1], "", "presence", "absence", "prefix", "added", "removed"])
        if isinstance(part, list):
            turned = part[::-1]
            return chance.choice([part[1:], part[:-1], part + part[-1:], turned, [], [*part, 0], [*part, b""]])
        edits = [{}, {**part, "x": 0}, dict(list(part.items())[1:]), list(part.values())]
        return chance.choice(edits)

    return path, replaced(item, path, change)


def resigned(item, key: str):
    """The bundle's item with a right signature of this key over whatever its manifest now says."""
    manifest = item["version"].get("manifest") if isinstance(item.get("version"), dict) else None
    if not isinstance(manifest, bytes):
        return item
    try:
        digest = Manifest.decode(manifest).fields.digest
    except InputRefused:
        return item
    return {**item, "version": {**item["version"], "signature": signer(key)(digest)}}


def written(item) -> bytes:
    """The file of an item, with a right `integrity` where it has one."""
    content = encode(item)
    return sealed(content) if isinstance(item, dict) and len(item.get("integrity", b"")) == 32 else content
