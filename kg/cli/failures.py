"""What ends a command, as a document and an exit code.

Errors of our own tree say it themselves; what the system says of a file or disk becomes one of them here, so that
no command ends in a trace. What remains is a defect of the program, and never has the exit code of a check that failed.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import dataclass

import click

from anchoring.errors import TriplockError, WrongUsage
from kg.errors import DiskFailed, FileUnusable

INTERRUPTED = 130
"""128 + SIGINT, as shells count."""

NOBODY_READS = 141
"""128 + SIGPIPE: whoever read standard output closed it, so the answer was not heard, whatever it was."""

DEFECT = 70
"""EX_SOFTWARE of sysexits.h."""

_PATH = {
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "check the path",
    errno.EISDIR: "name a file, not a folder",
    errno.EEXIST: "name another file",
    errno.EACCES: "check its permissions, and those of the folder it is in",
    errno.EPERM: "check its permissions, and those of the folder it is in",
    errno.EROFS: "name a place that can be written to",
    errno.ENAMETOOLONG: "name a shorter path",
    errno.ELOOP: "mend the links on the way to it",
}


class NothingKept(KeyboardInterrupt):
    """A command was stopped whose work is kept whole or not at all."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a command ended: `text` for people, `document` for programs."""

    exit_code: int
    text: str
    document: Mapping[str, object]


def failure_of(error: BaseException) -> Failure:
    """What to say of an error that ends a command."""
    if isinstance(error, click.ClickException):
        error = WrongUsage(error.format_message(), remedy="see --help")
    elif isinstance(error, OSError):
        error = file_error(error)
    if isinstance(error, TriplockError):
        return Failure(error.exit_code, str(error), error.as_json())
    if isinstance(error, KeyboardInterrupt | click.Abort):
        what, remedy = "stopped; what was done is kept", "the same command goes on from here"
        if isinstance(error.__cause__ or error, NothingKept):  # click makes an Abort of it
            what, remedy = "stopped; nothing of it is kept", "the same command begins anew"
        return _other(INTERRUPTED, "interrupted", what, remedy, retryable=True)
    what = f"this is a defect of triplock: {type(error).__name__}: {str(error)[:500]}"
    return _other(DEFECT, "defect", what, "report it with what -v prints; what was done is kept", retryable=False)


def _other(exit_code: int, code: str, what: str, remedy: str, *, retryable: bool) -> Failure:
    document = {"code": code, "exitCode": exit_code, "what": what, "remedy": remedy, "retryable": retryable}
    return Failure(exit_code, f"{what}; {remedy}", document)


def file_error(error: OSError) -> FileUnusable | DiskFailed:
    """The system's refusal of a file as an error of our own: the caller's path, or the disk.

    >>> file_error(FileNotFoundError(2, "No such file or directory", "a.nq")).what
    'a.nq: No such file or directory'
    """
    name = error.filename if error.filename is not None else "standard output or a file"
    what = f"{name if isinstance(name, str) else repr(name)}: {error.strerror or error}"
    if error.errno in _PATH:
        return FileUnusable(what, remedy=_PATH[error.errno])
    return DiskFailed(what, remedy="make room, or write to another place")
