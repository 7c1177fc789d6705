"""Declarations in code: what they are, their canonical signature, and exactly where they stand.

The judges are the Solidity compiler and Foundry's cast for signatures and topics, eth-utils for hashes.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from eth_utils import event_signature_to_log_topic, function_signature_to_4byte_selector
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.documents.claims import interfaces
from extractors.documents.load import load_document
from extractors.documents.solidity import Declaration, Form, declarations

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "data" / "documents").glob("*.md")) + sorted(
    (ROOT / "tests" / "data" / "documents").glob("*.md")
)

SOURCE = """
// SPDX-License-Identifier: CC0-1.0
pragma solidity ^0.8.4;

type Price is uint;
enum Kind { One, Two }
interface Other { function unrelated() external; }

library Types {
    struct Point { uint x; int64[2] y; }
    struct Path { Point[] points; address payable owner; Kind kind; }
}

/// function commented(uint a) external;
interface Everything is Other {
    /* event Commented(address a); */
    event Moved(address indexed from, address indexed to, uint value);
    event Minted(address indexed from, address indexed to, uint256 indexed id);
    event Secret(bytes32 indexed what, string text) anonymous;
    event Pathed(Types.Path path, Kind indexed kind, Other[] others);
    event Empty();
    error NotAllowed(address who, Price price);
    error Bare();
    function go(
        Types.Path calldata path, // where to
        function (uint) external returns (bool) callback,
        Price[] memory prices
    ) external payable returns (uint256 a, string memory);
    function go(bytes1 b, byte_ c) external view returns (bytes memory);
    function nested(uint8[3][] calldata grid, bool) external pure;
    function over() external;
}
type byte_ is bytes1;
"""


def found(source: str) -> dict[str, Declaration]:
    return {d.signature or d.written: d for d in declarations(source, [(0, len(source))])}


@pytest.mark.anvil
def test_the_compiler_agrees_on_signatures_selectors_and_topics(solc: Path) -> None:
    settings_ = {"outputSelection": {"*": {"*": ["abi", "evm.methodIdentifiers"]}}}
    request = {"language": "Solidity", "sources": {"a.sol": {"content": SOURCE}}, "settings": settings_}
    run = subprocess.run(
        [solc, "--standard-json"], input=json.dumps(request), capture_output=True, text=True, check=True
    )
    answer = json.loads(run.stdout)
    compiled = answer["contracts"]["a.sol"]["Everything"]
    identifiers = {f"0x{value}": name for name, value in compiled["evm"]["methodIdentifiers"].items()}
    del identifiers["0x" + compiled["evm"]["methodIdentifiers"]["unrelated()"]]
    ours = [d for d in found(SOURCE).values() if d.container == "Everything"]
    callback = next(d for d in ours if d.signature is None)
    assert callback.written.startswith("go(Types.Path,")
    # A parameter of a function type is the one thing left unresolved.
    theirs = {selector: name for selector, name in identifiers.items() if "function" not in name}
    assert {d.selector: d.signature for d in ours if d.form is Form.FUNCTION and d.signature} == theirs
    events = {entry["name"]: entry for entry in compiled["abi"] if entry["type"] == "event"}
    assert {d.name for d in ours if d.form is Form.EVENT} == set(events)
    for event in (d for d in ours if d.form is Form.EVENT):
        entry = events[event.name]
        assert event.anonymous == entry["anonymous"]
        assert event.indexed == sum(i["indexed"] for i in entry["inputs"])
        assert event.signature == f"{event.name}({','.join(canonical(i) for i in entry['inputs'])})"


def canonical(entry: dict[str, object]) -> str:
    kind = str(entry["type"])
    if kind.startswith("tuple"):
        inner = ",".join(canonical(c) for c in entry["components"])  # type: ignore[attr-defined]
        return f"({inner}){kind.removeprefix('tuple')}"
    return kind


@pytest.mark.anvil
def test_cast_agrees_on_the_declarations_of_a_standard(cast: Path) -> None:
    for declaration in interfaces(load_document(ROOT / "data" / "documents" / "erc-721.md")):
        command = "sig-event" if declaration.form is Form.EVENT else "sig"
        told = subprocess.run(
            [cast, command, declaration.signature or ""], capture_output=True, text=True, check=True
        ).stdout.strip()
        assert told == (declaration.topic0 or declaration.selector)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_hashes_of_the_shipped_standards_are_those_of_eth_utils(path: Path) -> None:
    document = load_document(path)
    for declaration in interfaces(document):
        assert document.text[declaration.start :].startswith(declaration.form.value)
        assert declaration.signature, declaration.written
        if declaration.form is Form.EVENT:
            assert declaration.topic0 == "0x" + event_signature_to_log_topic(declaration.signature).hex()
        else:
            assert declaration.selector == "0x" + function_signature_to_4byte_selector(declaration.signature).hex()


def test_the_events_of_erc_20_and_erc_721_share_a_topic_and_differ_in_count() -> None:
    def transfer(name: str) -> Declaration:
        declared = interfaces(load_document(ROOT / "data" / "documents" / name))
        return next(d for d in declared if d.name == "Transfer")

    erc20, erc721 = transfer("erc-20.md"), transfer("erc-721.md")
    assert erc20.topic0 == erc721.topic0
    assert (erc20.topic_count, erc721.topic_count) == (3, 4)


def test_every_declaration_of_erc_20_is_found() -> None:
    signatures = [d.signature for d in interfaces(load_document(ROOT / "data" / "documents" / "erc-20.md"))]
    assert signatures == [
        "name()",
        "symbol()",
        "decimals()",
        "totalSupply()",
        "balanceOf(address)",
        "transfer(address,uint256)",
        "transferFrom(address,address,uint256)",
        "approve(address,uint256)",
        "allowance(address,address)",
        "Transfer(address,address,uint256)",
        "Approval(address,address,uint256)",
    ]


def test_structs_are_tuples_and_errors_have_selectors() -> None:
    by_name = {d.name: d for d in interfaces(load_document(ROOT / "tests" / "data" / "documents" / "erc-7432.md"))}
    assert by_name["grantRole"].signature == "grantRole((bytes32,address,uint256,address,uint64,bool,bytes))"
    errors = interfaces(load_document(ROOT / "tests" / "data" / "documents" / "erc-6093.md"))
    assert {d.form for d in errors} == {Form.ERROR}
    insufficient = next(d for d in errors if d.name == "ERC20InsufficientBalance")
    assert insufficient.selector == "0xe450d38c"


def test_an_anonymous_event_has_one_topic_less_and_no_topic_0() -> None:
    secret = found(SOURCE)["Secret(bytes32,string)"]
    assert secret.anonymous
    assert secret.topic_count == 1
    assert secret.topic0 is None


def test_the_span_is_the_declaration_over_lines_and_comments() -> None:
    source = "x\r\n  function f(\r\n    uint a, // why\r\n    address b\r\n  )\r\n    external;\r\n"
    (declaration,) = declarations(source, [(0, len(source))])
    assert source[declaration.start : declaration.end] == source[source.index("function") : source.rindex(";") + 1]
    assert declaration.signature == "f(uint256,address)"


def test_without_semicolons_a_declaration_ends_with_its_line() -> None:
    source = "function a() public view returns (uint)\nfunction b(uint x) external\nevent C(uint)\nrest of prose"
    texts = [source[d.start : d.end] for d in declarations(source, [(0, len(source))])]
    assert texts == source.split("\n")[:3]


def test_what_has_a_body_is_no_declaration_and_marks_its_contract_as_an_example() -> None:
    source = """
    contract Example is ERC20 {
        event Transfer(address indexed a);
        constructor(uint x) ERC20(x) { if (x > 0) { revert("function g(uint) external;"); } }
        function f(uint a) public override(A, B) returns (uint) { return g(a); }
        function h(uint a) external;
    }
    interface Real { event Sent(uint a); function k(uint a) internal; }
    """
    assert {d.written: d.implemented for d in declarations(source, [(0, len(source))])} == {
        "Transfer(address)": True,
        "h(uint)": True,
        "Sent(uint)": False,
    }


def test_an_unknown_type_leaves_no_signature() -> None:
    (declaration,) = declarations("function f(Unknown a, uint b) external;", [(0, 39)])
    assert declaration.signature is None
    assert declaration.selector is None
    assert declaration.written == "f(Unknown,uint)"


def test_recursive_and_exploding_structs_end() -> None:
    recursive = "struct A { B b; } struct B { A a; } event E(A a);"
    assert [d.signature for d in declarations(recursive, [(0, len(recursive))])] == [None]
    members = "".join(f"struct S{n} {{ {f'S{n + 1} a; ' * 10} }} " for n in range(14)) + "struct S14 { uint a; } "
    exploding = members + "event E(S0 a);"
    assert [d.signature for d in declarations(exploding, [(0, len(exploding))])] == [None]


@pytest.mark.parametrize(
    "source",
    [
        "const x = function (a) { return a }",
        "function foo(a, b = 3) { event(1) }",
        "emitter.on('event', function done() {})",
        "error(`x`); let error = (x) => x",
        "interface Foo { a: string; f(b: number): void }",
    ],
)
def test_javascript_declares_nothing(source: str) -> None:
    assert declarations(source, [(0, len(source))]) == []


TOKENS = (
    "function event error interface contract struct enum type is f X uint address indexed returns "
    "( ) { } [ ] , ; . // /* */ \" '"
)


@settings(max_examples=400)
@given(st.lists(st.sampled_from([*TOKENS.split(), "\n", "3", "😀"]), max_size=40))
def test_any_tokens_give_declarations_inside_the_code_in_order(tokens: list[str]) -> None:
    source = " ".join(tokens)
    end = 0
    for declaration in declarations(source, [(0, len(source))]):
        assert end <= declaration.start < declaration.end <= len(source)
        assert source[declaration.start :].startswith(declaration.form.value)
        end = declaration.end
