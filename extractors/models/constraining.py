"""How a server is made to hold its answer to a form, and which way a server at hand understands.

llama.cpp and its kin take a GBNF grammar; most others a JSON schema as `response_format`; some only the parameters of
a tool; a few nothing, whose answers are checked line by line afterwards like all others.
API: https://platform.openai.com/docs/api-reference/chat/create ; llama.cpp's own member `grammar`:
https://github.com/ggml-org/llama.cpp/tree/master/tools/server
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from extractors.models.errors import ModelAnsweredWrongly, ModelRefusedCall
from extractors.models.protocol import Constraint

Constrain: TypeAlias = Literal["auto", "grammar", "json_schema", "tools", "none"]
CONSTRAINS: tuple[Constrain, ...] = get_args(Constrain)

_TOOL = "answer"
_WORD = "qz7"
NOT_UNDERSTOOD = (400, 404, 405, 415, 422, 501)
"""What servers answer to members that they do not know. A wrong path or model is told apart by the plain question."""


class KnownServers:
    """What was found out about servers before, in a file, so that a further run need not ask them again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, server: str) -> Constrain | None:
        """The way that this server follows, as far as is known."""
        return self.all().get(server)

    def all(self) -> dict[str, Constrain]:
        """The ways of all servers that were met, by address and model: `http://HOST:PORT/v1#MODEL`."""
        found = self._read()
        return {server: way for server in found for way in CONSTRAINS if way == found[server] and way != "auto"}

    def put(self, server: str, constrain: Constrain) -> None:
        """Remember it; what cannot be written is asked again."""
        partial = self._path.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):
            partial.write_text(json.dumps({**self._read(), server: constrain}, indent=1, sort_keys=True), "utf-8")
            partial.replace(self._path)

    def _read(self) -> dict[str, object]:
        try:
            known = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}


PROBE = Constraint(
    f'root ::= "{_WORD}"\n',
    {
        "type": "object",
        "properties": {"word": {"const": _WORD}},
        "required": ["word"],
        "additionalProperties": False,
    },
)
"""No model answers a greeting with this by itself."""


def members(constrain: Constrain, constraint: Constraint | None, *, anew: bool = False) -> dict[str, object]:
    """The members of a request that ask for the constraint; `anew` where nothing kept of the prompt is to be used.

    >>> sorted(members("grammar", PROBE))
    ['cache_prompt', 'grammar']
    """
    if constraint is None or constrain in ("none", "auto"):
        return {}
    if constrain == "grammar":
        return {"grammar": constraint.gbnf, "cache_prompt": not anew}
    if constrain == "json_schema":
        schema = {"name": _TOOL, "strict": True, "schema": constraint.json_schema}
        return {"response_format": {"type": "json_schema", "json_schema": schema}}
    tool = {"name": _TOOL, "parameters": constraint.json_schema, "strict": True}
    choice = {"type": "function", "function": {"name": _TOOL}}
    return {"tools": [{"type": "function", "function": tool}], "tool_choice": choice}


def answer_text(message: dict[str, object]) -> str:
    """The answer in a message: its content, or the arguments of the first tool that it calls.

    Raises TypeError, KeyError or IndexError where there is neither.
    """
    calls = message.get("tool_calls")
    if isinstance(calls, list) and calls:
        arguments = calls[0]["function"]["arguments"]
        if isinstance(arguments, str):
            return arguments
    content = message["content"]
    if not isinstance(content, str):
        raise TypeError("content is no text")
    return content


def holds(constrain: Constrain, text: str) -> bool:
    """Whether an answer to the probe shows that the server held it to the constraint.

    >>> holds("grammar", "qz7"), holds("json_schema", '{"word": "qz7"}'), holds("grammar", "Hello!")
    (True, True, False)
    """
    return text.strip() == _WORD if constrain == "grammar" else _WORD in text and "word" in text


def detect(ask: Callable[[Constrain], str], order: Sequence[Constrain]) -> Constrain:
    """The first way of `order` that the server follows; `none` where it follows none of them.

    `ask` puts the probe one way and gives the answer's text. Raises what it raises, but for a refusal of what the
    server does not understand and for answers that are no completion.
    """
    broken: ModelAnsweredWrongly | None = None
    for constrain in order:
        try:
            if holds(constrain, ask(constrain)):
                return constrain
            broken = None
        except ModelRefusedCall as error:
            if error.status not in NOT_UNDERSTOOD:
                raise
        except ModelAnsweredWrongly as error:
            broken = error
    if broken is not None:
        raise broken  # it is not the constraint that this server has trouble with
    return "none"


def order_for(owner: str) -> tuple[Constrain, ...]:
    """What to try, by who a server says owns its models: GBNF first where llama.cpp runs, for it costs fewer tokens.

    >>> order_for("llamacpp")[0], order_for("vllm")[0]
    ('grammar', 'json_schema')
    """
    if owner.casefold().replace(".", "").startswith("llamacpp"):
        return ("grammar", "json_schema", "tools")
    return ("json_schema", "grammar", "tools")
