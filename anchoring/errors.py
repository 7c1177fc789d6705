"""The one error tree of triplock, and what its exit codes mean.

Every error that triplock raises on purpose descends from `TriplockError`.
The branch says whose fault it is and gives the exit code of the command::

    TriplockError
    ├── Refuted              1  the thing checked does not hold
    ├── WrongUsage           2  the call, flag or configuration is wrong
    ├── InputRefused         3  the input cannot be accepted as it is
    ├── ServiceFailed        4  a service could not be reached or answered wrongly (try again)
    ├── PartlyDone           5  finished in part; the ledger names what failed
    └── NotAllChecked        6  not refuted, but something was left unchecked, which is named

The leaves stand in the `errors` module of the package that raises them
(`anchoring.errors`, `ontology.errors`, `extractors.errors`, `kg.errors`, `queries.errors`),
each with a stable `code` that scripts and searches can rely on.

>>> raise InputRefused("line 3 is not UTF-8: b'\\\\xff'", remedy="convert the file to UTF-8")
Traceback (most recent call last):
    ...
anchoring.errors.InputRefused: line 3 is not UTF-8: b'\\xff'; convert the file to UTF-8
"""

from __future__ import annotations

from typing import ClassVar


class TriplockError(Exception):
    """The root of the tree.

    `what` names the offending value, `remedy` says what to do about it.
    `retryable` says whether doing the same again can help.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False

    def __init__(self, what: str, *, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        again = "; trying again can help" if self.retryable else ""
        return f"{self.what}; {self.remedy}{again}"

    def as_json(self) -> dict[str, object]:
        """The document that `--json` prints for this error."""
        return {
            "code": self.code,
            "exitCode": self.exit_code,
            "what": self.what,
            "remedy": self.remedy,
            "retryable": self.retryable,
        }


class Refuted(TriplockError):
    """The thing checked does not hold: a hash, a signature, an order, a parent."""

    code = "refuted"
    exit_code = 1


class WrongUsage(TriplockError):
    """The call, the flag or the configuration is wrong."""

    code = "wrong-usage"
    exit_code = 2


class MissingExtra(WrongUsage):
    """The call needs an optional part that is not installed."""

    code = "missing-extra"

    def __init__(self, needs: str, *, extra: str) -> None:
        super().__init__(
            f"{needs} needs the extra [{extra}], which is not installed",
            remedy=f"run: pip install 'triplock[{extra}]'",
        )
        self.extra = extra


class InputRefused(TriplockError):
    """The input cannot be accepted as it is."""

    code = "input-refused"
    exit_code = 3


class ServiceFailed(TriplockError):
    """A service could not be reached or answered wrongly."""

    code = "service-failed"
    exit_code = 4
    retryable = True


class PartlyDone(TriplockError):
    """The work finished in part; the ledger names what failed."""

    code = "partly-done"
    exit_code = 5
    retryable = True


class NotAllChecked(TriplockError):
    """Nothing was refuted, but something was left unchecked, which is named."""

    code = "not-all-checked"
    exit_code = 6
