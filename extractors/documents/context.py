"""What a chunk needs of its document to be understood, in a bounded form.

A chunk is one or a few sentences; "this proposal", "it" and "the Token" mean something outside them. The context is
small and as stable as can be: it is part of the prompt, so what changes it costs a new answer.
`extractors.documents.discourse` gathers it, `extractors.documents.anaphora` reads it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MAX_RENDERED = 600
"""Characters of a rendered context, line ends included."""
MAX_TITLE = 100
MAX_FIELD = 36
MAX_FIELDS = 2
MAX_HEADINGS = 80
MAX_NAME = 30
MAX_MEANING = 40
MAX_DEFINITIONS = 2
"""Terms of a chunk whose definitions travel with it."""
MAX_EARLIER = 4
"""Earlier mentions that travel with a chunk."""

_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,500}\)|\]\([^()\s]{0,500}\)")
_MARKS = re.compile(r"[`*\"“”]+|(?<!\w)_+|_+(?!\w)|</?[A-Za-z][^<>]{0,200}>")


class Referent(StrEnum):
    """How certain it is what a mention stands for."""

    DOCUMENT = "document"
    """The document's own subject."""
    DEFINED = "defined"
    """What the document itself defines a term to mean."""
    NAME = "name"
    """A name or an identifier in the text."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name, an identifier or a title: `text` is exactly what stands at `start..end` in the document.

    `name` is how that reads, without markup and escapes; `nouns` are the common nouns that the text gives it:
    ("token",) for "the USDC token". `leads` says that its sentence begins with it, an article aside.
    """

    text: str
    start: int
    end: int
    name: str
    referent: Referent = Referent.NAME
    nouns: tuple[str, ...] = ()
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """What the document says that a term means, both as mentions in it."""

    term: Mention
    meaning: Mention


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a chunk.

    `heading` is the path of headings above it, `about` are (field, value) of the front matter that name the
    document's subject, `definitions` are of terms that the chunk uses, `earlier` are the last names before it, in the
    order of the text: of the same paragraph, or of the paragraph before for the first chunk of one.
    `nouns` are the words by which the document calls itself: ("standard", "proposal").

    >>> Context(title="Add sUSD", heading=("Motivation",)).rendered
    'Document: Add sUSD\\nSection: Motivation'
    """

    title: str = ""
    subject: Mention | None = None
    nouns: tuple[str, ...] = ()
    about: tuple[tuple[str, str], ...] = ()
    heading: tuple[str, ...] = ()
    definitions: tuple[Definition, ...] = ()
    earlier: tuple[Mention, ...] = ()

    @property
    def rendered(self) -> str:
        """The context as lines of text, at most MAX_RENDERED characters; "" if there is none.

        Offsets are no part of it: text that moves does not change it.
        """
        lines = []
        if self.title:
            lines.append(f"Document: {_clipped(self.title, MAX_TITLE)}")
        lines += [f"{name.capitalize()}: {_clipped(value, MAX_FIELD)}" for name, value in self.about[:MAX_FIELDS]]
        if path := [part for part in self.heading if part.casefold() != self.title.casefold()]:
            lines.append(f"Section: {_last(path)}")
        if self.definitions:
            meant = [
                f"{_clipped(d.term.name, MAX_NAME)} = {_clipped(d.meaning.name, MAX_MEANING)}"
                for d in self.definitions[:MAX_DEFINITIONS]
            ]
            lines.append("Defined: " + "; ".join(meant))
        if self.earlier:
            names = dict.fromkeys(_clipped(m.name, MAX_NAME) for m in self.earlier[-MAX_EARLIER:])
            lines.append("Before: " + ", ".join(names))
        return "\n".join(lines)[:MAX_RENDERED].rstrip()


NO_CONTEXT = Context()


def spoken(text: str) -> str:
    """A slice of a document as it reads: marks of Markdown and tags left out, white space collapsed.

    >>> spoken("the **[Aave](https://aave.com)**\\nToken")
    'the Aave Token'
    """
    words = _MARKS.sub("", _LINK.sub(lambda match: match[1] or "", text))
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())


def _clipped(text: str, limit: int) -> str:
    words = spoken(text[: 4 * limit])
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def _last(heading: Sequence[str]) -> str:
    """The path of headings; if it is too long, its end."""
    words = " > ".join(_clipped(part, MAX_HEADINGS) for part in heading[-6:])
    return words if len(words) <= MAX_HEADINGS else "…" + words[-MAX_HEADINGS + 1 :].lstrip()
