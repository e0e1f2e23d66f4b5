"""Judges an attempt by pytest's reports of its test: pure functions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from uitest.masking import masked
from uitest.model import Verdict
from uitest.plugin.failure_point import FailurePoint

BROKEN = (
    "CaseExit",
    "BrowserError",
    "SessionNotCreatedException",
)
"""Exceptions that always mean a broken browser or machine."""

CONNECTION = (
    "MaxRetryError",
    "ProtocolError",
    "NewConnectionError",
    "RemoteDisconnected",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "BrokenPipeError",
)
"""Exceptions that mean the same if the connection was a driver's; a suite may have connections of its own."""

GONE = ("WebDriverException", "InvalidSessionIdException", "NoSuchWindowException")
"""Exceptions that mean a broken browser if their message matches; others quote selectors and page text."""

GONE_MESSAGE = re.compile(
    r"invalid session id|tab crashed|disconnected: |chrome not reachable|session deleted|"
    r"Failed to decode response from marionette|without establishing a connection|"
    # WebKitWebDriver's words after the page's process has died, and its empty message after the browser has.
    r"^(WebDriverException: )?(Message: )?Could not parse [a-z ]+\s*$|"
    r"^(WebDriverException)?(: )?(Message:)?\s*$",
    re.IGNORECASE,
)

HARMLESS = ("passed", "skipped")
"""Outcomes of a phase that allow a green verdict."""
RERUN = "rerun"
"""Outcome that pytest-rerunfailures gives to a failed phase that it repeats."""


@dataclass(frozen=True, slots=True)
class Phase:
    """The outcome of setup, call or teardown."""

    when: str
    outcome: str
    """passed, failed or skipped; plugins have others, such as rerun."""
    exception: str = ""
    """Class name of the exception."""
    message: str = ""
    detail: str = ""
    """Traceback with source lines, or the reason of a skip."""
    point: FailurePoint | None = None
    """Where in the suite the exception came from, if it is known."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its error."""

    verdict: Verdict
    error: str | None = None
    detail: str | None = None
    point: FailurePoint | None = None
    reruns: tuple[str, ...] = ()
    """Errors of earlier tries within the attempt, if a plugin repeated the test and it passed in the end."""

    def masked(self, secrets: Sequence[str]) -> Self:
        """The judgement with these secrets and passwords in addresses masked."""
        error = masked(self.error, secrets) if self.error else self.error
        detail = masked(self.detail, secrets) if self.detail else self.detail
        point = self.point
        if point is not None:
            point = replace(point, code=masked(point.code, secrets), locator=masked(point.locator, secrets))
        again = tuple(masked(why, secrets) for why in self.reruns)
        return replace(self, error=error, detail=detail, point=point, reruns=again)


def judge(phases: Sequence[Phase], *, counted_failed: bool = False) -> Judgement:
    """The verdict of a test with these phases.

    The first phase of its last try that did not pass decides. It is an *error* if browser or machine broke, else the
    test *failed*, also in a fixture, as a suite's fixtures belong to its cases. Every outcome other than passed and
    skipped counts as a failure. With ``counted_failed``, pytest itself counted a failure, so the test is not green.
    No phases at all are an error.
    """
    tried = last_try(phases)
    for phase in tried:
        if phase.outcome not in HARMLESS:
            broken = is_broken(phase)
            message = phase.message or phase.exception or f"{phase.outcome} without a message"
            if phase.when != "call" and not broken:
                message = f"{message} (in {phase.when})"
            return Judgement(Verdict.ERROR if broken else Verdict.FAILED, message, phase.detail, phase.point)
    if counted_failed:
        return Judgement(Verdict.FAILED, "pytest counted a failure that a hook removed from the report")
    for phase in tried:
        if phase.outcome == "skipped":
            return Judgement(Verdict.SKIPPED, phase.message or None, phase.detail or None)
    if not any(phase.when == "call" for phase in tried):
        return Judgement(Verdict.ERROR, "the test did not run: pytest reported no call")
    return Judgement(Verdict.PASSED, reruns=reruns(phases))


def last_try(phases: Sequence[Phase]) -> Sequence[Phase]:
    """The phases that count if a plugin such as pytest-rerunfailures repeats a test within its attempt.

    They are those from the last setup on, and earlier failures that are not marked as repeated.
    """
    if not any(phase.outcome == RERUN for phase in phases):
        return phases
    start = max((place for place, phase in enumerate(phases) if phase.when == "setup"), default=0)
    return [phase for phase in phases[:start] if phase.outcome not in (*HARMLESS, RERUN)] + list(phases[start:])


def reruns(phases: Sequence[Phase]) -> tuple[str, ...]:
    """The error of each try before the last one."""
    return tuple(phase.message or phase.exception for phase in phases if phase.outcome == RERUN)


def is_broken(phase: Phase) -> bool:
    """Whether the browser or the machine failed, and not the test."""
    if phase.exception in CONNECTION:
        return phase.point is None or phase.point.is_of_driver
    return phase.exception in BROKEN or (phase.exception in GONE and GONE_MESSAGE.search(phase.message) is not None)
