"""IPLD's own fixtures: what this format's CIDs, dag-pb and CBOR accept of them, and why they refuse the rest.

The format uses a part of dag-pb (all fields there, CIDs of sha2-256 only) and of DAG-CBOR (no tags, floats, negative
numbers, booleans or null). So each refusal is asked for its reason, which a codec of the whole, itself held to the
fixtures, tells.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import cbor2
import pytest
import whole_dag_pb as whole
from hypothesis import example, given
from hypothesis import strategies as st

from anchoring.encoding import dag_pb, deterministic_cbor
from anchoring.encoding.cid import DAG_PB, RAW, BadCid, Cid
from anchoring.encoding.dag_pb import BadNode, Link
from anchoring.encoding.deterministic_cbor import BadCbor

SUITE = Path(__file__).parents[1] / "conformance" / "ipld"
BLOCKS = sorted(SUITE.glob("fixtures/*/*.dag-*"))
CODECS = {".dag-pb": 0x70, ".dag-cbor": 0x71, ".dag-json": 0x0129}


def name(path: Path) -> str:
    return f"{path.parent.name}{path.suffix}"


def binary_cid(text: str) -> bytes:
    """The bytes of a CID in base32, base36 or base58, as the fixtures write them."""
    if text.startswith("Qm"):
        return base58(text)
    if text.startswith("z"):
        return base58(text[1:])
    assert text.startswith("b"), text
    return base64.b32decode(text[1:].upper() + "=" * (-(len(text) - 1) % 8))


def base58(text: str) -> bytes:
    number = 0
    for character in text:
        number = number * 58 + "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".index(character)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def json_of(path: Path) -> object:
    """The value that the fixture's dag-json states: {"/": text} is a CID, {"/": {"bytes": …}} bytes."""
    (file,) = path.parent.glob("*.dag-json")

    def special(pairs: list[tuple[str, object]]) -> object:
        found = dict(pairs)
        if list(found) == ["/"]:
            inner = found["/"]
            if isinstance(inner, str):
                return cbor2.CBORTag(42, b"\x00" + binary_cid(inner))
            if isinstance(inner, dict) and list(inner) == ["bytes"]:
                return base64.b64decode(inner["bytes"] + "=" * (-len(inner["bytes"]) % 4))
        return found

    return json.loads(file.read_bytes(), object_pairs_hook=special)


def test_the_suite_is_whole() -> None:
    assert {suffix: sum(path.suffix == suffix for path in BLOCKS) for suffix in CODECS} == {
        ".dag-pb": 17,
        ".dag-cbor": 128,
        ".dag-json": 128,
    }


@pytest.mark.parametrize("path", BLOCKS, ids=name)
def test_a_fixture_s_name_is_its_cid_and_only_this_format_s_codecs_are_cids_here(path: Path) -> None:
    content = path.read_bytes()
    version, codec, function, digest = whole.cid_parts(binary_cid(path.stem))
    assert (version, codec, function) == (1, CODECS[path.suffix], 0x12)
    assert digest == hashlib.sha256(content).digest()
    if codec == DAG_PB:
        cid = Cid.parse(path.stem)
        assert cid == Cid.of(content, DAG_PB) == Cid.from_bytes(binary_cid(path.stem))
        assert cid.matches(content)
        assert not cid.matches(content + b"\x00")
    else:
        with pytest.raises(BadCid):
            Cid.parse(path.stem)


LINKS = [path.name.removeprefix("cid-") for path in sorted(SUITE.glob("fixtures/cid-*"))]


@pytest.mark.parametrize("text", [text for text in LINKS if text not in ("arrayof", "mapof")])
def test_of_the_cids_that_are_links_only_this_format_s_are_read(text: str) -> None:
    binary = binary_cid(text)
    version, codec, function, _ = whole.cid_parts(binary)
    if (version, function) == (1, 0x12) and codec in (RAW, DAG_PB) and text.startswith("b"):
        assert bytes(Cid.parse(text)) == binary
    else:
        with pytest.raises(BadCid):
            Cid.parse(text)


