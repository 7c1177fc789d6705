"""Any server with the OpenAI chat completions API: llama.cpp, vLLM, Ollama, LM Studio, hosted ones.

How an answer is constrained differs (`extractors.models.constraining`); by default the first constrained call finds
out by a question or two of a few tokens. An answer that was not held to its form is still checked line by line.
The key comes from the environment or a file and is never part of an error, a log line or a repr.
API: https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from functools import cached_property
from itertools import islice
from urllib.parse import urlsplit

import httpx

from anchoring.blockstores.deadline import BoundedClient
from anchoring.encoding.bounded_json import bounded_json
from anchoring.errors import ServiceFailed
from extractors.models.constraining import (
    NOT_UNDERSTOOD,
    PROBE,
    Constrain,
    KnownServers,
    answer_text,
    detect,
    members,
    order_for,
)
from extractors.models.errors import (
    BadModelName,
    ModelAnsweredWrongly,
    ModelContextExceeded,
    ModelLimited,
    ModelRefusedCall,
    ModelUnreachable,
)
from extractors.models.key import KEY_VARIABLE, read_key
from extractors.models.last_prompt import LastPrompt
from extractors.models.protocol import Completion, Constraint, Message, ModelIdentity, TokenChoice

MAX_ANSWER_BYTES = 8 * 1024 * 1024
LONGEST_WAIT = 60.0
"""Seconds; a server that asks for a longer pause fails the call, and the next run goes on."""

MAX_LISTED = 64 * 1024
"""Bytes of a list of models; it is only looked at for who owns them."""
_TOO_LONG = (b"context_length_exceeded", b"exceed_context_size", b"maximum context length", b"context size")
_GREETING = (Message("user", "Say hello."),)


class OpenAiCompatible:
    """The model `name` at `base_url` (up to and including `/v1`), which the user names; nothing else is contacted.

    `timeout` is in seconds, for the answer to begin and for the rest of it to arrive; `tries` counts the first.
    `key` is by default that of the environment. `constrain` is `auto`, or the way that this server is known to follow;
    what is found out for `auto` is kept in `known`.
    """

    def __init__(
        self,
        base_url: str,
        name: str,
        *,
        constrain: Constrain = "auto",
        identity: ModelIdentity | None = None,
        timeout: float = 300.0,
        tries: int = 3,
        key: str | None = None,
        pause: Callable[[float], None] = time.sleep,
        known: KnownServers | None = None,
    ) -> None:
        url = httpx.URL(base_url) if _is_url(base_url) else None
        if url is None or url.scheme not in ("http", "https") or not url.host or url.userinfo:
            raise BadModelName(
                f"{_without_userinfo(base_url)!r} is no address of a model server",
                remedy=f"give http://HOST:PORT/v1#MODEL, and a key in {KEY_VARIABLE} where one is needed",
            )
        self._base = str(url).rstrip("/")
        self._url = f"{self._base}/chat/completions"
        self._root = self._base.removesuffix("/v1")
        self._name = name
        self._constrain: Constrain = constrain
        how = "" if constrain == "auto" else f", {constrain}"
        self._identity = identity or ModelIdentity(name, "", f"openai-compatible at {url.host}{how}")
        self._probabilities = True
        self._last = LastPrompt()
        self._known, self._server = known, f"{self._base}#{name}"
        self._remembered = False
        self._tries = tries
        self._pause = pause
        key = read_key() if key is None else key
        self._key = key
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._timeout = timeout
        self._client = BoundedClient(timeout=timeout, headers=headers, follow_redirects=False, trust_env=False)
        self._client.timeout = httpx.Timeout(timeout, connect=min(timeout, 10.0))

    def __repr__(self) -> str:
        return f"OpenAiCompatible({self._url!r}, {self._name!r})"

    @property
    def identity(self) -> ModelIdentity:
        """The name given, and the host that answers."""
        return self._identity

    @property
    def constrain(self) -> Constrain:
        """How answers are constrained; `auto` until the first constrained call has found out."""
        return self._constrain

    def complete(self, chat: Sequence[Message], constraint: Constraint | None, *, max_tokens: int) -> Completion:
        """The answer; asks again after a refusal for now or a lost connection, up to `tries` times in all.

        Raises ModelUnreachable, ModelLimited, ModelAnsweredWrongly, ModelRefusedCall.
        """
        if constraint is not None and self._constrain == "auto":
            self._find_out(again=False)
        try:
            return self._answered(self._body(chat, self._constrain, constraint, max_tokens))
        except ModelRefusedCall as error:
            if constraint is not None and self._remembered and error.status in NOT_UNDERSTOOD:
                self._find_out(again=True)  # it is another server now
                return self.complete(chat, constraint, max_tokens=max_tokens)
            if not self._probabilities or error.status not in (400, 422):
                raise
        self._probabilities = False  # some servers refuse to tell them
        try:
            return self._answered(self._body(chat, self._constrain, constraint, max_tokens))
        except ModelRefusedCall:
            self._probabilities = True  # it was something else
            raise

    def _find_out(self, *, again: bool) -> None:
        """How the server constrains answers: as was found out before, else by asking it."""
        before = self._known.get(self._server) if self._known and not again else None
        self._remembered = before is not None
        self._constrain = before or detect(self._probe, order_for(self._owner()))
        if self._known and before is None:
            self._known.put(self._server, self._constrain)

    def _probe(self, constrain: Constrain) -> str:
        body = self._body(_GREETING, constrain, PROBE, 24)
        return self._answered({k: v for k, v in body.items() if k not in ("logprobs", "top_logprobs")}).text

    def _owner(self) -> str:
        """Who the server says owns its models: `llamacpp`, `vllm`, a company; "" where it does not say."""
        try:
            with self._client.stream("GET", f"{self._base}/models", timeout=10.0) as response:
                content = b"".join(islice(response.iter_bytes(MAX_LISTED), 1))
            return str(bounded_json(content)["data"][0]["owned_by"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError, IndexError):
            return ""

    def _answered(self, body: dict[str, object]) -> Completion:
        for left in range(self._tries - 1, -1, -1):
            try:
                return _read(self._post(body), self._key)
            except (ModelUnreachable, ModelLimited) as error:
                after = error.after if isinstance(error, ModelLimited) else None
                wait = min(2.0 ** (self._tries - left - 1), LONGEST_WAIT) if after is None else after
                if not left or wait > LONGEST_WAIT:
                    raise
                self._pause(wait)
        raise AssertionError("at least one try is made")

    def count_tokens(self, chat: Sequence[Message]) -> int | None:
        """The tokens of the chat's prompt, by the server's own template and tokenizer; None where it has none.

        Only servers that take a grammar are asked, which llama.cpp's are. Raises what `complete` raises.
        """
        if (self._expected if self._constrain == "auto" else self._constrain) != "grammar":
            return None
        try:
            messages = [{"role": m.role, "content": m.content} for m in chat]
            applied = bounded_json(self._post({"messages": messages}, f"{self._root}/apply-template"))
            content = {"content": str(applied["prompt"]), "add_special": True, "parse_special": True}
            return len(bounded_json(self._post(content, f"{self._root}/tokenize"))["tokens"])
        except (ModelRefusedCall, ValueError, KeyError, TypeError):
            return None

    @cached_property
    def _expected(self) -> Constrain:
        """How the server is taken to constrain answers before the first of them."""
        before = self._known.get(self._server) if self._known else None
        return before or order_for(self._owner())[0]

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _body(
        self, chat: Sequence[Message], constrain: Constrain, constraint: Constraint | None, max_tokens: int
    ) -> dict[str, object]:
        body: dict[str, object] = {
            "model": self._name,
            "messages": [{"role": m.role, "content": m.content} for m in chat],
            "temperature": 0,
            "max_tokens": max_tokens,
        }
        if self._probabilities:
            body |= {"logprobs": True, "top_logprobs": 8}
        return body | members(constrain, constraint, anew=self._last.is_most_of(chat))

    def _post(self, body: dict[str, object], url: str = "") -> bytes:
        url = url or self._url
        try:
            with self._client.stream("POST", url, json=body) as response:
                content = bytearray()
                deadline = time.monotonic() + self._timeout
                for piece in response.iter_bytes():
                    content += piece
                    if time.monotonic() > deadline:
                        raise httpx.ReadTimeout("the answer drips")
                    if len(content) > MAX_ANSWER_BYTES:
                        raise ModelAnsweredWrongly(
                            f"{url} sent more than {MAX_ANSWER_BYTES:,} bytes", remedy="check the server"
                        )
        except httpx.TimeoutException:
            raise ModelUnreachable(f"{url} gave no answer in time", remedy="wait, or raise the timeout") from None
        except (httpx.DecodingError, httpx.TooManyRedirects) as error:
            raise ModelAnsweredWrongly(f"{url} answered unreadably: {error}", remedy="check the server") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise ModelUnreachable(
                f"{url} cannot be reached or broke off: {type(error).__name__}", remedy="start the server"
            ) from None
        if response.status_code != 200:
            raise self._refusal(url, response, bytes(content))
        return bytes(content)

    def _refusal(self, url: str, response: httpx.Response, content: bytes) -> ServiceFailed | ModelRefusedCall:
        said = _message(_without_key(content, self._key))
        if response.status_code in (400, 413) and any(mark in content for mark in _TOO_LONG):
            return ModelContextExceeded(
                f"{url} answered {response.status_code}: {said}",
                remedy="start the server with a larger context, or give it shorter documents",
            )
        what = f"{url} answered {response.status_code}: {said}"
        if response.status_code in (408, 409, 425, 429, 500, 502, 503, 504):
            after = _retry_after(response.headers.get("Retry-After", ""))
            return ModelLimited(what, remedy="wait", after=after)
        if response.status_code in (401, 403):
            remedy = f"put the key of this server in {KEY_VARIABLE}, or name its file as key_file under [model]"
            return ModelRefusedCall(what, remedy=remedy, status=response.status_code)
        if 400 <= response.status_code < 500 or response.status_code == 501:
            remedy = "check the model's name and how the server constrains answers"
            return ModelRefusedCall(what, remedy=remedy, status=response.status_code)
        return ModelAnsweredWrongly(what, remedy="check that the address is that of a chat completions API")


def _read(content: bytes, key: str) -> Completion:
    """The completion in the bytes of an answer; raises ModelAnsweredWrongly, which does not show the key."""
    try:
        answer = bounded_json(content)
        choice = answer["choices"][0]
        if refusal := choice["message"].get("refusal"):
            raise ModelAnsweredWrongly(
                f"the model refused to answer: {_shown(_without_key(str(refusal).encode(), key).decode())}",
                remedy="ask another model about this text",
            )
        text = answer_text(choice["message"])
        usage = answer.get("usage") or {}
        return Completion(
            text,
            _count(usage.get("prompt_tokens")),
            _count(usage.get("completion_tokens")),
            _ending(choice.get("finish_reason")),
            _tokens(choice.get("logprobs")),
            _count((usage.get("prompt_tokens_details") or {}).get("cached_tokens")),
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        shown = _without_key(content, key)[:200].decode("utf-8", "backslashreplace")
        raise ModelAnsweredWrongly(
            f"the model server's answer is no chat completion ({type(error).__name__}): {shown!r}",
            remedy="check that the address ends in /v1 and is that of a chat completions API",
        ) from None


def _count(value: object) -> int:
    """A number of tokens; 0 where the server gives none that can be one."""
    return value if type(value) is int and 0 <= value < 10**9 else 0


def _ending(reason: object) -> str:
    """Why the answer ended; that a tool was called is an answer that ended by itself."""
    return "stop" if reason in (None, "", "tool_calls", "function_call") else str(reason)


def _tokens(logprobs: object) -> tuple[TokenChoice, ...]:
    """The tokens with their probabilities; none where the server's form is another."""
    if not isinstance(logprobs, dict) or not isinstance(logprobs.get("content"), list):
        return ()
    choices = []
    for token in logprobs["content"]:
        others = tuple((_token_text(o), _logprob(o)) for o in token.get("top_logprobs") or ())
        choices.append(TokenChoice(_token_text(token), _logprob(token), others))
    return tuple(choices)


def _token_text(token: dict[str, object]) -> str:
    return str(token["token"])


def _logprob(token: dict[str, object]) -> float:
    value = float(str(token["logprob"]))
    return value if math.isfinite(value) and value <= 0 else -1e9 if value < 0 else 0.0


def _retry_after(value: str) -> float | None:
    """The seconds of a Retry-After header, which is a number or a date (RFC 9110 section 10.2.3)."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _without_key(content: bytes, key: str) -> bytes:
    """What a server said, without the key that it may have said back."""
    return content.replace(key.encode(), b"[key]") if key else content


def _message(content: bytes) -> str:
    text = content[:2000].decode("utf-8", "backslashreplace")
    try:
        error = bounded_json(text)["error"]
        text = str(error["message"] if isinstance(error, dict) else error)
    except (ValueError, KeyError, TypeError):
        pass
    return _shown(text)


def _shown(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]


def _is_url(text: str) -> bool:
    try:
        urlsplit(text)  # refuses what httpx lets pass, such as an unclosed bracket
        httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        return False
    return True


def _without_userinfo(text: str) -> str:
    return text.rpartition("@")[2] if "@" in text else text
