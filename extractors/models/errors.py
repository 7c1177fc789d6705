"""The errors of asking a language model.

::

    TriplockError
    ├── WrongUsage
    │   ├── BadModelName         the text names no model that triplock can open
    │   ├── BadKeyFile           the file of the server's key cannot be used
    │   └── ModelRefusedCall     the server understood the call and will not do it (key, model name, parameters)
    ├── InputRefused
    │   └── BadModelFile         the file is no GGUF model, or cannot be loaded
    ├── ServiceFailed
    │   ├── ModelUnreachable     no connection, none that lasted, or no answer in time
    │   ├── ModelLimited         the server refuses for now: too many requests, overloaded
    │   ├── ModelAnsweredWrongly the answer is no chat completion
    │   └── ModelContextExceeded the prompt and the answer are longer than the model's context
    └── PartlyDone
        └── AskingEnded          no further call is made
            ├── LimitReached     the next call could pass a limit of money, tokens or time
            └── StopAsked        whoever started it wants it to stop
"""

from __future__ import annotations

from anchoring.errors import InputRefused, PartlyDone, ServiceFailed, WrongUsage


class BadModelName(WrongUsage):
    """The text names no model that triplock can open."""

    code = "bad-model-name"


class BadKeyFile(WrongUsage):
    """The file of the model server's key cannot be used."""

    code = "bad-key-file"


class ModelRefusedCall(WrongUsage):
    """The server will not do the call: the key, the model's name, a parameter. `status` is that of HTTP, or None."""

    code = "model-refused-call"

    def __init__(self, what: str, *, remedy: str, status: int | None = None) -> None:
        super().__init__(what, remedy=remedy)
        self.status = status


class BadModelFile(InputRefused):
    """The file is no GGUF model, or the runtime cannot load it."""

    code = "bad-model-file"


class ModelUnreachable(ServiceFailed):
    """No connection, none that lasted, or no answer in time."""

    code = "model-unreachable"


class ModelLimited(ServiceFailed):
    """The server refuses for now: too many requests, or it is overloaded. `after` is its own advice, in seconds."""

    code = "model-limited"

    def __init__(self, what: str, *, remedy: str, after: float | None = None) -> None:
        super().__init__(what, remedy=remedy)
        self.after = after


class ModelAnsweredWrongly(ServiceFailed):
    """The answer is no chat completion."""

    code = "model-answered-wrongly"


class ModelContextExceeded(ServiceFailed):
    """The prompt and the answer together are longer than the model's context: this text alone fails."""

    code = "model-context-exceeded"
    retryable = False


class AskingEnded(PartlyDone):
    """No further call is made; what was answered is kept."""

    code = "asking-ended"


class LimitReached(AskingEnded):
    """The next call could pass a limit of money, tokens or time."""

    code = "limit-reached"


class StopAsked(AskingEnded):
    """Whoever started it wants it to stop."""

    code = "stop-asked"