# -- dag-pb ----------------------------------------------------------------------------------------------------------

NOT_HERE = {
    "dagpb_11unnamedlinks+data": "CIDv0",
    "dagpb_1link": "CIDv0",
    "dagpb_2link+data": "CIDv0",
    "dagpb_4namedlinks+data": "CIDv0",
    "dagpb_7unnamedlinks+data": "CIDv0",
    "dagpb_Links_Hash_some": "identity",
    "dagpb_Links_Hash_some_Name_some": "identity",
    "dagpb_Links_Hash_some_Name_zero": "identity",
    "dagpb_Links_Hash_some_Tsize_some": "identity",
    "dagpb_Links_Hash_some_Tsize_zero": "identity",
    "dagpb_empty": "a field is absent",
    "dagpb_simple_forms_2": "identity",
    "dagpb_simple_forms_3": "identity",
    "dagpb_simple_forms_4": "identity",
}
"""Nodes of dag-pb that are none of this format's, each with the first reason."""


def reason(node: dict) -> str:
    """Why a node of dag-pb is none of this format's; empty where it is one."""
    for each in node["Links"]:
        version, codec, function, digest = whole.cid_parts(each["Hash"])
        if version == 0:
            return "CIDv0"
        if function == 0:
            return "identity"
        if function != 0x12 or len(digest) != 32:
            return "another hash"
        if codec not in (RAW, DAG_PB):
            return "another codec"
        if set(each) != {"Hash", "Name", "Tsize"}:
            return "a field is absent"
        if each["Tsize"] >= 1 << 63:
            return "a size of 2^63"
    return "" if "Data" in node else "a field is absent"


def parsed(node: dict) -> tuple[list[Link], bytes]:
    return [Link(Cid.from_bytes(e["Hash"]), e["Name"], e["Tsize"]) for e in node["Links"]], node["Data"]


@pytest.mark.parametrize("path", [p for p in BLOCKS if p.suffix == ".dag-pb"], ids=name)
def test_a_node_is_read_and_written_or_refused_for_a_reason(path: Path) -> None:
    content = path.read_bytes()
    node = whole.decode(content)
    stated = json_of(path)
    assert isinstance(stated, dict)
    for link in stated["Links"]:
        link["Hash"] = link["Hash"].value[1:]
    assert node == stated
    assert whole.encode(node) == content
    assert reason(node) == NOT_HERE.get(path.parent.name, "")
    if reason(node):
        with pytest.raises(BadNode):
            dag_pb.decode(content)
    else:
        assert dag_pb.decode(content) == parsed(node)
        assert dag_pb.encode(*parsed(node)) == content


@pytest.mark.parametrize("folder", ["decode/edges"])
def test_what_is_no_node_is_refused(folder: str) -> None:
    entries = json.loads((SUITE / f"negative-fixtures/dag-pb/{folder}.json").read_bytes())
    assert len(entries) == 9
    for entry in entries:
        for read in (whole.decode, dag_pb.decode):
            with pytest.raises((whole.NoDagPb, BadNode)):
                read(bytes.fromhex(entry["hex"]))


def test_forms_that_cannot_be_written_cannot_be_handed_in() -> None:
    """The suite's forms that an encoder must refuse are maps; `encode` takes links and bytes and no map."""
    for file in ("basic-datamodel-kinds", "invalid-forms"):
        entries = json.loads((SUITE / f"negative-fixtures/dag-pb/encode/{file}.json").read_bytes())
        assert entries
        for entry in entries:
            with pytest.raises((TypeError, AttributeError, ValueError)):
                dag_pb.encode(entry["dag-json"], entry["dag-json"])


