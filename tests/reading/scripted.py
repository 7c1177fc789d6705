"""A model that says what it was told to, and a document made of sentences."""

from collections import deque

from anchoring.encoding.cid import Cid
from extractors.documents.model import Chunk, Document, Sentence
from extractors.models.protocol import Completion, ModelIdentity
from kg.claims.iris import eip


class ScriptedModel:
    """Gives its answers in order; an exception among them is raised. Keeps the calls."""

    def __init__(self, *answers, name="scripted"):
        self.answers = deque(answers)
        self.calls = []
        self.identity = ModelIdentity(name, "sha256:00", "script")

    def complete(self, chat, constraint, *, max_tokens):
        self.calls.append((tuple(chat), constraint))
        answer = self.answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Completion) else Completion(answer, 10, 3, "stop")

    def close(self):
        pass


def document_of(*sentences, number=721, names=()):
    """A document whose text is the sentences joined by a blank, and its one chunk."""
    text = " ".join(sentences)
    content = text.encode()
    cid = Cid.of(content)
    document = Document(cid, content, text, "utf-8", "text/markdown", "T", eip(number).value, names)
    found, start = [], 0
    for sentence in sentences:
        found.append(Sentence(start, start + len(sentence), sentence))
        start += len(sentence) + 1
    return document, Chunk(cid, 0, ("Abstract",), tuple(found))
