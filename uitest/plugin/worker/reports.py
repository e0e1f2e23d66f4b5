"""Keeps pytest's reports of the running test, and evaluates them after all hooks have run.

A report is the same object from ``pytest_runtest_makereport`` to the last ``pytest_runtest_logreport``, and any plugin
or conftest file may change it: soft assertions, "fail on console errors", repeated tries. So the reports are kept and
turned into phases when the test is over. pytest's own count of failures is compared as well, so that a failure that a
later hook removes stays a failure, as in plain pytest.
"""

from dataclasses import dataclass

import pytest

from uitest.plugin.failure_point import FailurePoint, failure_point, own_message
from uitest.plugin.worker.verdict import Phase

SELF_EXPLANATORY = ("", "CaseTimeout", "CaseExit", "Failed", "BrowserError")
"""Exceptions whose message needs no class name before it."""


@dataclass(frozen=True, slots=True)
class Raised:
    """The exception of a phase, and pytest's description of it."""

    when: str
    exception: str
    message: str
    longrepr: object
    point: FailurePoint


class Reports:
    """The reports of one test, including all tries of a plugin."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session
        self._failed_before = session.testsfailed
        self._reports: list[pytest.TestReport] = []
        self._raised: list[Raised] = []

    def note_raised(self, item: pytest.Item, report: pytest.TestReport, call: pytest.CallInfo[None]) -> None:
        """Keep the exception, as the report has only its text."""
        if call.excinfo is not None:
            value = call.excinfo.value
            message = own_message(value)
            point = failure_point(item, value)
            self._raised.append(Raised(call.when, type(value).__name__, message, report.longrepr, point))

    def add(self, report: pytest.TestReport) -> None:
        """Add a logged report; later changes of the object count."""
        self._reports.append(report)

    @property
    def was_counted_failed(self) -> bool:
        """Whether pytest counted a failure of this test, also if its reports were changed later."""
        return self._session.testsfailed > self._failed_before

    def phases(self) -> list[Phase]:
        """The reports in their present state, in the order in which they were logged."""
        return [self._phase(report) for report in self._reports]

    def _phase(self, report: pytest.TestReport) -> Phase:
        text = report.longreprtext
        candidates = [candidate for candidate in self._raised if candidate.when == report.when]
        raised = next(
            (candidate for candidate in candidates if candidate.longrepr is report.longrepr is not None), None
        )
        if raised is None:  # a hook wrote another description; it may quote the exception
            raised = next(
                (candidate for candidate in reversed(candidates) if candidate.message and candidate.message in text),
                None,
            )
        exception, message = (raised.exception, raised.message) if raised else ("", described(report))
        if report.outcome == "skipped":
            message = str(getattr(report, "wasxfail", "")) or described(report)
        elif exception not in SELF_EXPLANATORY:
            message = f"{exception}: {message or (raised.point.locator if raised else '')}".removesuffix(": ")
        is_bad = report.outcome not in ("passed", "skipped")
        point = raised.point if raised is not None and is_bad else None
        return Phase(report.when, report.outcome, exception, message, text if is_bad else "", point)


REPORTS = pytest.StashKey[Reports]()
"""The reports of a case in a run."""


def described(report: pytest.TestReport) -> str:
    """The message in a report's description, empty if it has none."""
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(getattr(crash, "message", None) or report.longreprtext).strip()