def cids() -> st.SearchStrategy[bytes]:
    digest = st.binary(min_size=32, max_size=32)
    return st.one_of(
        st.builds(lambda codec, d: bytes(Cid(codec, d)), st.sampled_from([RAW, DAG_PB]), digest),
        digest.map(lambda d: b"\x12\x20" + d),
        digest.map(lambda d: b"\x01\x71\x12\x20" + d),
        digest.map(lambda d: b"\x01\x55\x1b\x20" + d),
        st.binary(max_size=8).map(lambda d: b"\x01\x55\x00" + bytes([len(d)]) + d),
    )


def nodes() -> st.SearchStrategy[dict]:
    size = st.integers(0, (1 << 64) - 1) | st.integers(0, 300)
    link = st.fixed_dictionaries({"Hash": cids()}, optional={"Name": st.text(max_size=5), "Tsize": size})
    return st.fixed_dictionaries({"Links": st.lists(link, max_size=4)}, optional={"Data": st.binary(max_size=20)})


@given(nodes())
def test_generated_nodes_are_read_as_the_whole_codec_reads_them(node: dict) -> None:
    content = whole.encode(node)
    assert whole.decode(content) == node
    if reason(node):
        with pytest.raises(BadNode):
            dag_pb.decode(content)
    else:
        assert dag_pb.decode(content) == parsed(node)
        assert dag_pb.encode(*parsed(node)) == content


@given(nodes(), st.integers(0, 10_000), st.integers(0, 255), st.sampled_from(["change", "cut", "insert"]))
@example({"Links": [], "Data": b""}, 1, 0x80, "change")
def test_what_is_read_of_damaged_nodes_is_what_is_written(node: dict, at: int, byte: int, how: str) -> None:
    """Whatever `decode` accepts, `encode` writes again to the byte: no node has two spellings."""
    content = whole.encode(node)
    at %= len(content) + 1
    rest = content[at:] if how == "insert" else content[at + 1 :]
    spoilt = content[:at] if how == "cut" else content[:at] + bytes([byte]) + rest
    try:
        links, data = dag_pb.decode(spoilt)
    except BadNode:
        return
    assert dag_pb.encode(links, data) == spoilt
    assert parsed(whole.decode(spoilt)) == (links, data)


# -- DAG-CBOR --------------------------------------------------------------------------------------------------------


def has_other_kinds(value: object) -> bool:
    """Whether a value has what this format's CBOR leaves out."""
    if isinstance(value, dict):
        return any(has_other_kinds(each) for each in value.values())
    if isinstance(value, list):
        return any(map(has_other_kinds, value))
    return value is None or isinstance(value, bool | float | cbor2.CBORTag) or (isinstance(value, int) and value < 0)


@pytest.mark.parametrize("path", [p for p in BLOCKS if p.suffix == ".dag-cbor"], ids=name)
def test_cbor_is_read_and_written_or_refused_for_a_reason(path: Path) -> None:
    content = path.read_bytes()
    value = cbor2.loads(content)
    if not path.parent.name.startswith(("float", "dagpb")):
        assert value == json_of(path)  # 1.0 and the like are written as JSON has them
    if has_other_kinds(value):
        with pytest.raises(BadCbor):
            deterministic_cbor.decode(content)
    else:
        assert deterministic_cbor.decode(content) == value
        assert deterministic_cbor.encode(value) == content


def test_a_repeated_key_is_refused() -> None:
    (entry,) = json.loads((SUITE / "negative-fixtures/dag-cbor/decode/duplicate-keys.json").read_bytes())
    with pytest.raises(BadCbor, match="repeats"):
        deterministic_cbor.decode(bytes.fromhex(entry["hex"]))


UNUSED = {"dag-json": "the format has no dag-json; its files state the expected values here"}
"""Codecs of the suite that are not implemented."""


def test_every_part_of_the_suite_is_run_or_named() -> None:
    parts = {path.name for path in (SUITE / "negative-fixtures").iterdir()}
    assert parts == {"dag-pb", "dag-cbor", *UNUSED}
