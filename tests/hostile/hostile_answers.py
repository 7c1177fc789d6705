"""A model server whose answers are hostile: what they say depends on the question alone, so a run can be repeated."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import permutations

from make_hostile_corpus import CHAT_MARKS, LURES, MARKUP
from quiet_server import QuietHandler, served_quietly

WORD = re.compile(r"(?:EIP|ERC)-?\d+|`[^`]+`|this \w+|\w+", re.IGNORECASE)
RELATION = re.compile(r"^- ([^:\n]+)", re.MULTILINE)


def answers_to(messages: list[dict[str, str]]) -> list[str]:
    """What a hostile model may say to a chat: lures, breaks of every format, and every line that words could form."""
    sentence = messages[-1]["content"]
    relations = RELATION.findall(messages[0]["content"]) or ["extends"]
    words = list(dict.fromkeys(WORD.findall(sentence)))[:12]
    every = [f"{a} | {relation} | {b}" for a, b in permutations(words, 2) for relation in relations]
    triples = [dict(zip(("subject", "relation", "object"), line.split(" | "), strict=False)) for line in every[:50]]
    return [
        "\n".join(LURES),
        "\n".join(every),
        "\n".join(reversed(every)),
        json.dumps({"triples": triples}),
        json.dumps({"triples": [{"subject": LURES[0], "relation": 1, "object": None}]}),
        "\n".join(mark.format(lure=LURES[1]) for mark in CHAT_MARKS),
        "\n".join(f"{mark} | extends | ERC-20" for mark in MARKUP),
        f"{every[0] if every else 'none'}\n" * 3_000,
        "none\n" + "\n".join(every[:20]),
        "",
        "\x00\u202e" + LURES[0],
        "[" * 5_000,
        sentence,
    ]


@contextmanager
def hostile_server() -> Iterator[tuple[str, list[int]]]:
    """The address of the server, up to `/v1`, and the list to which it adds the bytes of each question."""
    asked: list[int] = []

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(len(body))
            answers = answers_to(json.loads(body)["messages"])
            chosen = answers[int.from_bytes(hashlib.sha256(body).digest()[:4]) % len(answers)]
            choice = {"message": {"role": "assistant", "content": chosen}, "finish_reason": "stop"}
            usage = {"prompt_tokens": len(body) // 4, "completion_tokens": len(chosen) // 4}
            content = json.dumps({"choices": [choice], "usage": usage}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with served_quietly(Handler) as address:
        yield f"{address}/v1", asked
