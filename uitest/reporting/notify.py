"""One message to an SNS topic when a run ends not green, one when it is green again: who subscribes need not watch.

Green after green is silent. "Again" goes by module and browser of one branch, site and executor: those that a red run
left red, and no others, make the next green run of them a recovery, so that a run of a few modules, or of another
engine beside it, announces nothing that it has not seen. The store remembers them as it does jobs: one request to read,
one or two to write, however many runs there are. Marks are written after the message, so a recovery may be told twice,
but is never lost.

The message is plain text, since most subscribers are mailboxes. Given up: a machine-readable one; what scripts want to
know is in the store, and ``uitest status --json`` prints it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from uitest import aws
from uitest.errors import PlaceError
from uitest.jobs.outcome import EXIT_PASSED, GREEN, count, fold
from uitest.masking import masked
from uitest.model import JobRow, Outcome, Past, Run
from uitest.reporting.site.links import run_folder
from uitest.run.finalize import judge
from uitest.storage.stores import Store

SUBJECT_LIMIT = 100
"""Characters; SNS takes ASCII only (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html, read 2026-11)."""
BRIEF_LIMIT = 250
"""Characters of a run in one line: CodePipeline puts three of them and an execution's ARN into the message of an
approval, which holds 1,000 once its variables are filled in
(https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html, read 2026-11)."""
SHOWN = 50
"""Cases that a message names; an ordinary one stays far below the 256 KB that SNS takes."""


class News(StrEnum):
    """What a message is about, in its subject's words."""

    RED = "not green"
    RECOVERED = "green again"


def news(*, is_green: bool, was_red: bool) -> News | None:
    """What the end of a run is worth telling, if anything; ``was_red``: some of what it ran had ended red before."""
    if not is_green:
        return News.RED
    return News.RECOVERED if was_red else None


def marks(run: Run, rows: Iterable[JobRow], now: float) -> dict[str, Past]:
    """Whether each module in each browser ended red, under the key by which the store remembers it."""
    good = GREEN - {Outcome.FLAKY} if run.settings.get("fail_on_flaky") else GREEN
    series = [run.settings.get("branch"), run.url, run.settings.get("executor")]
    found: dict[str, Past] = {}
    for row in rows:
        text = json.dumps([*series, row.job.module, row.job.browser])
        key = f"ended~{hashlib.sha256(text.encode()).hexdigest()}"
        is_red = fold(row, run, now) not in good
        found[key] = Past(None, is_red or (key in found and found[key].failed))
    return found


def subject(about: News, run: Run, counts: Mapping[str, int]) -> str:
    """The news in one line of printable ASCII."""
    bad = {name: number for name, number in counts.items() if Outcome(name) not in GREEN}
    line = f"uitest: {about.value}, {words(bad or counts)} - {run.id}"
    return _ascii(line)[:SUBJECT_LIMIT]


def brief(run: Run, rows: Iterable[JobRow], now: float) -> str:
    """A run in one line of printable ASCII: counts, then the jobs that failed or were flaky, as many as fit."""
    found = [(row.job, fold(row, run, now)) for row in rows]
    counts = count(outcome for _, outcome in found)
    absent = max(run.planned - len(found), 0)
    told = ", ".join([words(counts), *([f"{absent} missing"] if absent else []), *([run.remark] if run.remark else [])])
    named = [one for one in found if one[1] not in GREEN] + [one for one in found if one[1] is Outcome.FLAKY]
    lines = [f"{outcome.value.replace('_', ' ')} {job.module}/{job.case} in {job.browser}" for job, outcome in named]
    for shown in range(min(len(lines), BRIEF_LIMIT // 10), 0, -1):
        more = f" and {len(lines) - shown} more" if shown < len(lines) else ""
        line = _ascii(f"{told}: {', '.join(lines[:shown])}{more}")
        if len(line) <= BRIEF_LIMIT:
            return line
    return _ascii(told if len(told) <= BRIEF_LIMIT else f"{told[: BRIEF_LIMIT - 3]}...")


def words(counts: Mapping[str, int]) -> str:
    """Counts in one line: ``12 passed, 1 failed``."""
    return ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items()) or "no jobs"


def message(about: News, run: Run, rows: Sequence[JobRow], site: str, now: float) -> tuple[str, str]:
    """Subject and text of what is sent; ``site`` is the address of the pages."""
    outcomes = [(row, fold(row, run, now)) for row in rows]
    counts = count(outcome for _, outcome in outcomes)
    bad = [(row, outcome) for row, outcome in outcomes if outcome not in GREEN]
    lines = [
        subject(about, run, counts),
        "",
        f"Site   {masked(run.url)}",
        f"State  {run.state.value}{f': {run.remark}' if run.remark else ''}",
        f"Jobs   {words(counts)}",
        f"Page   {site.rstrip('/')}/{run_folder(run.id)}/index.html",
    ]
    if bad:
        lines += ["", *(_told(row, outcome) for row, outcome in bad[:SHOWN])]
    if len(bad) > SHOWN:
        lines.append(f"... and {len(bad) - SHOWN} more")
    return lines[0], "\n".join(lines)


def _ascii(text: str) -> str:
    return "".join(char if " " <= char <= "~" else "?" for char in text)


def _told(row: JobRow, outcome: Outcome) -> str:
    error = row.attempts[-1].error if row.attempts else None
    job = row.job
    return f"{outcome.value:11} {job.module} / {job.case} - {job.browser}{f': {error}' if error else ''}"


class TopicReporter:
    """Tells the topic of a run that has ended, if it is news."""

    def __init__(self, topic: str, site: str, store: Store, client: Any = None) -> None:
        """``store`` remembers what the topic was told. Raises PlaceError."""
        self._topic, self._site, self._store = topic, site, store
        self._resource = aws.Resource("sns", f"SNS topic {topic!r}")
        with aws.translating(PlaceError, self._resource):
            self._client = client or aws.client("sns")

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Nothing: at most one message for each run."""

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Send it. Raises PlaceError, StoreError."""
        ended = marks(run, rows, now)
        was_red = any(past.failed for past in self._store.past(ended).values())
        about = news(is_green=judge(run, rows, now) == EXIT_PASSED, was_red=was_red)
        if about:
            line, text = message(about, run, rows, self._site, now)
            with aws.translating(PlaceError, self._resource):
                self._client.publish(TopicArn=self._topic, Subject=line, Message=text)
        self._store.remember(ended)
