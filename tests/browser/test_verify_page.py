"""docs/verify.html in a headless Chromium, from file://: what a stranger sees of good, bad and doubtful proofs."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from chain_cases import publish_graph
from dishonest import HEADER, signed_version
from proof_cases import HOSTILE

from anchoring.fraud.auditing import audit_version
from anchoring.fraud.fraud_evidence import FraudKind
from anchoring.fraud.fraud_proof import FraudProof
from anchoring.proofs.claims import Claim, ClaimKind
from anchoring.proofs.proving import prove
from anchoring.proofs.verify_page import page_with_proof

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "verify.html"
SCREENSHOTS = os.environ.get("TRIPLOCK_SCREENSHOTS")
"""A folder for pictures of what the tests saw."""


@pytest.fixture
def page(browser):
    opened = browser.page(PAGE)
    yield opened
    assert opened.requests == [PAGE.as_uri()], "the page asked for something"
    opened.close()


@pytest.fixture(scope="module")
def former():
    case = json.loads((REPOSITORY / "tests" / "vectors" / "version.json").read_text(encoding="utf-8"))
    return bytes.fromhex(case["bundle"]), case["graph"]


def shown(page, tmp_path, content, graph="", name="proof.tlp"):
    """What the page says of a file."""
    file = tmp_path / name
    file.write_bytes(content)
    page.evaluate("document.getElementById('result').hidden = true")
    page.choose(file)
    if graph:
        page.until("!document.getElementById('result').hidden")
        page.type("#graph", graph)
        page.until(f"document.getElementById('checks').innerText.includes({graph!r})")
    page.until("!document.getElementById('result').hidden")
    return page.text("#verdict-word")


def picture(page, name):
    if SCREENSHOTS:
        for suffix, options in {"light": {}, "dark": {"dark": True}, "narrow": {"width": 380}}.items():
            page.screenshot(Path(SCREENSHOTS, f"{name}-{suffix}.png"), **options)


def test_the_page_is_current():
    done = subprocess.run([sys.executable, REPOSITORY / "scripts" / "verify_page", "--check"], check=False)
    assert done.returncode == 0


def test_without_a_proof_nothing_is_said(page):
    assert page.evaluate("document.getElementById('result').hidden")
    assert page.evaluate("document.getElementById('came-with').hidden")
    assert page.complaints == []


def test_a_proof_without_the_chains_part_is_not_called_verified(page, tmp_path, former):
    content, graph = former
    assert shown(page, tmp_path, content, graph) == "Not everything could be checked"
    text = page.text("#result")
    assert "This statement is in the version" in text
    assert "does not hold the chain's part" in text
    assert "ERC-721 «tokens» requires ERC-165" in page.text("#quotes")
    picture(page, "unchecked")
    assert page.complaints == []


def test_without_a_graph_id_the_graph_is_not_checked(page, tmp_path, former):
    assert shown(page, tmp_path, former[0]) == "Not everything could be checked"
    assert "Give the graph id that you trust" in page.text("#todo")


def test_another_graph_is_refuted(page, tmp_path, former):
    content, graph = former
    assert shown(page, tmp_path, content, graph[:-1] + "0") == "Refuted: do not rely on it"
    assert "graph" in page.text("#verdict-text")
    picture(page, "refuted")


def test_a_changed_byte_is_refuted_and_shows_no_statement_as_proven(page, tmp_path, former):
    content, _ = former
    at = content.index(b"<http://example.org/s00009>") + 5
    assert shown(page, tmp_path, content[:at] + b"X" + content[at + 1 :]) == "Refuted: do not rely on it"
    assert page.text("#claimed-heading") == "What it claims, and is not proven"
    assert page.evaluate("document.getElementById('opened').hidden")


@pytest.mark.parametrize("content", [b"", b"\x00", b"<script>alert(1)</script>", bytes(range(256)) * 4096])
def test_garbage_is_refuted(page, tmp_path, content):
    assert shown(page, tmp_path, content) == "Refuted: do not rely on it"
    assert page.complaints == []


def test_a_graph_id_that_is_none_is_said(page, tmp_path, former):
    shown(page, tmp_path, former[0])
    page.type("#graph", "my graph")
    page.until("!document.getElementById('problem').hidden")
    assert "is no graph id" in page.text("#problem")
    assert page.evaluate("document.getElementById('result').hidden")


def test_the_page_next_to_a_proof_shows_it(browser, tmp_path, former):
    file = tmp_path / "proof.html"
    file.write_bytes(page_with_proof(former[0]))
    opened = browser.page(file)
    opened.until("!document.getElementById('result').hidden")
    assert "This page came with the proof" in opened.text("main")
    assert opened.text("#verdict-word") == "Not everything could be checked"
    assert opened.requests == [file.as_uri()]
    picture(opened, "embedded")
    opened.close()


CLAIMED = {
    "presence": r"(is|are) in the version",
    "absence": r"(is|are) not in the version",
    "prefix": r"and no others, begin with|No line of the version begins with",
    "added": r"(is|are) new in the version",
    "removed": r"(is|are) no longer in this one",
}


def test_each_claim_is_said_in_words_with_its_condition(page, tmp_path, graph, good):
    for name, content in good.items():
        kind = name.split()[0]
        assert shown(page, tmp_path, content, str(graph.graph), f"{name}.proof") == "Not everything could be checked"
        assert re.search(CLAIMED[kind], page.text("#claimed-text"))
        condition = page.text("#condition") if page.evaluate("!document.getElementById('condition').hidden") else ""
        assert ("strictly increasing" in condition) == (kind != "presence")
        picture(page, kind)


def test_hostile_lines_are_shown_as_text(page, tmp_path, graph, good):
    content = good["prefix v1 of hostile text"]
    shown(page, tmp_path, content, str(graph.graph))
    page.evaluate("document.getElementById('opened').open = true")
    lines = page.evaluate("[...document.querySelectorAll('#opened-lines li')].map(e => e.textContent)")
    assert HOSTILE[0] in lines
    assert not any("\u202e" in line or "\u200b" in line for line in lines), "what turns or hides text is made visible"
    assert any("\\u{202e}gnirts a" in line for line in lines)
    assert page.evaluate("document.querySelectorAll('main img, main script').length") == 0
    assert page.complaints == []
    picture(page, "hostile")


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return publish_graph(tmp_path_factory.mktemp("chain"))


def test_a_proof_with_the_chains_part_and_the_right_hashes_is_verified(page, tmp_path, published):
    content = published.bundles["second"].encode()
    assert shown(page, tmp_path, content, str(published.graph)) == "Not everything could be checked"
    assert re.search(r"Bring the hash of block \d+", page.text("#todo"))
    assert not any(each.hex() in page.text("main") for each in published.hashes), "a hash to bring is not there to copy"
    page.type("#hashes", "\n".join(f"0x{each.hex()}" for each in published.hashes))
    page.until("document.getElementById('verdict-word').textContent === 'Verified'")
    assert "It was published on the chain" in page.text("#verdict-text")
    assert "if the lists of lines of both versions are strictly increasing" in page.text("#condition")
    picture(page, "verified")


def test_an_older_version_is_not_the_newest(page, tmp_path, published):
    content = published.bundles["first, head newer"].encode()
    shown(page, tmp_path, content, str(published.graph))
    page.type("#hashes", "\n".join(f"0x{each.hex()}" for each in published.hashes))
    page.until("document.getElementById('verdict-word').textContent === 'Verified'")
    page.evaluate("document.getElementById('current').click()")
    page.until("document.getElementById('verdict-word').textContent !== 'Verified'")
    assert page.text("#verdict-word") == "Refuted: do not rely on it"
    assert "the newest version is 2" in page.text("#checks")


def test_a_fraud_proof_says_what_it_shows(page, tmp_path):
    signed = signed_version([b"z is no statement\n"])
    found = audit_version(signed.manifest, signed.store, index=signed.index).found
    proof = FraudProof(signed.manifest, signed.signature, found[FraudKind.F2])
    word = shown(page, tmp_path, proof.encode(), str(HEADER.graph))
    assert word == "Fraud is proven: do not rely on this version"
    assert "one of its lines is no statement" in page.text("#verdict-text")
    assert page.evaluate("document.getElementById('verdict').className") == "verdict refuted"
    picture(page, "fraud")


def test_a_proof_of_many_lines_is_shown_in_part(page, tmp_path, graph):
    claim = Claim(ClaimKind.PREFIX, (b"<",))
    content = prove(claim, graph.versions[0]).encode()
    shown(page, tmp_path, content, str(graph.graph))
    assert page.evaluate("document.querySelectorAll('#opened-lines li').length") == 200
    page.evaluate("document.getElementById('opened').open = true")
    assert "more, which are checked and not shown here" in page.text("#opened-more")


def test_the_outcomes_differ_without_colour(page, tmp_path, former):
    content, graph = former
    looks = []
    for name, given in (("one", graph), ("other", graph[:-1] + "0")):
        shown(page, tmp_path, content, given, name)
        style = "getComputedStyle(document.getElementById('verdict'))"
        mark = "getComputedStyle(document.getElementById('verdict-word'), '::before').content"
        looks.append((page.text("#verdict-word"), page.evaluate(f"{style}.borderStyle"), page.evaluate(mark)))
    assert all(one != other for one, other in zip(*looks, strict=True))


@pytest.mark.parametrize("width", [320, 380, 1000])
def test_nothing_is_wider_than_the_window(page, tmp_path, former, width):
    shown(page, tmp_path, *former)
    page.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_field_has_a_name_and_is_reached_by_the_keyboard(page):
    unnamed = "[...document.querySelectorAll('input, textarea')].filter(e => !e.labels.length && !e.ariaLabel).length"
    assert page.evaluate(unnamed) == 0
    reached = []
    for _ in range(5):
        page.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
    assert reached == ["file", "graph", "hashes", "current", "max-age"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_has_contrast(page, tmp_path, former, dark):
    """WCAG 2.2, 1.4.3: at least 4.5 : 1 for every text against the ground it stands on."""
    shown(page, tmp_path, *former)
    page.call(
        "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    )
    worst = page.evaluate(CONTRAST)
    assert worst[0] >= 4.5, worst


def test_the_policy_stops_what_would_get_into_the_page(page):
    """Nothing puts markup on the page; if something did, it could neither run nor fetch."""
    run = "document.title = 'run'"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        hostile = f'<img src="{address}" onerror="{run}"><a id="link" href="javascript:{run}"></a>'
        page.evaluate(f"document.body.insertAdjacentHTML('beforeend', {json.dumps(hostile)})")
        script = f"Object.assign(document.createElement('script'), {{textContent: {json.dumps(run)}}})"
        page.evaluate(f"document.body.append({script})")
        page.evaluate("document.getElementById('link').click()")
        page.evaluate(f"fetch('{address}').catch(() => 0)")
        page.until("document.querySelector('img').complete")
        with pytest.raises(TimeoutError):
            listener.accept()
    assert page.evaluate("document.title") == "Check a proof - triplock"
    assert sum("Content Security Policy" in complaint for complaint in page.complaints) >= 4


CONTRAST = """(() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const colour = channels(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  let worst = [99, ""];
  for (const e of document.querySelectorAll("main *")) {
    if (!e.checkVisibility() || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(channels(getComputedStyle(e).color)), light(ground(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst[0]) worst = [ratio, e.textContent.slice(0, 60)];
  }
  return worst;
})()"""
