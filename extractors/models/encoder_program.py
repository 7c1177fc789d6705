"""An encoder that finds spans and the relations between them, in a process of its own; imports nothing of triplock.

    python encoder_program.py train BASE FOLDER    one line of JSON on standard input: texts, spans, pairs, labels;
                                                   a line back after each epoch, and the last when all is written
    python encoder_program.py read FOLDER          a line of JSON for each text, a line with what it states back

Two models of Hugging Face transformers over one kind of encoder: token classification finds spans (B, I, O over pieces
of words), sequence classification says how two of them are related, with marks around subject and object, after Baldini
Soares et al., Matching the Blanks, https://aclanthology.org/P19-1279/ . BASE is a folder with an encoder and its
tokenizer; FOLDER gets `spans` and `relations`, which any program of that library can load. Nothing is fetched.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

MARKS = ("[SUBJECT]", "[/SUBJECT]", "[OBJECT]", "[/OBJECT]")
NONE = "none"
LONGEST = 256
"""Pieces of words of a text that are looked at, where the encoder has places for so many."""
BATCH = 16
MOST_SPANS = 12
"""Of a text, the surest first: pairs grow with their square."""


def marked(text: str, subject: tuple[int, int], value: tuple[int, int]) -> str:
    """The text with marks around two spans.

    >>> marked("A owns B.", (0, 1), (7, 8))
    '[SUBJECT] A [/SUBJECT] owns [OBJECT] B [/OBJECT].'
    """
    places = [(subject, MARKS[:2]), (value, MARKS[2:])]
    for (start, end), (opening, closing) in sorted(places, reverse=True):
        text = f"{text[:start]}{opening} {text[start:end]} {closing}{text[end:]}"
    return text


def longest(tokenizer: Any, config: Any) -> int:
    """Pieces of words of a text that an encoder looks at; some kinds keep two of their positions for themselves."""
    places = getattr(config, "max_position_embeddings", None)
    return min(LONGEST, int(tokenizer.model_max_length), LONGEST if places is None or places < 0 else int(places) - 2)


def train(base: str, folder: Path, task: dict[str, Any], went: Callable[[int], None]) -> dict[str, Any]:
    """Fine-tunes both models; the same task and base give the same weights on the same machine.

    `went` hears after each epoch how many there were; each model goes through all of them.
    """
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    tokenizer: Any = transformers.AutoTokenizer.from_pretrained(base, **local)
    tokenizer.add_special_tokens({"additional_special_tokens": list(MARKS)})
    labels, texts, epochs, rate = task["labels"], task["texts"], task["epochs"], task["rate"]
    transformers.set_seed(task["seed"])
    spans: Any = transformers.AutoModelForTokenClassification.from_pretrained(
        base, num_labels=3, use_safetensors=True, **local
    )
    cut: dict[str, Any] = {"truncation": True, "max_length": longest(tokenizer, spans.config)}
    encoded = tokenizer([t["text"] for t in texts], return_offsets_mapping=True, **cut)
    tags = [_tags(o, t["spans"]) for o, t in zip(encoded["offset_mapping"], texts, strict=True)]
    losses = {"spans": _fit(torch, spans, tokenizer, encoded["input_ids"], tags, epochs, rate, went)}
    names = [NONE, *labels]
    relations: Any = transformers.AutoModelForSequenceClassification.from_pretrained(
        base, num_labels=len(names), id2label=dict(enumerate(names)), use_safetensors=True, **local
    )
    relations.resize_token_embeddings(len(tokenizer))
    pairs = [(t["text"], pair) for t in texts for pair in t["pairs"]]
    ids = tokenizer([marked(text, p[0], p[1]) for text, p in pairs], **cut)["input_ids"]
    wanted = [names.index(pair[2] or NONE) for _, pair in pairs]
    losses["relations"] = _fit(torch, relations, tokenizer, ids, wanted, epochs, rate, lambda n: went(epochs + n))
    for name, model in (("spans", spans), ("relations", relations)):
        model.save_pretrained(str(folder / name))
        tokenizer.save_pretrained(str(folder / name))
    return {"losses": losses, "pairs": len(pairs)}


def _tags(offsets: list[tuple[int, int]], spans: list[tuple[int, int]]) -> list[int]:
    """Of each piece 1 where it begins a span, 2 where it goes on in one, else 0; -100 of marks of the tokenizer."""
    tags, last = [], None
    for start, end in offsets:
        span = next((s for s in spans if start < s[1] and s[0] < end), None)
        tags.append(-100 if start == end else 0 if span is None else 2 if span == last else 1)
        last = span if start != end else last
    return tags


def _fit(
    torch: Any,
    model: Any,
    tokenizer: Any,
    ids: list[list[int]],
    labels: list[Any],
    epochs: int,
    rate: float,
    went: Callable[[int], None],
) -> float:
    """Trains a model by AdamW with a rate that falls to nothing; the mean loss of the last epoch."""
    model.train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    steps = epochs * -(-len(ids) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda n: min(1.0, (n + 1) / (0.1 * steps)) * (1 - n / steps)
    )
    loss, count = 0.0, 0
    for epoch in range(epochs):
        order, loss, count = torch.randperm(len(ids)).tolist(), 0.0, 0
        for start in range(0, len(ids), BATCH):
            chosen = order[start : start + BATCH]
            inputs = tokenizer.pad({"input_ids": [ids[n] for n in chosen]}, return_tensors="pt")
            target = [labels[n] for n in chosen]
            if isinstance(target[0], list):
                width = inputs["input_ids"].shape[1]
                target = [each + [-100] * (width - len(each)) for each in target]
            found = model(**inputs, labels=torch.tensor(target))
            found.loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
            loss, count = loss + float(found.loss.detach()), count + 1
        went(epoch + 1)
    model.eval()
    return loss / max(count, 1)


class Trained:
    """The two models of a folder."""

    def __init__(self, folder: Path) -> None:
        import torch
        import transformers

        transformers.logging.set_verbosity_error()
        torch.set_num_threads(1)
        torch.set_grad_enabled(False)
        torch.use_deterministic_algorithms(mode=True, warn_only=True)
        local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        spans, relations = str(folder / "spans"), str(folder / "relations")
        self._torch = torch
        self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(relations, **local)
        token, sequence = transformers.AutoModelForTokenClassification, transformers.AutoModelForSequenceClassification
        self._spans: Any = token.from_pretrained(spans, use_safetensors=True, **local).eval()
        self._relations: Any = sequence.from_pretrained(relations, use_safetensors=True, **local).eval()
        self._cut: dict[str, Any] = {"truncation": True, "max_length": longest(self._tokenizer, self._spans.config)}
        self.labels = [self._relations.config.id2label[n] for n in range(self._relations.config.num_labels)]

    def read(self, text: str) -> list[tuple[tuple[int, int], str, tuple[int, int], float]]:
        """What the text states: subject, label, object, and the probability of spans and relation together."""
        spans = sorted(self._found(text), key=lambda s: -s[2])[:MOST_SPANS]
        pairs = list(permutations(sorted(spans), 2))
        stated = []
        for start in range(0, len(pairs), BATCH):
            some = pairs[start : start + BATCH]
            inputs = self._tokenizer(
                [marked(text, a[:2], b[:2]) for a, b in some], padding=True, return_tensors="pt", **self._cut
            )
            sure = self._torch.softmax(self._relations(**inputs).logits, -1)
            for (a, b), row in zip(some, sure.tolist(), strict=True):
                best = max(range(len(row)), key=row.__getitem__)
                if self.labels[best] != NONE:
                    stated.append((a[:2], self.labels[best], b[:2], row[best] * a[2] * b[2]))
        return stated

    def _found(self, text: str) -> list[tuple[int, int, float]]:
        """The spans of whole words: start, end, and the least probability of a word."""
        inputs = self._tokenizer(text, return_offsets_mapping=True, return_tensors="pt", **self._cut)
        offsets, words = inputs.pop("offset_mapping")[0].tolist(), inputs.word_ids(0)
        sure = self._torch.softmax(self._spans(**inputs).logits[0], -1).tolist()
        found: list[tuple[int, int, float]] = []
        last = False
        for word in dict.fromkeys(w for w in words if w is not None):
            pieces = [n for n, w in enumerate(words) if w == word]
            inside = sum(1 - sure[n][0] for n in pieces) / len(pieces)
            start, end, first = offsets[pieces[0]][0], offsets[pieces[-1]][1], sure[pieces[0]]
            if inside > 0.5 and last and first[2] > first[1]:
                begun, _, least = found.pop()
                found.append((begun, end, min(least, inside)))
            elif inside > 0.5:
                found.append((start, end, inside))
            last = inside > 0.5
        return found


def _end_with_parent() -> None:
    """Ends this process when standard input closes: nobody waits for what it does any more."""
    sys.stdin.read()
    os._exit(4)


def main(arguments: list[str]) -> int:
    """2 if the extra is not installed, 3 if a model cannot be loaded or trained."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    replies = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # libraries write their own talk to standard output

    def reply(document: object) -> None:
        replies.write(json.dumps(document) + "\n")
        replies.flush()

    try:
        if arguments[0] == "train":
            task = json.loads(sys.stdin.readline())
            threading.Thread(target=_end_with_parent, daemon=True).start()
            reply(train(arguments[1], Path(arguments[2]), task, lambda epochs: reply({"epochs": epochs})))
            return 0
        trained = Trained(Path(arguments[1]))
        reply({"labels": trained.labels})
        for line in sys.stdin:
            reply(trained.read(json.loads(line)))
    except ImportError as error:
        os.write(2, f"{error}\n".encode())
        return 2
    except Exception as error:  # noqa: BLE001 (training and loading run through a dozen libraries)
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
