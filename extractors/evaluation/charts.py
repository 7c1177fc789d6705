"""Plots as SVG that stands in a page by itself: numbers in, text out, colours by class names of the page's style.

Source: https://www.w3.org/TR/SVG2/. Every label goes through `shown`, so what a text calls a relation stays a text.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Sequence

from extractors.evaluation.confidence_scores import Bin
from extractors.evaluation.evaluate import Measured
from extractors.evaluation.thresholds import Threshold

_LEFT, _TOP, _SIDE = 44, 12, 260
"""Where a square plot begins, and its side."""


def shown(text: str) -> str:
    r"""Text for a page: markup is escaped, and what does not print stands as its escape.

    >>> shown("<b>\u202eabc\x07")
    '&lt;b&gt;\\u202eabc\\x07'
    """
    return html.escape("".join(_visible(c) for c in text))


def reliability(bins: Sequence[Bin]) -> str:
    """How often triples of about one confidence are right, against that confidence; the diagonal is what is wanted."""
    most = max((b.count for b in bins), default=1)
    points = [(_x(b.confidence), _y(b.accuracy)) for b in bins]
    marks = [_line("diagonal", [(_x(0), _y(0)), (_x(1), _y(1))]), _line("line a", points)]
    for b, (x, y) in zip(bins, points, strict=True):
        radius = 3 + 6 * (b.count / most) ** 0.5
        note = f"{b.count} triples of confidence {b.low:.2f} to {b.high:.2f}: {b.accuracy:.0%} right"
        marks.append(f'<circle class="dot a" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}">{_title(note)}</circle>')
    return _square("Reliability diagram", "confidence", "share that is right", marks)


def precision_and_recall(found: Sequence[Threshold], chosen: float) -> str:
    """Precision, recall and F1 over the confidence from which triples are taken; a line stands at the one in use."""
    marks = [_line("diagonal", [(_x(chosen), _y(0)), (_x(chosen), _y(1))])] if chosen else []
    for name, colour, values in (
        ("precision", "a", [t.score.precision for t in found]),
        ("recall", "b", [t.score.recall for t in found]),
        ("F1", "c", [t.score.f1 for t in found]),
    ):
        points = [(_x(t.confidence), _y(v)) for t, v in zip(found, values, strict=True)]
        marks.append(_line(f"line {colour}", points, name))
    marks.append(_legend(("precision", "a"), ("recall", "b"), ("F1", "c")))
    return _square("Precision and recall by confidence", "taken from this confidence on", "score", marks, extra=24)


def histogram(judgements: Iterable[tuple[float, bool]], bins: int = 10) -> str:
    """How many triples of each confidence were right, and how many wrong."""
    right, wrong = [0] * bins, [0] * bins
    for confidence, is_right in judgements:
        (right if is_right else wrong)[min(int(confidence * bins), bins - 1)] += 1
    most = -(-max(a + b for a, b in zip(right, wrong, strict=True)) // 5) * 5 or 5
    width = _SIDE / bins
    marks = []
    for n, (good, bad) in enumerate(zip(right, wrong, strict=True)):
        x, h_good, h_bad = _LEFT + n * width + 2, _SIDE * good / most, _SIDE * bad / most
        note = _title(f"confidence {n / bins:.1f} to {(n + 1) / bins:.1f}: {good} right, {bad} wrong")
        base = _TOP + _SIDE
        marks.append(
            f'<g>{note}<rect class="fill good" x="{x:.1f}" y="{base - h_good:.1f}" width="{width - 4:.1f}" '
            f'height="{h_good:.1f}"/><rect class="fill bad" x="{x:.1f}" y="{base - h_good - h_bad:.1f}" '
            f'width="{width - 4:.1f}" height="{h_bad:.1f}"/></g>'
        )
    legend = _legend(("right", "good"), ("wrong", "bad"))
    return _square(
        "How sure the stated triples were", "confidence", "triples", [*marks, legend], extra=24, top=float(most)
    )


def intervals(rows: Sequence[tuple[str, Measured]]) -> str:
    """A figure from 0 to 1 a row, with its 95 % interval."""
    left, right, step = 90, 620, 30
    height = step * len(rows) + 34
    base = step * len(rows) + 8

    def at(value: float) -> float:
        return left + (right - left) * min(max(value, 0.0), 1.0)

    marks = [
        f'<line class="grid" x1="{at(t / 5):.1f}" y1="4" x2="{at(t / 5):.1f}" y2="{base}"/>'
        f'<text class="muted mid" x="{at(t / 5):.1f}" y="{base + 18}">{t / 5:.1f}</text>'
        for t in range(6)
    ]
    for n, (name, measured) in enumerate(rows):
        y = 8 + step * n + step / 2
        low, high = measured.interval.low, measured.interval.high
        marks.append(
            f'<text class="end" x="{left - 12}" y="{y + 4:.1f}">{shown(name)}</text>'
            f'<line class="line a" x1="{at(low):.1f}" y1="{y:.1f}" x2="{at(high):.1f}" y2="{y:.1f}"/>'
            f'<circle class="dot a" cx="{at(measured.value):.1f}" cy="{y:.1f}" r="6">'
            f"{_title(f'{name}: {measured.value:.3f}, interval {low:.3f} to {high:.3f}')}</circle>"
        )
    return _svg("F1 with intervals", 640, height, marks)


def bars(rows: Sequence[tuple[str, int]], kind: str = "bad") -> str:
    """A count a row, longest as wide as the plot."""
    left, right, step = 150, 560, 26
    most = max((count for _, count in rows), default=1) or 1
    marks = []
    for n, (name, count) in enumerate(rows):
        y, width = 4 + step * n, (right - left) * count / most
        marks.append(
            f'<text class="end" x="{left - 12}" y="{y + 16}">{shown(name)}</text>'
            f'<rect class="fill {kind}" x="{left}" y="{y + 3}" width="{width:.1f}" height="{step - 8}"/>'
            f'<text x="{left + width + 8:.1f}" y="{y + 16}">{count}</text>'
        )
    return _svg("Mistakes by kind", 640, step * len(rows) + 8, marks)


def meter(value: float) -> str:
    """A share as a bar, for a cell of a table."""
    return (
        '<svg class="meter" viewBox="0 0 100 14" width="100" height="14" aria-hidden="true">'
        '<rect class="track" x="0" y="3" width="100" height="8"/>'
        f'<rect class="fill a" x="0" y="3" width="{value * 100:.1f}" height="8"/></svg>'
    )


def _square(name: str, x_name: str, y_name: str, marks: Sequence[str], *, extra: int = 0, top: float = 1.0) -> str:
    grid = []
    for n in range(6):
        x, y = _x(n / 5), _y(n / 5)
        label = f"{top * n / 5:.1f}" if top <= 1 else f"{top * n / 5:.0f}"
        grid.append(
            f'<line class="grid" x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{_TOP + _SIDE}"/>'
            f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{_LEFT + _SIDE}" y2="{y:.1f}"/>'
            f'<text class="muted mid" x="{x:.1f}" y="{_TOP + _SIDE + 16}">{n / 5:.1f}</text>'
            f'<text class="muted end" x="{_LEFT - 7}" y="{y + 4:.1f}">{label}</text>'
        )
    middle = _TOP + _SIDE / 2
    grid.append(f'<text class="mid" x="{_LEFT + _SIDE / 2}" y="{_TOP + _SIDE + 36}">{x_name}</text>')
    grid.append(f'<text class="mid" transform="rotate(-90 11 {middle})" x="11" y="{middle}">{y_name}</text>')
    return _svg(name, _LEFT + _SIDE + 16, _TOP + _SIDE + 44 + extra, [*grid, *marks])


def _legend(*colours: tuple[str, str]) -> str:
    """Names with their colours, below a square plot of which `extra` leaves room for them."""
    return "".join(
        f'<rect class="fill {colour}" x="{_LEFT + 8 + n * 84}" y="{_TOP + _SIDE + 48}" width="12" height="12"/>'
        f'<text x="{_LEFT + 24 + n * 84}" y="{_TOP + _SIDE + 58}">{name}</text>'
        for n, (name, colour) in enumerate(colours)
    )


def _svg(name: str, width: int, height: int, marks: Iterable[str]) -> str:
    return (
        f'<svg role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f"{_title(name)}{''.join(marks)}</svg>"
    )


def _line(kind: str, points: Sequence[tuple[float, float]], name: str = "") -> str:
    written = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="{kind}" points="{written}">{_title(name) if name else ""}</polyline>'


def _title(text: str) -> str:
    return f"<title>{shown(text)}</title>"


def _x(share: float) -> float:
    return _LEFT + _SIDE * share


def _y(share: float) -> float:
    return _TOP + _SIDE * (1 - share)


def _visible(character: str) -> str:
    if character in "\n\t" or character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return character.encode("unicode_escape").decode("ascii")
