"""A reader around another, which changes what the other finds and says so among the parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from extractors.reading.reader import MIN_CONFIDENCE, Passage, Reader, Reading, Repairing
from ontology.grammar import Triple

Change = Callable[[Passage, Reading], Reading]


def wrapped(
    reader: Reader, change: Change, parameter: tuple[str, str], *, min_confidence: Decimal = MIN_CONFIDENCE
) -> Reader:
    """`reader` with what it finds put through `change`, which `parameter` names; it can repair if `reader` can."""
    kind = _RepairingWrapper if isinstance(reader, Repairing) else _Wrapper
    return kind(reader, change, parameter, min_confidence)


class _Wrapper:
    def __init__(self, reader: Reader, change: Change, parameter: tuple[str, str], min_confidence: Decimal) -> None:
        self._reader = reader
        self._change = change
        self._parameter = parameter
        self.min_confidence = min_confidence

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """Those of the reader, and the one of the change."""
        return (*self._reader.parameters, self._parameter)

    def asks(self, passage: Passage) -> bool:
        """As the reader says."""
        return self._reader.asks(passage)

    def read(self, passage: Passage) -> Reading:
        """What the reader finds, changed."""
        return self._change(passage, self._reader.read(passage))

    def close(self) -> None:
        """Closes the reader."""
        self._reader.close()


class _RepairingWrapper(_Wrapper):
    def repair(self, passage: Passage, refused: Sequence[tuple[Triple, str]]) -> Reading:
        """What the reader finds in place of what was refused, changed."""
        assert isinstance(self._reader, Repairing)  # noqa: S101 - for the type checker: `wrapped` has looked
        return self._change(passage, self._reader.repair(passage, refused))
