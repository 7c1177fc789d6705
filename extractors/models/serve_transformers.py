"""A causal model of Hugging Face in a process of its own: `python serve_transformers.py MODEL THREADS DEVICE KEPT`.

Imports nothing of triplock, so that the Python of another environment can run it, one with the extra `transformers`.
MODEL is a folder with safetensors weights, a tokenizer and a chat template, or a GGUF file. Such a file is turned into
a folder once, which is slow, under the folder KEPT. Nothing is fetched and no code of the model's folder is run.

Reads one line of JSON a question from standard input and writes one a reply to standard output, the first when the
model is loaded; ends when standard input closes. The grammar is held by a logits processor over xgrammar, which reads
GBNF: https://xgrammar.mlc.ai/docs/ ; https://huggingface.co/docs/transformers/internal/generation_utils

Answers do not depend on what was asked before: a prompt is evaluated in blocks of one length from its beginning, and
only whole blocks that are the same as those of the last prompt are kept.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

BLOCK = 256
"""Tokens of a prompt that are evaluated together."""
OTHERS = 8
"""The most probable tokens that are told beside the chosen one."""


class _Refused(Exception):
    """The question cannot be answered: `kind` is context, grammar or template."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.kind = kind


class Grammar:
    """A logits processor: writes down each token's probability, then leaves the tokens that the matcher allows."""

    def __init__(self, torch: Any, xgrammar: Any, matcher: Any | None, size: int) -> None:
        self._torch, self._xgrammar, self._matcher = torch, xgrammar, matcher
        self._mask = xgrammar.allocate_token_bitmask(1, size) if matcher is not None else None
        self._begun = False
        self.steps: list[tuple[int, float, list[tuple[int, float]]]] = []
        """Of each token: its number, the logarithm of its probability before the grammar, and the likeliest others."""

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """The scores with minus infinity for each token that the grammar forbids."""
        if self._begun and self._matcher is not None:
            self._matcher.accept_token(int(input_ids[0, -1]))
        self._begun = True
        logprobs = self._torch.log_softmax(scores[0].float(), -1)
        if self._mask is not None and self._matcher is not None:
            self._matcher.fill_next_token_bitmask(self._mask)
            self._xgrammar.apply_token_bitmask_inplace(scores, self._mask.to(scores.device), vocab_size=scores.shape[1])
        chosen = int(scores[0].argmax())
        values, numbers = logprobs.topk(min(OTHERS, logprobs.shape[0]))
        likely = list(zip(numbers.tolist(), values.tolist(), strict=True))
        self.steps.append((chosen, float(logprobs[chosen]), likely))
        return scores


