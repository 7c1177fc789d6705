"""A manifest that its owner signed and published, spelled as RFC 8785 does not: two readers could read two things."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256

import dishonest_owner
import pytest
from world import sealed

from anchoring.errors import InputRefused, Refuted
from anchoring.signing.signature_file import Signature


def spaced(text, source):
    at = source.choice([place for place, sign in enumerate(text) if sign in "{}[],:"])
    return text[:at] + source.choice((" ", "\n", "\t", "\r")) + text[at:]


def around(text, source):
    return source.choice((text + "\n", " " + text, "\ufeff" + text, text + "\x00", text + text, text[:-1], text + "{}"))


def reordered(text, source):
    said = json.loads(text)
    keys = list(said)
    while keys == sorted(keys):
        source.shuffle(keys)
    return json.dumps({key: said[key] for key in keys}, separators=(",", ":"), ensure_ascii=False)


def key_twice(text, source):
    said = json.loads(text)
    key = source.choice(list(said))
    member = f"{json.dumps(key)}:{json.dumps(said[key], separators=(',', ':'))}"
    return "{" + source.choice((member + "," + text[1:], text[1:-1] + "," + member + "}"))


def escaped(text, source):
    """A letter within a text written as its escape."""
    letters = [place for place, sign in enumerate(text) if sign.isalpha() and text.count('"', 0, place) % 2]
    at = source.choice(letters)
    return text[:at] + f"\\u{ord(text[at]):04{source.choice('xX')}}" + text[at + 1 :]


def other_number(text, source):
    said = json.loads(text)
    key = source.choice(("version", "quads", "blocks", "chainId"))
    plain, member = str(said[key]), f'"{key}":'
    spelled = (
        plain + ".0",
        plain + "e0",
        plain + "E+0",
        "0" + plain,
        "+" + plain,
        f'"{plain}"',
        plain + "0e-1",
        "-" + plain,
    )
    return text.replace(member + plain, member + source.choice(spelled), 1)


def more_members(text, source):
    more = ('"more":1', '"Format":"triplock-version/1"', '"":0', '"format ":""', '"__proto__":{}')
    return text[:-1] + "," + source.choice(more) + "}"


def fewer_members(text, source):
    said = json.loads(text)
    del said[source.choice(list(said))]
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def other_kind(text, source):
    said = json.loads(text)
    key = source.choice(list(said))
    others = [None, True, False, [], {}, "", 1.5, -1, 2**53, [said[key]], str(said[key])]
    said[key] = source.choice([other for other in others if other != said[key] or type(other) is not type(said[key])])
    if json.loads(text)[key] == said[key]:
        said[key] = -1
    # What every manifest may have otherwise is left as it is.
    if (key == "ext" and isinstance(said[key], dict)) or (key == "licence" and said[key]):
        said[key] = 0
    if (key == "parentManifest" and said[key] is None) or (key in ("ontology", "sources") and said[key] in ([], None)):
        said[key] = 0
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def upper_case(text, source):
    """Digits of a word, an address or a CID in upper case."""
    at = source.choice(
        [
            place
            for place in range(len(text) - 12)
            if text[place : place + 2] == "0x" or text[place : place + 3] == "baf"
        ]
    )
    end = text.index('"', at)
    return text[:at] + text[at:end].upper().replace("0X", source.choice(("0X", "0x"))) + text[end:]


def latin(text, source):
    """Bytes that are no UTF-8 within a text."""
    at = text.index("CC-BY")
    return text[:at].encode() + source.choice((b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\x80")) + text[at:].encode()


def deep(text, source):
    levels = source.choice((33, 40, 100, 1_000, 20_000))
    return text.replace('"ext":{}', '"ext":{"a":' + "[" * levels + "]" * levels + "}", 1)


SPELLINGS = [
    *(spaced, around, reordered, key_twice, escaped, other_number, more_members, fewer_members, other_kind),
    *(upper_case, latin, deep),
]
SIGNATURE_SPELLINGS = (spaced, around, reordered, key_twice, escaped, more_members, fewer_members, upper_case)


@pytest.mark.soak
def test_no_other_spelling_of_a_manifest_is_read(court, source, rounds):
    """Signed and anchored as it stands: its digest is right, its bytes are not."""
    published = dishonest_owner.publish_lines(court.world, [b'<a:b> <a:p> "1" .', b'<a:b> <a:p> "2" .'])
    line = published.cuts[0][0]
    item = published.item("presence", [line], [0])
    court.accepts(item, **dishonest_owner.brought(item, published.graph))
    true = published.manifest.encode()
    for _ in rounds:
        content = true
        while content == true:
            spelled = source.choice(SPELLINGS)(true.decode(), source)
            content = spelled if isinstance(spelled, bytes) else spelled.encode()
        fields = replace(published.manifest.fields, manifest=sha256(content).digest())
        item = dishonest_owner.bundle_item(content, fields, "presence", [line], published.opening([0]))
        court.refuses(sealed(item), **dishonest_owner.brought(item, published.graph))


@pytest.mark.soak
def test_no_other_spelling_of_a_signature_file_is_read(court, source, rounds):
    true = court.world.versions[0].signature.encode()
    Signature.decode(true)
    for _ in rounds:
        text = true.decode()
        spelling = source.choice(
            (spaced, around, reordered, key_twice, escaped, more_members, fewer_members, upper_case)
        )
        content = spelling(text, source).encode("utf-8", "surrogatepass")
        if content == true:
            continue
        with pytest.raises((InputRefused, Refuted)):
            Signature.decode(content)
