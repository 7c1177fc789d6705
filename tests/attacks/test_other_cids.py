"""Only CIDv1 with sha2-256 and codec raw or dag-pb names anything: all others are refused wherever a CID can stand."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from hashlib import blake2b, sha1, sha256, sha512

import dishonest_owner
import pytest
from forged_document import dag, file_data, node, quoting, raw

from anchoring.encoding import strict_json
from anchoring.encoding.cid import BadCid, Cid
from anchoring.signing.anchor import ZERO_WORD
from anchoring.signing.eip712 import keccak

CONTENT = b"It requires ERC-165 and more."
QUOTE = "requires ERC-165"


def other_cids(content, source, codec=0x55):
    """Binary CIDs that name these bytes for some other reader."""
    digest, head = sha256(content).digest(), bytes([1, codec])
    short = content[:40]
    return source.choice(
        (
            head + b"\x00" + bytes([len(short)]) + short,
            head + b"\x00\x00",
            head + b"\x00\x20" + digest,
            b"\x12\x20" + digest,
            head + b"\x13\x40" + sha512(content).digest(),
            head + b"\x11\x14" + sha1(content).digest(),
            head + b"\xa0\xe4\x02\x20" + blake2b(content, digest_size=32).digest(),
            head + b"\x1b\x20" + keccak(content),
            head + b"\x12\x1f" + digest[:31],
            head + b"\x12\x20" + digest + b"\x00",
            head + b"\x12\x10" + digest[:16],
            b"\x00" + bytes([codec]) + b"\x12\x20" + digest,
            b"\x02" + bytes([codec]) + b"\x12\x20" + digest,
            b"\x01\x71\x12\x20" + digest,
            b"\x01\x51\x12\x20" + digest,
            b"\x01\x00\x12\x20" + digest,
            b"\x01\x80\x70\x12\x20" + digest,
            b"\x00" + head + b"\x12\x20" + digest,
            head + b"\x92\x00\x20" + digest,
            b"",
        )
    )


def text_of(binary):
    return "b" + base64.b32encode(binary).decode().lower().rstrip("=")


@pytest.mark.soak
def test_a_document_under_another_cid_is_not_quoted(court, source, rounds):
    world = court.world
    cid, block = raw(CONTENT)
    start = CONTENT.index(QUOTE.encode())
    place = (start, start + len(QUOTE), QUOTE)
    item = quoting(world, cid, f"ipfs://{text_of(cid)}", *place, [block])
    court.accepts(item, **dishonest_owner.brought(item, world.graph))
    leaves = [raw(CONTENT[:16]), raw(CONTENT[16:])]
    sizes = [16, len(CONTENT) - 16]

    def tree(cids):
        top = dag(node(list(zip(cids, sizes, strict=True)), file_data(len(CONTENT), sizes)))
        return top[0], [top[1], *(leaf for _, leaf in leaves)]

    document, blocks = tree([each for each, _ in leaves])
    item = quoting(world, document, f"ipfs://{text_of(document)}", *place, blocks)
    court.accepts(item, **dishonest_owner.brought(item, world.graph))
    for _ in rounds:
        if source.random() < 0.5:
            # The document itself; its IRI is what the reader may make of it, or the true one.
            other = other_cids(CONTENT, source)
            iri = f"ipfs://{source.choice((text_of(other) or 'b', text_of(cid)))}"
            item = quoting(world, other, iri, *place, [block])
        else:
            # A link within the document.
            cids = [each for each, _ in leaves]
            at = source.randrange(2)
            cids[at] = other_cids(leaves[at][1], source)
            document, blocks = tree(cids)
            if source.random() < 0.2:
                del blocks[at + 1]
            item = quoting(world, document, f"ipfs://{text_of(document)}", *place, blocks)
        court.refuses(item, **dishonest_owner.brought(item, world.graph))


@pytest.mark.soak
def test_a_manifest_that_names_another_cid_is_refused(court, source, rounds):
    published = dishonest_owner.publish_lines(court.world, [b'<a:b> <a:p> "1" .'], files={"note.txt": b"a note"})
    item = published.item("presence", published.cuts[0], [0])
    court.accepts(item, **dishonest_owner.brought(item, published.graph))
    for _ in rounds:
        said = json.loads(published.manifest.encode())
        content = source.choice((b"a note", b"", b'<a:b> <a:p> "1" .\n'))
        binary = other_cids(content, source, source.choice((0x55, 0x70)))
        true = text_of(bytes(Cid.of(content)))
        spelled = source.choice(
            (
                *[text_of(binary)] * 6,
                true.upper(),
                "ipfs://" + true,
                true + "=",
                true[:-1],
                "z" + true[1:],
                "f" + bytes(Cid.of(content)).hex(),
                "u" + base64.urlsafe_b64encode(bytes(Cid.of(content))).decode().rstrip("="),
                true[:-1] + chr(ord(true[-1]) + 1),
            )
        )
        with pytest.raises(BadCid):
            Cid.parse(spelled.removeprefix("ipfs://") + ("!" if spelled.startswith("ipfs://") else ""))
        key = source.choice(("files", "ontology", "sources", "parentManifest"))
        if key == "files":
            source.choice(said["files"])["cid"] = spelled
        else:
            said[key] = [spelled] if key == "ontology" else spelled
        content = strict_json.encode(said)
        fields = replace(published.manifest.fields, manifest=sha256(content).digest(), parent=ZERO_WORD)
        item = dishonest_owner.bundle_item(content, fields, "presence", published.cuts[0], published.opening([0]))
        court.refuses(item, **dishonest_owner.brought(item, published.graph))


@pytest.mark.soak
def test_no_other_cid_is_parsed(source, rounds):
    for _ in rounds:
        binary = other_cids(source.randbytes(source.randrange(80)), source, source.choice((0x55, 0x70)))
        with pytest.raises(BadCid):
            Cid.from_bytes(binary)
        with pytest.raises(BadCid):
            Cid.parse(text_of(binary))