class Served:
    """A loaded model."""

    def __init__(self, path: Path, threads: int, device: str, kept: Path) -> None:
        import torch
        import transformers
        import xgrammar

        transformers.logging.set_verbosity_error()
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        torch.use_deterministic_algorithms(mode=device == "cpu", warn_only=True)
        self._torch, self._xgrammar = torch, xgrammar
        folder = path if path.is_dir() else _converted(path, kept)
        local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        self._tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder), **local)
        dtype = torch.float32 if device == "cpu" else "auto"
        model: Any = transformers.AutoModelForCausalLM.from_pretrained(
            str(folder), dtype=dtype, use_safetensors=True, **local
        )
        self._model = model.to(device).eval()
        self._stops = _stops(model.generation_config.eos_token_id, self._tokenizer.eos_token_id)
        self._settings = transformers.GenerationConfig(
            do_sample=False, eos_token_id=self._stops, pad_token_id=self._stops[0], return_dict_in_generate=True
        )
        model.generation_config = transformers.GenerationConfig(eos_token_id=self._stops)
        self._size = int(model.get_output_embeddings().weight.shape[0])
        tokens = xgrammar.TokenizerInfo.from_huggingface(
            self._tokenizer, vocab_size=self._size, stop_token_ids=self._stops
        )
        self._bytes: list[bytes] = tokens.decoded_vocab
        self._compiler = xgrammar.GrammarCompiler(tokens, max_threads=1, cache_enabled=False)
        self.context = int(getattr(model.config.get_text_config(), "max_position_embeddings", 0) or 4096)
        self._dynamic_cache: Any = transformers.DynamicCache
        self._cache: Any = None
        self._known: list[int] = []
        self._forget()

    def answer(self, chat: list[tuple[str, str]], gbnf: str | None, max_tokens: int) -> dict[str, Any]:
        """The most probable answer: text, counts, why it ended, and its tokens with their probabilities."""
        ids = self.prompt(chat)
        room = self.context - len(ids)
        if room < 1:
            raise _Refused("context", f"the prompt has {len(ids)} tokens, the model's context {self.context}")
        processor = Grammar(self._torch, self._xgrammar, self._matcher(gbnf), self._size)
        try:
            cached = self._generate(ids, processor, min(max_tokens, room))
        except BaseException:
            self._forget()
            raise
        steps = processor.steps
        ended = bool(steps) and steps[-1][0] in self._stops
        text, tokens = self._texts(steps[:-1] if ended else steps)
        return {
            "text": text,
            "tokens_in": len(ids),
            "tokens_out": len(steps),
            "finish_reason": "stop" if ended else "length",
            "tokens": tokens,
            "cached": cached,
        }

    def _generate(self, ids: list[int], processor: Grammar, max_tokens: int) -> int:
        """Has the model answer through the processor; how many tokens of the prompt were known."""
        cached = self._evaluate(ids)
        tensor = self._torch.tensor([ids], device=self._model.device)
        self._model.generate(
            input_ids=tensor,
            attention_mask=self._torch.ones_like(tensor),
            generation_config=self._settings,
            max_new_tokens=max_tokens,
            cache=self._cache,
            logits_processor=[processor],
        )
        return cached

    def prompt(self, chat: list[tuple[str, str]]) -> list[int]:
        """The tokens of a chat, by the model's own template."""
        messages = [{"role": role, "content": content} for role, content in chat]
        try:
            text = self._tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        except Exception as error:  # noqa: BLE001 (a template is a program of the model's folder and may raise anything)
            raise _Refused("template", f"the chat template cannot be applied: {error}") from None
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _matcher(self, gbnf: str | None) -> Any | None:
        if gbnf is None:
            return None
        try:
            compiled = self._compiler.compile_grammar(self._xgrammar.Grammar.from_ebnf(gbnf))
        except RuntimeError as error:
            raise _Refused("grammar", f"the grammar does not parse: {str(error).strip().splitlines()[0]}") from None
        return self._xgrammar.GrammarMatcher(compiled)

    def _evaluate(self, ids: list[int]) -> int:
        """Evaluates the whole blocks of a prompt, but for its last token; how many tokens were known."""
        whole = (len(ids) - 1) // BLOCK * BLOCK
        same = next((n for n, (a, b) in enumerate(zip(ids, self._known, strict=False)) if a != b), len(self._known))
        known = min(same, whole) // BLOCK * BLOCK
        have = self._cache.get_seq_length()
        if known and not any(self._cache.is_sliding):
            if have > known:
                self._cache.crop(known - have)
        else:
            known = 0
            self._forget()
        for start in range(known, whole, BLOCK):
            block = self._torch.tensor([ids[start : start + BLOCK]], device=self._model.device)
            self._model(input_ids=block, cache=self._cache, use_cache=True, logits_to_keep=1)
        self._known = ids[:whole]
        return known

    def _forget(self) -> None:
        """Keeps nothing of the last prompt."""
        self._cache = self._dynamic_cache(config=self._model.config)
        self._known = []

    def _texts(self, steps: list[tuple[int, float, list[tuple[int, float]]]]) -> tuple[str, list[Any]]:
        """The answer, and its tokens; one that ends inside a character stands with the next."""
        told, pending, text = [], b"", b""
        for number, logprob, likely in steps:
            others = [(_whole(pending + self._bytes[n])[0], value) for n, value in likely]
            piece, rest = _whole(pending + self._bytes[number])
            text += self._bytes[number]
            pending = rest
            told.append((piece, logprob, others))
        return text.decode("utf-8", "replace"), told


def _whole(content: bytes) -> tuple[str, bytes]:
    """The whole characters that the bytes begin with, and what is left."""
    try:
        return content.decode("utf-8"), b""
    except UnicodeDecodeError as error:
        return content[: error.start].decode("utf-8"), content[error.start :]


def _stops(*numbers: int | list[int] | None) -> list[int]:
    """The tokens that end an answer, in order, once each."""
    return list(
        dict.fromkeys(n for each in numbers for n in (each if isinstance(each, list) else [each]) if n is not None)
    )


def _converted(file: Path, kept: Path) -> Path:
    """The folder made of a GGUF file, in full precision; made if it is not there, by one process at a time."""
    import fcntl
    import shutil

    import torch
    import transformers

    kept.parent.mkdir(parents=True, exist_ok=True)
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if kept.exists():
            return kept
        partial = kept.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        local: dict[str, Any] = {"gguf_file": file.name, "local_files_only": True, "trust_remote_code": False}
        transformers.AutoTokenizer.from_pretrained(str(file.parent), **local).save_pretrained(str(partial))
        model: Any = transformers.AutoModelForCausalLM.from_pretrained(str(file.parent), dtype=torch.float32, **local)
        model.hf_quantizer = None
        del model.config.quantization_config
        model.save_pretrained(str(partial))
        partial.rename(kept)
    return kept


def main(arguments: list[str]) -> int:
    """Serves until standard input closes; 3 if the model cannot be loaded, 2 if the extra is not installed."""
    path, threads, device, kept = Path(arguments[0]), int(arguments[1]), arguments[2], Path(arguments[3])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    replies = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # libraries write their own talk to standard output

    def reply(document: dict[str, Any]) -> None:
        replies.write(json.dumps(document) + "\n")
        replies.flush()

    try:
        served = Served(path, threads, device, kept)
    except ImportError as error:
        os.write(2, f"{error}\n".encode())
        return 2
    except Exception as error:  # noqa: BLE001 (loading runs through a dozen libraries)
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        return 3
    reply({"context": served.context})
    for line in sys.stdin:
        question = json.loads(line)
        try:
            if question["ask"] == "count":
                reply({"count": len(served.prompt(question["chat"]))})
            else:
                reply(served.answer(question["chat"], question["gbnf"], question["max_tokens"]))
        except _Refused as refused:
            reply({"refused": refused.kind, "why": str(refused)})
        except Exception as error:  # noqa: BLE001 (a kernel without an implementation, memory that is not there)
            reply({"refused": "failed", "why": " ".join(f"{type(error).__name__}: {error}".split())[:300]})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
