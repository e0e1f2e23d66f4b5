"""Sends a message to an SNS topic when a run did not end green, and one when it recovers.

A green run after a green one sends nothing. A recovery is judged by module and browser of one branch, site and
executor: a green run is one only if it ran something that had ended red before. These marks are kept in the store like
the records of jobs, with one request to read and one or two to write. They are written after the message, so a recovery
may be sent twice, but is never lost.

The message is plain text, as most subscribers are mailboxes; scripts can use ``uitest status --json``.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from uitest import aws
from uitest.errors import PlaceError
from uitest.jobs.outcome import EXIT_PASSED, GREEN, count, fold, former_quarantine
from uitest.masking import masked
from uitest.model import JobRow, Outcome, Past, Run
from uitest.reporting.publish import SiteReporter
from uitest.reporting.site.links import run_folder
from uitest.reporting.site.sections import ListedJob, Section
from uitest.run.finalize import exit_code_of
from uitest.storage.stores import Store

SUBJECT_LIMIT = 99
"""Characters; SNS wants fewer than 100 of them, without line breaks and control characters
(https://docs.aws.amazon.com/sns/latest/api/API_Publish.html, read 2026-11)."""
BRIEF_LIMIT = 250
"""Characters of a run's one-line summary: CodePipeline puts three of them and an execution's ARN into the message of an
approval, which is limited to 1,000
(https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html, read 2026-11)."""
SHOWN = 50
"""Cases that a message names, which keeps it far below the 256 KB of SNS."""


class News(StrEnum):
    """The topic of a message, as its subject shows it."""

    RED = "not green"
    RECOVERED = "green again"


def news(*, is_green: bool, was_red: bool) -> News | None:
    """The topic of the message about a finished run; None if nothing is to be sent.

    ``was_red``: a module that it ran had ended red before.
    """
    if not is_green:
        return News.RED
    return News.RECOVERED if was_red else None


def marks(run: Run, rows: Iterable[JobRow], now: float) -> dict[str, Past]:
    """Whether each module in each browser ended red, by the key of its record in the store."""
    good = GREEN - {Outcome.FLAKY} if run.settings.get("fail_on_flaky") else GREEN
    series = [run.settings.get("branch"), run.url, run.settings.get("executor")]
    marks: dict[str, Past] = {}
    for row in rows:
        text = json.dumps([*series, row.job.module, row.job.browser])
        key = f"ended~{hashlib.sha256(text.encode()).hexdigest()}"
        is_red = fold(row, run, now) not in good
        marks[key] = Past(None, is_red or (key in marks and marks[key].failed))
    return marks


def subject(about: News, run: Run, counts: Mapping[str, int]) -> str:
    """The subject: one line of printable ASCII, at most ``SUBJECT_LIMIT`` characters."""
    bad = {name: number for name, number in counts.items() if Outcome(name) not in GREEN}
    line = f"uitest: {about.value}, {words(bad or counts)} - {run.id}"
    return _ascii(line)[:SUBJECT_LIMIT]


def brief(run: Run, rows: Iterable[JobRow], now: float) -> str:
    """One line of printable ASCII: counts, then as many failed and flaky jobs as fit into ``BRIEF_LIMIT``."""
    outcomes = [(row, fold(row, run, now)) for row in rows]
    counts = count(outcome for _, outcome in outcomes)
    absent = max(run.planned - len(outcomes), 0)
    summary = ", ".join(
        [words(counts), *([f"{absent} missing"] if absent else []), *([run.remark] if run.remark else [])]
    )
    named = [entry for entry in outcomes if entry[1] not in GREEN] + [
        entry for entry in outcomes if entry[1] is Outcome.FLAKY
    ]
    lines = [
        f"{outcome.value.replace('_', ' ')} {row.job.module}/{row.job.case} in {row.job.browser}"
        + (f" ({former})" if (former := former_quarantine(row, run, now)) else "")
        for row, outcome in named
    ]
    for shown in range(min(len(lines), BRIEF_LIMIT // 10), 0, -1):
        more = f" and {len(lines) - shown} more" if shown < len(lines) else ""
        line = _ascii(f"{summary}: {', '.join(lines[:shown])}{more}")
        if len(line) <= BRIEF_LIMIT:
            return line
    return _ascii(summary if len(summary) <= BRIEF_LIMIT else f"{summary[: BRIEF_LIMIT - 3]}...")


def words(counts: Mapping[str, int]) -> str:
    """Counts in one line: ``12 passed, 1 failed``."""
    return ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items()) or "no jobs"


def message(
    topic: News,
    run: Run,
    rows: Sequence[JobRow],
    site: str,
    now: float,
    sections: Iterable[Section],
    compared: str = "",
) -> tuple[str, str]:
    """Subject and text of the message; ``site`` is the address of the status site.

    ``sections`` has the jobs in the groups of the run's page; ``compared`` says what it is compared with, if anything.
    """
    counts = count(fold(row, run, now) for row in rows)
    lines = [
        subject(topic, run, counts),
        "",
        f"Site   {masked(run.url)}",
        f"State  {run.state.value}{f': {run.remark}' if run.remark else ''}",
        f"Jobs   {words(counts)}",
        f"Page   {site.rstrip('/')}/{run_folder(run.id)}/index.html",
    ]
    if compared:
        lines += ["", compared]
    left = SHOWN
    for section in sections:
        lines += ["", *filter(None, [section.heading]), *map(_line, section.jobs[:left])]
        if len(section.jobs) > left:
            lines.append(f"... and {len(section.jobs) - left} more")
        left = max(left - len(section.jobs), 0)
    return lines[0], "\n".join(lines)


def _ascii(text: str) -> str:
    return "".join(char if " " <= char <= "~" else "?" for char in text)


def _line(listed: ListedJob) -> str:
    job, attempts = listed.row.job, listed.row.attempts
    error = attempts[-1].error if attempts else None
    note = f" ({listed.note})" if listed.note else ""
    return f"{listed.outcome.value:11} {job.module} / {job.case} - {job.browser}{f': {error}' if error else ''}{note}"


class TopicReporter:
    """Sends the message about a finished run."""

    def __init__(self, topic: str, site: str, store: Store, pages: SiteReporter, client: Any = None) -> None:
        """``site`` is the address of the pages, ``store`` keeps which modules ended red. Raises PlaceError."""
        self._topic, self._site, self._store, self._pages = topic, site, store, pages
        self._resource = aws.Resource("sns", f"SNS topic {topic!r}")
        with aws.translating(PlaceError, self._resource):
            self._client = client or aws.client("sns")

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Do nothing: a message is sent only at the end."""

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Send the message if one is due, and store the marks. Raises PlaceError, StoreError."""
        ended = marks(run, rows, now)
        was_red = any(past.failed for past in self._store.past(ended).values())
        about = news(is_green=exit_code_of(run, rows, now) == EXIT_PASSED, was_red=was_red)
        if about:
            comparison = self._pages.comparison(run, rows, now)
            compared = comparison.sentence() if comparison.base.branch else ""
            line, text = message(about, run, rows, self._site, now, self._pages.sections(run, rows, now), compared)
            with aws.translating(PlaceError, self._resource):
                self._client.publish(TopicArn=self._topic, Subject=line, Message=text)
        self._store.remember(ended)
