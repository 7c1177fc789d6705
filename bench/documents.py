"""Reading long documents: processor time and peak memory of loading and chunking, by kind and size.

    python bench/documents.py

Each case runs in a process of its own; memory is its largest resident set over that of one that reads a line.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests" / "documents"))

from pdf_writer import Placed, pdf  # noqa: E402

from extractors.documents.chunks import chunks  # noqa: E402
from extractors.documents.load import load_document  # noqa: E402

SIZES = (250_000, 1_000_000)
KINDS = ("markdown", "text", "html", "json", "chinese", "pdf")
_PARAGRAPH = (
    'Maple Finance (the "Issuer") issues the token number {0} on a Decentralized Exchange (DEX). It charges a fee of '
    "0.{0} %. The token extends ERC-20 and requires ERC-165. The Issuer of this proposal is paid by the DEX."
)
_CHINESE = "该协议（以下简称“协议”）扩展了代币标准{0}，并对每笔交易收取费用。它由去中心化交易所（DEX）运营。"


def document(kind: str, size: int) -> tuple[bytes, str]:
    """A document of about `size` characters of prose, and its name."""
    paragraph = _CHINESE if kind == "chinese" else _PARAGRAPH
    words = [paragraph.format(number) for number in range(size // len(paragraph) + 1)]
    if kind in ("markdown", "chinese"):
        text = "\n\n".join(f"## Section {row}\n\n{p}" if row % 20 == 0 else p for row, p in enumerate(words))
        return text.encode(), "a.md"
    if kind == "html":
        return "".join(f"<p>{p.replace('&', '&amp;')}</p>" for p in words).encode(), "a.html"
    if kind == "json":
        return json.dumps(
            {"items": [{"description": p, "name": str(row)} for row, p in enumerate(words)]}
        ).encode(), "a.json"
    if kind == "pdf":
        return _pdf(words), "a.pdf"
    return "\n\n".join(words).encode(), "a.txt"


def _pdf(paragraphs: list[str]) -> bytes:
    pages = []
    for first in range(0, len(paragraphs), 12):
        page = []
        for row, text in enumerate(paragraphs[first : first + 12]):
            page += [
                Placed(text[at : at + 100], 60 + 56 * row + 12 * line)
                for line, at in enumerate(range(0, len(text), 100))
            ]
        pages.append(page)
    return pdf(pages)


def measure(kind: str, size: int) -> None:
    """Read one document; print the figures as JSON."""
    chunks(load_document(b"One line is here.", name="a.txt"))
    content, name = document(kind, size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    loaded = load_document(content, name=name, max_bytes=1 << 30)
    read = time.process_time()
    found = chunks(loaded)
    done = time.process_time()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        json.dumps(
            {
                "characters": len(loaded.text),
                "chunks": len(found),
                "load": round(read - begun + child.ru_utime + child.ru_stime, 2),
                "chunk": round(done - read, 2),
                "memory": (after - before) >> 10,
                "context": max(len(c.context.rendered) for c in found),
            }
        )
    )


def main() -> int:
    """Print one line a kind and size."""
    if len(sys.argv) == 3:
        measure(sys.argv[1], int(sys.argv[2]))
        return 0
    print("| kind | characters | chunks | load s | chunk s | memory MB | longest context |")
    print("|---|---|---|---|---|---|---|")
    for kind in KINDS:
        for size in SIZES:
            done = subprocess.run(
                [sys.executable, __file__, kind, str(size)], capture_output=True, check=True, text=True
            )
            row = json.loads(done.stdout)
            print(f"| {kind} | " + " | ".join(f"{row[key]:,}" for key in row) + " |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
