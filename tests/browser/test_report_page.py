"""The report of an evaluation in a headless Chromium: its style holds, and hostile texts do nothing."""

from __future__ import annotations

import os
from pathlib import Path

from extractors.evaluation.evaluate import evaluate
from extractors.evaluation.model import LabelledText, Predicted, PredictedTriple
from extractors.evaluation.report_html import report_html

HOSTILE = [
    "<script>document.title = 'taken'</script>",
    "<img src=https://attacker.example/x onerror=\"document.title='taken'\">",
    "</style><style>body { display: none }</style>",
    "<a href='https://attacker.example/'>here</a>",
]
SCREENSHOTS = os.environ.get("TRIPLOCK_SCREENSHOTS")


def test_a_report_is_shown_and_runs_nothing(browser, tmp_path):
    texts = [LabelledText(f"{n} {w}", f"{w} was here.", ((w, w, w),)) for n, w in enumerate(HOSTILE)]
    said = [
        Predicted(t.id, (PredictedTriple(w, w, f"{w} x", 0.1 + n / 5), PredictedTriple(w, w, w, 0.9)), 100, 5, 1.0, 1)
        for n, (t, w) in enumerate(zip(texts, HOSTILE, strict=True))
    ]
    file = tmp_path / "report.html"
    file.write_text(report_html(evaluate(texts, said, samples=50), HOSTILE[0]), encoding="utf-8")
    page = browser.page(file)
    assert page.evaluate("document.title") == f"Evaluation: {HOSTILE[0]}"
    assert page.text("h1").endswith(HOSTILE[0])
    assert page.evaluate("getComputedStyle(document.querySelector('.tiles')).display") == "grid"
    assert page.evaluate("document.querySelectorAll('script, img, a, iframe, link').length") == 0
    assert page.evaluate("[...document.querySelectorAll('svg')].every(s => s.getBoundingClientRect().width > 10)")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for words in HOSTILE:
        assert page.evaluate(f"document.body.innerText.includes({words!r})")
    colours = []
    for dark in (False, True):
        page.screenshot(Path(SCREENSHOTS or tmp_path, f"report-{'dark' if dark else 'light'}.png"), dark=dark)
        colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert colours[0] != colours[1]
    assert page.requests == [file.as_uri()]
    assert page.complaints == []
    page.close()
