"""Converts a run into one JUnit file that CodeBuild, Jenkins and GitHub can read.

JUnit has four results, uitest nine outcomes. Passed, failed and skipped keep their meaning; every other outcome (error,
lost, cancelled, not started, running, no row at all) becomes an ``<error>`` whose ``type`` names the outcome, because
readers take a missing case for a good one.

A quarantined job is skipped, with the terms of its quarantine as the reason and its failure in ``<system-out>``. The
message of a job that is red since its quarantine is over ends with the terms.

A flaky job passes, as its last attempt did. Its earlier failures become ``<flakyFailure>``, Maven Surefire's element
for "failed, then passed", and also ``<system-out>`` for readers that do not know that element.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from uitest.jobs.outcome import fold, former_quarantine, history, newest_layer, quarantine_of
from uitest.model import Attempt, JobRow, Outcome, Run, Verdict

_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(?=:|$)")

_UNFINISHED = {
    Outcome.CANCELLED: "cancelled",
    Outcome.NOT_STARTED: "planned, but never started",
    Outcome.RUNNING: "still running when this report was written",
    Outcome.LOST: "nobody reported",
    Outcome.ERROR: "the browser or the machine broke, not the test",
}


def legal(text: str) -> str:
    """``text`` without terminal colours, and with U+FFFD for every character that XML 1.0 forbids."""
    return _ILLEGAL.sub("\ufffd", _COLOURS.sub("", text))


def junit_xml(run: Run, rows: Iterable[JobRow], now: float) -> bytes:
    """A UTF-8 XML document: a suite per module and browser, a test case per job, in plan order.

    ``time`` is in seconds: for a case its last attempt, for a suite the sum of its cases, for the file the time from
    the run's start to its end (or ``now``). Timestamps are UTC without an offset, as the schema demands.
    """
    suites: dict[tuple[str, str], list[JobRow]] = {}
    for row in rows:
        suites.setdefault((row.job.module, row.job.browser), []).append(row)
    root = ET.Element("testsuites", name=legal(run.id))
    for (module, browser), members in suites.items():
        root.append(
            _suite(f"{module} / {browser}", [_case(row, run, now) for row in members], _started_at(run, members))
        )
    if run.error:
        root.append(_suite("uitest", [_run_error(run.error)], run.started_at))
    absent = run.planned - sum(len(members) for members in suites.values())
    if absent > 0:
        root.append(_suite("uitest", [_missing(absent, run.planned)], run.started_at))
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    root.set("time", _seconds(run.elapsed_s(now)))
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _suite(name: str, cases: list[ET.Element], began: float) -> ET.Element:
    suite = ET.Element("testsuite", name=legal(name), tests=str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", _seconds(sum(float(case.get("time", "0")) for case in cases)))
    suite.set("timestamp", _timestamp(began))
    suite.extend(cases)
    return suite


def _case(row: JobRow, run: Run, now: float) -> ET.Element:
    outcome = fold(row, run, now)
    attempts = newest_layer(history(row, now))
    last = attempts[-1] if attempts else None
    case = ET.Element(
        "testcase",
        classname=legal(f"{row.job.module}.{row.job.browser}"),
        name=legal(row.job.case),
        time=_seconds(last.duration_s if last else 0.0),
    )
    if len(attempts) > 1:
        facts = {"attempts": str(len(attempts)), **({"flaky": "true"} if outcome is Outcome.FLAKY else {})}
        properties = ET.SubElement(case, "properties")
        for name, value in facts.items():
            ET.SubElement(properties, "property", name=name, value=value)
    if outcome is Outcome.FAILED:
        _problem(case, "failure", last, outcome)
    elif outcome is Outcome.SKIPPED:
        ET.SubElement(case, "skipped", message=legal((last and last.error) or "skipped"))
    elif outcome in _UNFINISHED:
        _problem(case, "error", last, outcome)
    if former := former_quarantine(row, run, now):
        for problem in (*case.findall("failure"), *case.findall("error")):
            problem.set("message", legal(f"{problem.get('message')} ({former})"))
    reported = attempts[:-1]
    if outcome is Outcome.QUARANTINED and (excuse := quarantine_of(row, run, now)):
        ET.SubElement(case, "skipped", message=legal(f"quarantined {excuse.terms}"))
        reported = attempts
    earlier = [attempt for attempt in reported if attempt.verdict is not Verdict.PASSED]
    if outcome is Outcome.FLAKY:
        for attempt in earlier:
            tag = "flakyFailure" if attempt.verdict is Verdict.FAILED else "flakyError"
            element = ET.SubElement(case, tag, message=_message(attempt), type=_type(attempt))
            ET.SubElement(element, "stackTrace").text = legal(attempt.detail or attempt.error or "")
        for why in last.reruns if last else ():
            ET.SubElement(case, "flakyFailure", message=legal(why), type="rerun")
    if earlier:
        ET.SubElement(case, "system-out").text = "\n".join(map(_summary, earlier))
    return case


def _problem(case: ET.Element, tag: str, last: Attempt | None, outcome: Outcome) -> None:
    """Add the result element to ``case``, with the error of ``last`` if the outcome is that attempt's."""
    if last is None or last.verdict.value != outcome.value:
        ET.SubElement(case, tag, message=_UNFINISHED[outcome], type=outcome.value)
        return
    failed = outcome is Outcome.FAILED
    element = ET.SubElement(case, tag, type=_type(last) if failed else outcome.value)
    element.set("message", _message(last) if last.error or failed else _UNFINISHED[outcome])
    element.text = legal(last.detail or last.error or "")


def _missing(absent: int, planned: int) -> ET.Element:
    case = ET.Element("testcase", classname="uitest.jobs.plan", name="every planned job has a row", time="0.000")
    ET.SubElement(case, "error", message=f"{absent} of {planned} planned jobs are missing", type="missing")
    return case


def _run_error(error: str) -> ET.Element:
    case = ET.Element(
        "testcase", classname="uitest.executors.pytest_session", name="nothing broke outside of the cases", time="0.000"
    )
    ET.SubElement(case, "error", message=legal(error), type="error")
    return case


def _message(attempt: Attempt) -> str:
    return legal(attempt.error or attempt.verdict.value)


def _type(attempt: Attempt) -> str:
    """The exception's name where the error starts with one, else the verdict."""
    match = _EXCEPTION.match(attempt.error or "")
    return legal(match.group()) if match else attempt.verdict.value


def _summary(attempt: Attempt) -> str:
    """An earlier attempt as plain text."""
    head = f"attempt {attempt.number}: {attempt.verdict} after {attempt.duration_s:.2f} s on {attempt.owner}"
    return legal("\n".join(filter(None, [head, attempt.detail or attempt.error or ""])))


def _started_at(run: Run, rows: Iterable[JobRow]) -> float:
    return min((a.started_at for row in rows for a in row.attempts), default=run.started_at)


def _seconds(duration: float) -> str:
    return f"{max(duration, 0.0):.3f}"


def _timestamp(epoch: float) -> str:
    try:
        return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return "1970-01-01T00:00:00"  # a worker's wrong clock must not prevent the report
