"""What pytest reported of the running test, read once every hook has had its say.

A report is the same object from ``pytest_runtest_makereport`` to the last ``pytest_runtest_logreport``, and any plugin
or conftest file on the way may change it: soft assertions, "fail on console errors", repeated tries. So the reports are
kept as they are and turned into phases when the test is over. What pytest itself counts as a failure it counts in
between; that number is compared too, so a failure that a later hook takes back stays a failure, as in plain pytest.
"""

from dataclasses import dataclass

import pytest

from uitest.plugin.worker.verdict import Phase

OWN_WORDS = ("", "CaseTimeout", "CaseExit", "Failed", "BrowserError")
"""Exceptions whose message says everything: the class name in front of it would add nothing."""


@dataclass(frozen=True, slots=True)
class Raised:
    """What a phase raised, and the description that pytest made of it."""

    when: str
    exception: str
    message: str
    longrepr: object


class Reports:
    """The reports of one test, of all its tries where a plugin repeats it."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session
        self._failed_before = session.testsfailed
        self._reports: list[pytest.TestReport] = []
        self._raised: list[Raised] = []

    def note_raised(self, report: pytest.TestReport, call: pytest.CallInfo[None]) -> None:
        """Remember the exception itself: the report has no more than its text."""
        if call.excinfo is not None:
            value = call.excinfo.value
            message = str(getattr(value, "msg", None) or value or "").strip()
            self._raised.append(Raised(call.when, type(value).__name__, message, report.longrepr))

    def add(self, report: pytest.TestReport) -> None:
        """Add a report that was logged; later changes of it are seen."""
        self._reports.append(report)

    @property
    def was_counted_failed(self) -> bool:
        """Whether pytest counted a failure of this test, whatever its reports say by now."""
        return self._session.testsfailed > self._failed_before

    def phases(self) -> list[Phase]:
        """The reports as they are now, in the order they were logged."""
        return [self._phase(report) for report in self._reports]

    def _phase(self, report: pytest.TestReport) -> Phase:
        text = report.longreprtext
        known = [one for one in self._raised if one.when == report.when]
        raised = next((one for one in known if one.longrepr is report.longrepr is not None), None)
        if raised is None:  # a hook wrote another description; it may quote the exception
            raised = next((one for one in reversed(known) if one.message and one.message in text), None)
        exception, message = (raised.exception, raised.message) if raised else ("", described(report))
        if report.outcome == "skipped":
            message = str(getattr(report, "wasxfail", "")) or described(report)
        elif exception not in OWN_WORDS and message:
            message = f"{exception}: {message}"
        is_bad = report.outcome not in ("passed", "skipped")
        return Phase(report.when, report.outcome, exception, message, text if is_bad else "")


REPORTS = pytest.StashKey[Reports]()
"""Of a case in a run."""


def described(report: pytest.TestReport) -> str:
    """The message in a report's own description, empty if it has none."""
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(getattr(crash, "message", None) or report.longreprtext).strip()
