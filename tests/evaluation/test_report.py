"""The report: figures that agree with each other, and a page that shows hostile texts and does nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from evaluation_cases import as_said, evaluations
from hypothesis import given, settings

from extractors.evaluation.counts import Counts
from extractors.evaluation.evaluate import evaluate
from extractors.evaluation.mistakes import examples
from extractors.evaluation.model import LabelledText, Predicted, PredictedTriple
from extractors.evaluation.report_html import report_html
from extractors.evaluation.report_json import report_json
from extractors.evaluation.report_text import report_text
from extractors.evaluation.thresholds import best
from extractors.models.metering import Prices

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><svg onload=alert(1)>",
    "</title></p></div>",
    "a\u202etxt.exe\x00\x1b[2J",
    "&lt;b&gt;",
    "javascript:alert(1)",
]
TAGS = """
html head meta title style body h1 h2 h3 p b bdi span mark ul li dl dt dd figure figcaption div
table thead tbody tr th td
svg g line text circle rect polyline
"""
ATTRIBUTES = """
lang charset http-equiv content name class role scope aria-hidden
viewbox width height points x y x1 y1 x2 y2 cx cy r transform
"""


class Seen(HTMLParser):
    """What a browser would make of a page: tags, attributes, text; end tags must match."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta" and not (self.get_starttag_text() or "").endswith("/>"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if (self.get_starttag_text() or "").endswith("/>") and (not self._open or self._open[-1] != tag):
            return
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def hostile_case() -> tuple[list[LabelledText], list[Predicted]]:
    texts, said = [], []
    for n, words in enumerate(HOSTILE):
        identifier = f"{n} {words}"
        texts.append(LabelledText(identifier, f"{words} and {words}.", ((words, words, words), ("A", "r", words))))
        stated = PredictedTriple(words, words + "x", words, 0.3 + n / 10, (0, 5), (0, len(words)), (0, 10**9))
        said.append(Predicted(identifier, (stated,), 10, 5, 0.5, 1))
    texts.append(LabelledText("failed", HOSTILE[0], (("A", "r", "B"),)))
    said.append(Predicted("failed", failed=HOSTILE[1]))
    return texts, said


def test_a_hostile_text_is_shown_and_does_nothing() -> None:
    texts, said = hostile_case()
    page = report_html(evaluate(texts, said, samples=50, settings=[(w, w) for w in HOSTILE]), HOSTILE[0])
    seen = Seen(page)
    assert seen.tags <= set(TAGS.split())
    assert seen.attributes <= set(ATTRIBUTES.split())
    assert "<script>alert(1)</script> and" in seen.text
    assert "a\\u202etxt.exe\\x00\\x1b[2J" in seen.text
    assert all(c.isprintable() or c == "\n" for c in page)
    assert "http" not in page.replace("http-equiv", "")


def test_the_page_allows_itself_its_own_style_and_nothing_else() -> None:
    page = report_html(evaluate(*hostile_case(), samples=50), "x")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert page == report_html(evaluate(*hostile_case(), samples=50), "x")


@settings(max_examples=30)
@given(evaluations())
def test_figures_of_a_report_agree(case: tuple[list[LabelledText], list[Predicted]]) -> None:
    texts, said = case
    e = evaluate(texts, said, samples=20, price=Prices(1, 2).of)
    document = json.loads(json.dumps(report_json(e)))
    counts = e.strict.counts
    assert document["triples"] == {"gold": counts.gold, "predicted": counts.predicted, "correct": counts.correct}
    assert document["scores"]["strict"]["f1"]["value"] == counts.score.f1
    for row in e.rows.values():
        for measured in (row.precision, row.recall, row.f1):
            assert 0 <= measured.interval.low <= measured.interval.high <= 1
    assert (
        sum(e.kinds.values()) == len(e.mistakes) == sum(n for kinds in e.by_relation.values() for n in kinds.values())
    )
    assert report_text(e)
    Seen(report_html(e, "x"))


@settings(max_examples=30)
@given(evaluations())
def test_a_threshold_gives_what_it_promises(case: tuple[list[LabelledText], list[Predicted]]) -> None:
    texts, said = case
    sure = [Predicted(p.id, tuple(t for t in p.triples if t.confidence is not None)) for p in said]
    found = evaluate(texts, sure, samples=1).thresholds
    for t in found:
        assert evaluate(texts, sure, samples=1, min_confidence=t.confidence).strict.counts == t.counts
    top = best(found)
    assert top is None or top.score.f1 == max(t.score.f1 for t in found)


def test_cost_is_shared_among_what_it_gave() -> None:
    text = LabelledText("1", "", (("A", "r", "B"), ("A", "r", "C")))
    stated = tuple(PredictedTriple("A", "r", value) for value in "BDEF")
    said = Predicted("1", stated, 3_000_000, 1_000_000, 8.0, 2)
    e = evaluate([text], [said], price=Prices(1.0, 5.0).of, samples=1)
    cost = report_json(e)["cost"]
    assert isinstance(cost, dict)
    assert cost["total"] == {"calls": 2, "tokens": {"prompt": 3e6, "completion": 1e6}, "seconds": 8.0, "money": 8.0}
    assert cost["perRelation"]["money"] == 2.0
    assert cost["perCorrect"]["money"] == 8.0
    assert "1 without an answer" not in report_text(e)


def test_examples_show_each_kind_and_many_relations() -> None:
    text = LabelledText("1", "", tuple((f"A{n}", "r" if n < 8 else f"q{n}", "B") for n in range(10)))
    found = examples(evaluate([text], [Predicted("1")], samples=1).mistakes, 3)
    assert [m.relation for m in found] == ["q8", "q9", "r"] or sorted(m.relation for m in found) == ["q8", "q9", "r"]


def test_a_system_that_says_what_is_right_makes_no_mistake() -> None:
    texts = [LabelledText(str(n), "Ann wrote X.", (("X", "author", "Ann"),)) for n in range(3)]
    e = evaluate(texts, as_said(texts), samples=20)
    assert e.strict.counts == Counts(3, 3, 3)
    assert (e.mistakes, e.confidence, e.failed) == ((), None, ())
    assert e.rows["official"].f1.interval.low == pytest.approx(1.0)
