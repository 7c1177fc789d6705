"""Proof bundles of format 2, good and bad, for every kind of claim: each with what a verifier says of it.

What is expected is stated here by hand (the checks that do not pass); that Python agrees is checked as they are made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from eth_account import Account
from made_chain import TIME, anchor_proof, chain_proof, head_proof
from published import CHAIN_ID, DOCUMENT, DOCUMENT_BLOCKS, DOCUMENT_CID, KEY, OWNER, QUOTE, REGISTRY, signer

from anchoring.blockstores.memory import MemoryStore
from anchoring.chain_proof.proof import ChainProof
from anchoring.encoding.deterministic_cbor import decode, encode
from anchoring.proofs.bundle import Bundle, sealed
from anchoring.proofs.claims import Claim, ClaimKind
from anchoring.proofs.excerpt import make_excerpt
from anchoring.proofs.line_index import LineIndex
from anchoring.proofs.proving import BuiltVersion, prove
from anchoring.signing.anchor import GraphId
from anchoring.signing.snapshot import VersionHeader, write_version
from anchoring.verification.verify_bundle import verify_proof

OTHER_KEY = "0x" + "77" * 32
OTHER = Account.from_key(OTHER_KEY).address.lower()
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@dataclass
class Case:
    """A bundle, what the verifier brings, and which checks do not pass."""

    name: str
    content: bytes
    refuted: str = ""
    unchecked: str = "block anchor publisher"
    hashes: list[bytes] = field(default_factory=list)
    current: bool = False
    now: int = TIME + 12 * 100
    max_age: int = 3_600
    graph: GraphId | None = None


class Made(NamedTuple):
    """A version at hand, its lines, and its height on the made-up chain."""

    built: BuiltVersion
    lines: list[bytes]


def made_lines(count: int) -> list[bytes]:
    """Some of five subjects, some long, three with blank nodes, two that quote the document."""
    made = {
        b'<http://example.org/s%d> <http://example.org/p> "%05d%s" <http://example.org/g%d> .'
        % (i % 5, i, b" value" * (i * 13 % 16), i % 3)
        for i in range(count)
    }
    made |= {b"_:c14n%d <http://example.org/p> <http://example.org/o> ." % i for i in range(3)}
    span = f"<{DOCUMENT_CID.iri}#char=0,5>"
    made |= {
        f"<http://example.org/c> <http://www.w3.org/ns/prov#wasDerivedFrom> {span} <http://example.org/a> .".encode(),
        f'{span} <http://www.w3.org/ns/oa#exact> "{QUOTE}" <http://example.org/a> .'.encode(),
    }
    return sorted(made)


def make_versions() -> tuple[MemoryStore, list[Made]]:
    """Three versions: some lines, some of them others, none."""
    store = MemoryStore()
    store.put(DOCUMENT_BLOCKS, [])
    first = made_lines(260)
    second = sorted((set(made_lines(275)) | set(first)) - set(first[100:130]))
    header = VersionHeader(CHAIN_ID, REGISTRY, OWNER, b"\x09" * 32, "CC0-1.0")
    versions = []
    for number, lines in enumerate((first, second, []), 1):
        snapshot = write_version(lines, replace(header, version=number), {}, signer(), store)
        lines_at_hand = LineIndex(snapshot.dataset, store)
        versions.append(Made(BuiltVersion(snapshot.manifest, lines_at_hand, snapshot.signature.signature), lines))
        header = replace(header, parent=snapshot.fields.head, parent_manifest=snapshot.cid)
    return store, versions


def changed(bundle: Bundle, **members: object) -> bytes:
    """The file with other members of its outer map, and the right `integrity`."""
    item = decode(bundle.encode())
    assert isinstance(item, dict)
    return sealed(encode({**item, **members}))


def inside(bundle: Bundle, part: str, **members: object) -> bytes:
    """The same one map deeper."""
    item = decode(bundle.encode())
    assert isinstance(item, dict)
    return changed(bundle, **{part: {**item[part], **members}})


class Cases:
    """The cases; each method is one group of them."""

    def __init__(self) -> None:
        self.store, (self.first, self.second, self.empty) = make_versions()
        self.graph = self.first.built.manifest.graph
        new = [line for line in self.second.lines if line not in set(self.first.lines)]
        gone = [line for line in self.first.lines if line not in set(self.second.lines)]
        self.new, self.gone = new, gone

    def prove(self, kind: str, statements, version: Made | None = None, parent: Made | None = None, **more) -> Bundle:
        claim = Claim(ClaimKind(kind), tuple(sorted(statements)))
        return prove(claim, (version or self.second).built, parent=parent.built if parent else None, **more)

    def presence(self) -> Iterator[Case]:
        lines = self.second.lines
        one = self.prove("presence", [lines[50]])
        yield Case("presence of one line", one.encode())
        yield Case(
            "presence of several lines, of the first and of the last",
            self.prove("presence", [lines[0], lines[7], lines[8], lines[-1]]).encode(),
        )
        yield Case("presence of a line with a blank node", self.prove("presence", [lines[-2]]).encode())
        where = DOCUMENT.index(QUOTE.encode())
        excerpt = make_excerpt(DOCUMENT_CID, where, where + len(QUOTE.encode()), QUOTE, self.store)
        beside = [line for line in lines if b"ipfs://" in line]
        quoting = self.prove("presence", [lines[50]], beside=beside, excerpts=[excerpt])
        yield Case("presence with provenance and a quotation", quoting.encode())
        alone = self.prove("presence", [lines[50]], excerpts=[excerpt])
        yield Case("a quotation that no opened line makes", alone.encode(), "excerpt 1")
        other = replace(excerpt, start=excerpt.start + 1)
        yield Case("a quotation at another place", replace(quoting, excerpts=(other,)).encode(), "excerpt 1")
        claimed = replace(one, claim=Claim(ClaimKind.PRESENCE, (lines[51],)))
        yield Case("presence of a line that is not opened", claimed.encode(), "claim")
        yield from self.openings(one)

    def openings(self, one: Bundle) -> Iterator[Case]:
        (block,) = one.opening.blocks

        def opened(**members) -> bytes:
            return replace(one, opening=replace(one.opening, blocks=(replace(block, **members),))).encode()

        none = ""
        yield Case("an opened line that is not there", opened(lines=(block.lines[0][:-3] + b'x" .',)), "opening", none)
        yield Case("the right line at another index", opened(indexes=(block.indexes[0] + 1,)), "opening", none)
        yield Case("the right line in another block", opened(block=block.block + 1), "opening", none)
        yield Case("another start", opened(start=block.start + 1), "opening", none)
        yield Case("another count", opened(count=block.count + 1), "opening", none)
        yield Case("another length", opened(length=block.length + 1), "opening", none)
        yield Case("another digest", opened(digest=bytes(32)), "opening", none)
        yield Case("a path that is too short", opened(path=block.path[:-32]), "opening", none)
        yield Case("a path that is too long", opened(path=block.path + bytes(32)), "opening", none)
        yield Case("two lines at one index", opened(lines=block.lines * 2, indexes=block.indexes * 2), "opening", none)
        yield Case("an inner node as a line", opened(lines=(block.path[:64],)), "opening", none)
        yield Case(
            "no line at all", replace(one, opening=replace(one.opening, blocks=(), path=b"")).encode(), "opening", none
        )
        upper = replace(one.opening, path=one.opening.path + bytes(32))
        yield Case("an upper path that is too long", replace(one, opening=upper).encode(), "opening", none)
        other = self.prove("presence", [self.first.lines[50]], self.first).opening
        yield Case("the opening of another version", replace(one, opening=other).encode(), "opening", none)

    def absence(self) -> Iterator[Case]:
        lines, index = self.second.lines, self.second.built.lines
        ends = [b"<a:a> <a:a> <a:a> .", b"<z:z> <z:z> <z:z> ."]
        between = b"<http://example.org/s1> <http://example.org/p> <http://example.org/nothing> ."
        one = self.prove("absence", [between])
        yield Case("absence between two lines", one.encode())
        yield Case("absence before the first line", self.prove("absence", ends[:1]).encode())
        after = b"<ipfs:z> <z:z> <z:z> ."
        yield Case("absence of several lines", self.prove("absence", [*ends, between, after]).encode())
        border = index.at(0)._replace(block=1, line=0)
        first_of_block = index.line(border)
        hidden = first_of_block[: first_of_block.rindex(b" <")] + b" ."
        if b"_:" not in hidden and hidden < first_of_block:
            yield Case("absence at the border of two blocks", self.prove("absence", [hidden]).encode())
        yield Case("absence in the empty version", self.prove("absence", [between], self.empty).encode())
        at = index.position(between)
        gap = replace(one, opening=index.open([index.at(at - 1), index.at(at + 1)]))
        yield Case("absence shown by lines that are not neighbours", gap.encode(), "claim")
        left = replace(one, opening=index.open([index.at(at - 1)]))
        yield Case("absence shown from one side only", left.encode(), "claim")
        there = replace(one, claim=Claim(ClaimKind.ABSENCE, (lines[at],)))
        yield Case("absence of a line that is there", there.encode(), "claim")
        nothing = replace(self.prove("absence", [between], self.empty), manifest=one.manifest, signature=one.signature)
        yield Case("the empty version's opening for a version with lines", nothing.encode(), "opening", "")

    def prefix(self) -> Iterator[Case]:
        index = self.second.built.lines
        subject = b"<http://example.org/s1> "
        one = self.prove("prefix", [subject])
        yield Case("everything about a subject", one.encode())
        first, last = self.second.lines[0], self.second.lines[-1]
        yield Case("all that begins as the first line does", self.prove("prefix", [first[:12]]).encode())
        yield Case("all that begins as the last line does", self.prove("prefix", [last[:6]]).encode())
        line = self.second.lines[60]
        triple = line[: line.rindex(b" <") + 1]
        yield Case("a triple in whatever graph", self.prove("prefix", [triple]).encode())
        yield Case(
            "nothing begins so", self.prove("prefix", [b"<http://example.org/s1> <http://example.org/q> "]).encode()
        )
        yield Case("nothing begins so, in the empty version", self.prove("prefix", [subject], self.empty).encode())
        start = index.position(subject)
        end = start + sum(1 for line in self.second.lines if line.startswith(subject))
        everything = range(start - 1, end + 1)
        for name, left_out in (
            ("the first of them", start),
            ("one of them", start + 7),
            ("the last of them", end - 1),
            ("the neighbour before", start - 1),
            ("the neighbour after", end),
        ):
            places = [index.at(position) for position in everything if position != left_out]
            yield Case(
                f"everything about a subject, without {name}",
                replace(one, opening=index.open(places)).encode(),
                "claim",
            )
        longer = replace(one, claim=Claim(ClaimKind.PREFIX, (subject[:-3],)))
        yield Case("a shorter prefix than the lines opened", longer.encode(), "claim")

    def changes(self) -> Iterator[Case]:
        first, second = self.first, self.second
        added = self.prove("added", self.new[:2], parent=first)
        removed = self.prove("removed", self.gone[:2], parent=first)
        yield Case("added by the version", added.encode())
        yield Case("removed by the version", removed.encode())
        yield Case("added by version 1", self.prove("added", [first.lines[3]], first).encode())
        yield Case(
            "removed by the empty version", self.prove("removed", second.lines[3:5], self.empty, second).encode()
        )
        kept = replace(added, claim=Claim(ClaimKind.ADDED, (second.lines[3],)))
        opened = prove(Claim(ClaimKind.PRESENCE, (second.lines[3],)), second.built).opening
        parent = prove(Claim(ClaimKind.PRESENCE, (second.lines[3],)), first.built).opening
        both = replace(kept, opening=opened, parent=replace(added.parent, opening=parent))
        yield Case("added, though the parent has it", both.encode(), "claim")
        still = replace(both, claim=Claim(ClaimKind.REMOVED, both.claim.statements))
        yield Case("removed, though it is there", still.encode(), "claim")
        swapped = replace(added, claim=Claim(ClaimKind.REMOVED, added.claim.statements))
        yield Case("removed, though it was added", swapped.encode(), "claim")
        nothing = replace(
            self.prove("presence", [first.lines[3]], first), claim=Claim(ClaimKind.REMOVED, (first.lines[3],))
        )
        yield Case("removed by version 1", nothing.encode(), "claim")
        other = replace(added.parent, manifest=replace(added.parent.manifest, licence="MIT"))
        yield Case("another manifest as the parent's", replace(added, parent=other).encode(), "parentManifest")
        wrong = replace(added.parent, opening=replace(added.parent.opening, path=bytes(32)))
        yield Case(
            "a parent's opening that does not hold", replace(added, parent=wrong).encode(), "parentOpening claim"
        )
        itself = replace(added, parent=replace(added.parent, manifest=added.manifest, opening=added.opening))
        yield Case("the version as its own parent", itself.encode(), "parentManifest claim")

    def file(self) -> Iterator[Case]:
        one = self.prove("presence", [self.second.lines[50]])
        content, claim = one.encode(), decode(one.encode())["claim"]
        no = {"refuted": "bundle", "unchecked": ""}
        yield Case("a bit of the integrity changed", content[:-1] + bytes([content[-1] ^ 1]), **no)
        yield Case("a byte behind", content + b"\0", **no)
        yield Case("cut short", content[:-1], **no)
        yield Case("nothing", b"", **no)
        yield Case(
            "a head that is longer than it must be", sealed(b"\xb8" + bytes([content[0] & 31]) + content[1:]), **no
        )
        yield Case("something in ext", changed(one, ext={"more": 1}), **no)
        yield Case("another member", changed(one, more=1), **no)
        yield Case("another format", changed(one, format="triplock-proof/3"), **no)
        yield Case("another kind of claim", changed(one, claim={**claim, "kind": "history"}), **no)
        yield Case("no statements", changed(one, claim={**claim, "statements": []}), **no)
        yield Case("a statement twice", changed(one, claim={**claim, "statements": claim["statements"] * 2}), **no)
        blank = {"kind": "absence", "statements": [b"_:c14n0 <a:p> <a:o> ."]}
        yield Case("absence of a blank node", changed(one, claim=blank), **no)
        yield Case("a prefix that is no UTF-8", changed(one, claim={"kind": "prefix", "statements": [b"<a\xc3"]}), **no)
        yield Case("an empty prefix", changed(one, claim={"kind": "prefix", "statements": [b""]}), **no)
        yield Case(
            "a statement that is not canonical",
            changed(one, claim={**claim, "statements": [b"<a:s>  <a:p> <a:o> ."]}),
            **no,
        )
        yield Case("a signature of 64 bytes", inside(one, "version", signature=bytes(64)), **no)
        yield Case("no manifest", inside(one, "version", manifest=b"{}"), **no)
        added = self.prove("added", self.new[:1], parent=self.first)
        yield Case("added without a parent", changed(added, parent={}), **no)
        parent = decode(added.encode())["parent"]
        yield Case("a parent beside a claim of presence", changed(one, parent=parent), **no)
        yield Case("a chain proof with another member", changed(one, chain={"more": {}}), **no)
        other = replace(self.graph, graph=b"\1" * 32)
        yield Case("a version of another graph", content, "graph", "", graph=other)
        registry = replace(self.graph, registry="0x" + "66" * 20)
        yield Case("a version at another registry", content, "graph", "", graph=registry)

    def signatures(self) -> Iterator[Case]:
        one = self.prove("presence", [self.second.lines[50]])
        digest, chain = one.manifest.fields.digest, "block anchor publisher"
        r, s, v = one.signature[:32], int.from_bytes(one.signature[32:64], "big"), one.signature[64]
        malleable = r + (ORDER - s).to_bytes(32, "big") + bytes([55 - v])
        yield Case("a high s", replace(one, signature=malleable).encode(), "signature")
        yield Case("zeros as a signature", replace(one, signature=bytes(65)).encode(), "signature")
        yield Case("a v of 0", replace(one, signature=one.signature[:64] + b"\0").encode(), "signature")
        yield Case("no signature", replace(one, signature=b"").encode(), "", f"signature {chain}")
        by_other = replace(one, signature=signer(OTHER_KEY)(digest))
        yield Case("a signature of another account", by_other.encode(), "", f"signature {chain}")
        foreign = replace(one, signature=self.first.built.signature)
        yield Case("the signature of another version", foreign.encode(), "", f"signature {chain}")

    def chain(self) -> Iterator[Case]:
        plain = self.prove("presence", [self.second.lines[50]])
        fields = plain.manifest.fields
        one = replace(plain, chain=chain_proof(fields, OWNER, 10))
        both = [one.chain.anchor.block_hash, one.chain.head.block_hash]
        all_of_it = "block anchor publisher head"
        yield Case("the chain's part, brought", one.encode(), "", "", both)
        yield Case("the chain's part, not brought", one.encode(), "", all_of_it)
        yield Case("the chain's part, the head's block not brought", one.encode(), "", "block head", both[:1])
        yield Case(
            "the chain's part, the anchor's block not brought", one.encode(), "", "block anchor publisher", both[1:]
        )
        alone = replace(one, chain=ChainProof(one.chain.anchor))
        yield Case("the anchor alone", alone.encode(), "", "", both)
        yield Case("the anchor alone, as current", alone.encode(), "", "head", both, current=True)
        head = replace(one, chain=ChainProof(None, one.chain.head))
        yield Case("the head alone", head.encode(), "", "anchor publisher", both)
        yield Case("current as of a young block", one.encode(), "", "", both, current=True)
        yield Case(
            "current as of an old block", one.encode(), "", "head", both, current=True, now=TIME + 12 * 15 + 3_601
        )
        yield Case("current within a smaller age", one.encode(), "", "head", both, current=True, max_age=100)
        yield from self.other_heads(one)
        unsigned = replace(one, signature=b"")
        yield Case("no signature, with the event", unsigned.encode(), "", "", both)
        delegate = replace(one, signature=signer(OTHER_KEY)(fields.digest), chain=chain_proof(fields, OTHER, 10))
        brought = [delegate.chain.anchor.block_hash, delegate.chain.head.block_hash]
        yield Case("published and signed by a delegate", delegate.encode(), "", "", brought)
        yield Case(
            "signed by another than the publisher",
            replace(delegate, signature=one.signature).encode(),
            "signature publisher",
            "",
            brought,
        )
        malformed = replace(one, signature=bytes(65))
        yield Case("zeros as a signature, with the event", malformed.encode(), "signature publisher", "", both)
        reverted = replace(one, chain=ChainProof(anchor_proof(fields, OWNER, 10, status=0)))
        yield Case(
            "a reverted transaction", reverted.encode(), "anchor", "block publisher", [reverted.chain.anchor.block_hash]
        )
        lookalike = replace(one, chain=ChainProof(anchor_proof(fields, OWNER, 10, address="0x" + "66" * 20)))
        yield Case(
            "the same event of another contract",
            lookalike.encode(),
            "anchor",
            "block publisher",
            [lookalike.chain.anchor.block_hash],
        )
        earlier = replace(one, chain=ChainProof(anchor_proof(self.first.built.manifest.fields, OWNER, 9)))
        yield Case(
            "the event of another version",
            earlier.encode(),
            "anchor",
            "block publisher",
            [earlier.chain.anchor.block_hash],
        )
        anchor = one.chain.anchor
        for name, other in (
            ("index", replace(anchor, index=6)),
            ("log", replace(anchor, log=0)),
            ("nodes", replace(anchor, receipt=anchor.receipt[:-1])),
            ("header", replace(anchor, header=anchor.header + b"\0")),
        ):
            yield Case(
                f"an anchor with another {name}",
                replace(one, chain=ChainProof(other)).encode(),
                "anchor",
                "block publisher",
                both,
            )

    def other_heads(self, one: Bundle) -> Iterator[Case]:
        fields = one.manifest.fields
        heads = {
            "an older head": (self.first.built.manifest.fields.head, "head", "head"),
            "a newer head": (self.empty.built.manifest.fields.head, "", "head"),
            "another version in its place": (fields.head[:5] + bytes(27), "head", "head"),
        }
        for name, (word, refuted, refuted_as_current) in heads.items():
            other = replace(one, chain=replace(one.chain, head=head_proof(fields.graph, word, 15)))
            brought = [other.chain.anchor.block_hash, other.chain.head.block_hash]
            yield Case(name, other.encode(), refuted, "", brought)
            yield Case(f"{name}, as current", other.encode(), refuted_as_current, "", brought, current=True)
        elsewhere = head_proof(replace(fields.graph, graph=b"\1" * 32), fields.head, 15)
        other = replace(one, chain=replace(one.chain, head=elsewhere))
        yield Case(
            "the head of another graph",
            other.encode(),
            "head",
            "",
            [other.chain.anchor.block_hash, other.chain.head.block_hash],
        )

    def all(self) -> Iterator[Case]:
        for group in (self.presence, self.absence, self.prefix, self.changes, self.file, self.signatures, self.chain):
            yield from group()


def bundles() -> dict[str, object]:
    """The vector: every case with what is brought, and the checks with their outcomes."""
    cases = Cases()
    listed = []
    for case in cases.all():
        graph = case.graph or cases.graph
        verdict = verify_proof(
            case.content,
            graph=graph,
            block_hashes=case.hashes,
            current=case.current,
            max_age=case.max_age,
            now=case.now,
        ).as_json()
        found = {
            outcome: [check["name"] for check in verdict["checks"] if check["outcome"] == outcome]
            for outcome in ("refuted", "unchecked")
        }
        stated = {"refuted": _named(case.refuted), "unchecked": _named(case.unchecked)}
        assert found == stated, (case.name, verdict["checks"])
        listed.append(
            {
                "name": case.name,
                "bundle": case.content.hex(),
                "graph": str(graph),
                "blockHashes": [f"0x{each.hex()}" for each in case.hashes],
                "current": case.current,
                "maxAge": case.max_age,
                "now": case.now,
                "exitCode": verdict["exitCode"],
                "checks": [{"name": check["name"], "outcome": check["outcome"]} for check in verdict["checks"]],
                "condition": verdict["about"].get("condition"),
            }
        )
    return {
        "about": "proof bundles of format 2, good and bad, with what a verifier brings and what it then finds",
        "key": KEY,
        "cases": listed,
    }


def _named(names: str) -> list[str]:
    """The names of checks, of which `excerpt 1` has a space in it."""
    return [name.replace("excerpt-", "excerpt ") for name in names.replace("excerpt ", "excerpt-").split()]
