"""From pytest's reports of a test to the verdict of an attempt: pure functions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import pytest

from uitest.masking import masked
from uitest.model import Verdict

BROKEN = (
    "BrowserError",
    "SessionNotCreatedException",
    "MaxRetryError",
    "ProtocolError",
    "NewConnectionError",
    "RemoteDisconnected",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "BrokenPipeError",
)
"""Exceptions that tell of a broken browser or machine, whatever the case did."""

GONE = ("WebDriverException", "InvalidSessionIdException", "NoSuchWindowException")
"""Exceptions that tell of a broken browser if their message says so; others quote selectors and page text."""

GONE_MESSAGE = re.compile(
    r"invalid session id|tab crashed|disconnected: |chrome not reachable|session deleted|"
    r"Failed to decode response from marionette|without establishing a connection|"
    r"^(WebDriverException: )?(Message:)?\s*$",  # WebKitWebDriver has no words for a browser that died
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Phase:
    """What one of setup, call and teardown came to."""

    when: str
    outcome: str
    """pytest's word: passed, failed or skipped."""
    exception: str = ""
    """Class name of what was raised."""
    message: str = ""
    detail: str = ""
    """Traceback with source lines, or the reason of a skip."""


PHASES = pytest.StashKey[list[Phase]]()
"""Of a case in a run."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its reasons."""

    verdict: Verdict
    error: str | None = None
    detail: str | None = None

    def masked(self, secrets: Sequence[str]) -> Self:
        """The same without these, and without passwords in addresses."""
        error = masked(self.error, secrets) if self.error else self.error
        return replace(self, error=error, detail=masked(self.detail, secrets) if self.detail else self.detail)


def judge(phases: Sequence[Phase]) -> Judgement:
    """The verdict of a test that ran through these phases.

    The first failed phase decides. It is an *error* where browser or machine broke, else the test *failed*,
    its fixtures included: a suite's own fixtures are part of its cases. No phases at all is an error.
    """
    for phase in phases:
        if phase.outcome == "failed":
            broken = is_broken(phase)
            said = phase.message or phase.exception or "failed without a message"
            if phase.when != "call" and not broken:
                said = f"{said} (in {phase.when})"
            return Judgement(Verdict.ERROR if broken else Verdict.FAILED, said, phase.detail)
    for phase in phases:
        if phase.outcome == "skipped":
            return Judgement(Verdict.SKIPPED, phase.message or None, phase.detail or None)
    if not any(phase.when == "call" for phase in phases):
        return Judgement(Verdict.ERROR, "the test did not run: pytest reported no call")
    return Judgement(Verdict.PASSED)


def is_broken(phase: Phase) -> bool:
    """Whether the failure is the browser's or the machine's rather than the test's."""
    return phase.exception in BROKEN or (phase.exception in GONE and GONE_MESSAGE.search(phase.message) is not None)
