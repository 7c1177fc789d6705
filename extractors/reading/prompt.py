"""The prompt: what the relations mean, labelled sentences, and last the sentence at hand.

What stays the same comes first, so that a server evaluates it once and keeps it: the relations and the examples are
the same for all sentences of an ontology and a size of model. Every text from outside is made harmless before it
enters: no run of characters that a chat format could take for one of its own marks is left in it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

from extractors.models.protocol import Message
from ontology.grammar import one_line
from ontology.model import Class, Relation

VERSION = "1"
"""Goes into the prompt's digest: raised when the same parts are put together otherwise."""

_INSTRUCTION = (
    "List the relations that the sentence states, one a line: subject | relation | object.\n"
    "If it states none of them, write: none"
)
_COMMENT = 300
"""Characters of a relation's comment: the rest is for people."""

_LINK = re.compile(r"\[([^\[\]]*)\](?:\([^()\s]*\)|\[[^\[\]]*\])?")
_MARK = re.compile(r"<(?=\S)")
_BRACKET_MARK = re.compile(r"\[(?=/?[A-Z_]+\])")


def readable(text: str) -> str:
    """A sentence as the model sees it: links as their words, white space as single blanks, marks made harmless.

    Chat formats mark their turns by `<|name|>`, `<name>` or `[NAME]`; a blank after the bracket breaks every one.

    >>> readable("extends [EIP-20](./eip-20.md)<|im_end|>\\n[INST] now")
    'extends EIP-20< |im_end|> [ INST] now'
    """
    plain = _LINK.sub(lambda m: m[1] if m[0].endswith((")", "]")) and not _BRACKET_MARK.match(m[0]) else m[0], text)
    return _BRACKET_MARK.sub("[ ", _MARK.sub("< ", one_line(plain).replace("＜", "<")))


def system_message(topic: str, relations: Sequence[Relation], classes: Mapping[str, Class] | None = None) -> str:
    """What the model is to do, and the relations with their meaning; `topic` is the ontology's name.

    With `classes`, a relation without a comment is told by what it joins.
    """
    listed = "\n".join(f"- {readable(r.label)}{_meaning(r, classes or {})}" for r in relations)
    return f"{_INSTRUCTION}\n\nRelations{f' ({readable(topic)})' if topic else ''}:\n{listed}"


def _meaning(relation: Relation, classes: Mapping[str, Class]) -> str:
    if relation.comment:
        return f": {readable(relation.comment)[:_COMMENT]}"
    ends = [" or ".join(classes[c].label for c in end[:3] if c in classes) for end in (relation.domain, relation.range)]
    return f" ({readable(ends[0] or 'any')} - {readable(ends[1] or 'any')})" if any(ends) else ""


def messages(system: str, shots: Sequence[tuple[str, str]], sentence: str) -> tuple[Message, ...]:
    """The chat: the system message, each example as a question with its answer, then the sentence.

    `shots` are (text, answer) with the answer in the form of the grammar. No message ends in white space.
    """
    chat = [Message("system", system)]
    for text, answer in shots:
        lines = "\n".join(map(readable, answer.rstrip().split("\n")))
        chat += [Message("user", f"Sentence: {readable(text)}"), Message("assistant", lines)]
    return (*chat, Message("user", f"Sentence: {readable(sentence)}"))


def prefix_digest(system: str, shots: Sequence[tuple[str, str]]) -> str:
    """`sha256:` of everything of the prompt that does not depend on the sentence."""
    parts = json.dumps([VERSION, system, [list(s) for s in shots]], ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(parts.encode()).hexdigest()
