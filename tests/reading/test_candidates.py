"""What in a sentence may be related, where it stands, and what it may be."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.mentions.candidates import Shape, candidates
from extractors.reading.polarity import backwards, doubt


def shapes(text, **more):
    return {c.text: c.shape for c in candidates(text, **more) if c.shape not in (Shape.PHRASE, Shape.NAME)}


PIECES = [
    "ERC-20",
    "[EIP-721](./eip-721.md)",
    "`Transfer`",
    "this standard",
    "\r\n",
    "😀",
    "以太坊",
    "\u00a0",
    "`f(`",
    "](",
    "<!--",
    "London",
]


@given(
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=12).map(" ".join), st.integers(0, 999)
)
def test_every_span_slices_back_and_none_overlap(text, offset):
    found = candidates(text, offset)
    for c in found:
        assert text[c.start - offset : c.end - offset] == c.text != ""
    for left, right in itertools.pairwise(found):
        assert left.end <= right.start


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("This EIP extends ERC-20", {"This EIP": Shape.OWN, "ERC-20": Shape.STANDARD}),
        ("The following standard uses ERC20", {"The following standard": Shape.OWN, "ERC20": Shape.STANDARD}),
        ("We propose to extend EIP 20", {"We": Shape.OWN, "EIP 20": Shape.STANDARD}),
        ("see [EIP-20](./eip-20.md) there", {"EIP-20": Shape.STANDARD}),
        ("see [there](./ERC-20/index.md)", {}),
        ("https://x.example/ERC-20 says", {}),
        ("the ERC721TokenReceiver interface", {"ERC721TokenReceiver": Shape.INTERFACE}),
        ("`_to` and `uint256` are types", {}),
        ("call `transferOwnership(address newOwner)`", {"transferOwnership": Shape.FUNCTION}),
        ("`Moved(address indexed a)` is logged", {"Moved": Shape.EVENT}),
        ("the function `owner` returns", {"owner": Shape.FUNCTION}),
        ("a `Transfer` event", {"Transfer": Shape.EVENT}),
        ("MUST emit `URI`", {"URI": Shape.CODE}),
        ("the new opcode PUSH0", {"PUSH0": Shape.OPCODE}),
        ("it MUST be an NFT with PUSH0", {}),
        ("the Berlin hard fork", {"Berlin": Shape.FORK}),
        ("ERC-20.5 is not one", {}),
        ("the standard API for tokens", {}),
    ],
)
def test_shapes(text, expected):
    assert shapes(text) == expected


def test_the_names_of_the_subject_are_its_own():
    assert shapes("Deeds are tokens", own_names=("deeds",)) == {"Deeds": Shape.OWN}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ERC-1 requires ERC-2", None),
        ("Every ERC-1 contract MUST implement ERC-2", None),
        ("ERC-1 does not require ERC-2", "denied"),
        ("Unlike ERC-1, tokens of ERC-2 are many", "denied"),
        ("ERC-1 contracts MAY implement ERC-2", "only allowed"),
        ("ERC-1 contracts should implement ERC-2", "only recommended"),
        ("If a contract of ERC-1 implements ERC-2", "only supposed"),
        ("Does ERC-1 require ERC-2?", "asked"),
        ("standards such as ERC-1 and ERC-2", "only listed"),
        ("[ERC-1](https://a.example/x-1) and [ERC-2](./b.md)", "only listed"),
        ("ERC-1, ERC-7 or ERC-2 tokens", "only listed"),
        ("ERC-1 was about to be deployed, then withdrawn from ERC-2", "ended"),
        ("It is not free. ERC-1 requires ERC-2", None),
    ],
)
def test_what_is_not_stated_is_doubted(text, reason):
    spans = [(text.index(name), text.index(name) + 5) for name in ("ERC-1", "ERC-2")]
    why = doubt(text, *spans)
    assert why is None if reason is None else why is not None and why.startswith(reason)
    assert doubt(text, *reversed(spans)) == why


def test_the_passive_turns_the_direction():
    text = "ERC-1 is superseded by ERC-2"
    assert backwards(text, (0, 5), (23, 28))
    assert not backwards("ERC-1 supersedes ERC-2", (0, 5), (17, 22))


@pytest.mark.parametrize("piece", ["a.md", ".md/", "(", "[x](", "A.", "`", "f(", "<!--", "https://", "the A of ", "- "])
def test_no_text_takes_long(piece):
    text = f"ERC-1 {piece * (1900 // len(piece))}! ERC-2"
    found = candidates(text)
    assert found[0].text == "ERC-1"
    doubt(text, (0, 5), (len(text) - 5, len(text)))
    backwards(text, (0, 5), (len(text) - 5, len(text)))
