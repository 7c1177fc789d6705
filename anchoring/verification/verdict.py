"""What a verification found: named checks, each passed, refuted or left unchecked, and the exit code they add up to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from anchoring.blockstores.errors import BlockNotFound
from anchoring.errors import InputRefused, NotAllChecked, Refuted


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    REFUTED = "refuted"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Check:
    """One check by its name, and what was found or why it was not made."""

    name: str
    outcome: Outcome
    detail: str


class VerificationRefuted(Refuted):
    """A check of the verification does not hold."""

    code = "verification-refuted"


class VerificationIncomplete(NotAllChecked):
    """No check was refuted, but some could not be made."""

    code = "verification-incomplete"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer about `subject`; `about` says which chain, registry, version, block and time it is about."""

    subject: str
    checks: Sequence[Check]
    about: Mapping[str, object]

    def of(self, outcome: Outcome) -> list[Check]:
        """The checks that ended so."""
        return [check for check in self.checks if check.outcome is outcome]

    @property
    def outcome(self) -> Outcome:
        """Refuted where one check is, else unchecked where one is, else passed."""
        for outcome in (Outcome.REFUTED, Outcome.UNCHECKED):
            if self.of(outcome):
                return outcome
        return Outcome.PASSED

    @property
    def exit_code(self) -> int:
        """0 every check ran and holds, 1 one does not, 6 none is refuted but some were not made."""
        return {Outcome.PASSED: 0, Outcome.REFUTED: Refuted.exit_code, Outcome.UNCHECKED: NotAllChecked.exit_code}[
            self.outcome
        ]

    def as_json(self) -> dict[str, object]:
        """The document that `triplock verify --json` prints."""
        return {
            "subject": self.subject,
            "outcome": self.outcome.value,
            "exitCode": self.exit_code,
            "about": dict(self.about),
            "checks": [
                {"name": check.name, "outcome": check.outcome.value, "detail": check.detail} for check in self.checks
            ],
        }

    def require(self) -> None:
        """Raises VerificationRefuted or VerificationIncomplete unless every check ran and holds."""
        text = "; ".join(f"{check.name}: {check.detail}" for check in self.of(self.outcome))
        if self.outcome is Outcome.REFUTED:
            raise VerificationRefuted(text, remedy="do not rely on it")
        if self.outcome is Outcome.UNCHECKED:
            raise VerificationIncomplete(text, remedy="give the verifier what it lacks and run it again")


@dataclass(slots=True)
class Examination:
    """Checks as they are made; what a failed check would have given is then not to be had."""

    checks: list[Check] = field(default_factory=list)
    about: dict[str, object] = field(default_factory=dict)

    def passed(self, name: str, detail: str) -> None:
        """Notes a check that holds."""
        self.checks.append(Check(name, Outcome.PASSED, detail))

    def refuted(self, name: str, detail: str) -> None:
        """Notes a check that does not hold."""
        self.checks.append(Check(name, Outcome.REFUTED, detail))

    def unchecked(self, name: str, detail: str) -> None:
        """Notes a check that was not made, and why."""
        self.checks.append(Check(name, Outcome.UNCHECKED, detail))

    def expect(self, name: str, holds: bool, *, passed: str, refuted: str) -> bool:
        """Notes a check by whether it holds."""
        if holds:
            self.passed(name, passed)
        else:
            self.refuted(name, refuted)
        return holds

    def attempt(self, name: str, step: Callable[[], str]) -> bool:
        """Notes a check by a step that returns what it found or raises.

        Bytes that nobody hands out refute nothing: the check is then left unchecked.
        ServiceFailed passes through, because asking again may help.
        """
        try:
            self.passed(name, step())
        except BlockNotFound as error:
            self.unchecked(name, error.what)
        except (Refuted, InputRefused) as error:
            self.refuted(name, error.what)
        return self.checks[-1].outcome is Outcome.PASSED

    def insert(self, at: int, other: Examination) -> None:
        """Puts another examination's checks before the check of this number; what it is about is added."""
        self.checks[at:at] = other.checks
        self.about.update(other.about)

    def verdict(self, subject: str) -> Verdict:
        """The verdict over all checks so far."""
        return Verdict(subject, tuple(self.checks), dict(self.about))
