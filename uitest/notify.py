"""One message when a run ends, to an SNS topic: who subscribes to it need not watch.

The message is plain text, since most subscribers are mailboxes. Given up: a machine-readable one; what scripts want to
know is in the store, and ``uitest status --json`` prints it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from uitest import aws
from uitest.errors import PlaceError
from uitest.masking import masked
from uitest.model import JobRow, Outcome, Run, RunState
from uitest.outcome import GREEN, count, fold
from uitest.render.links import run_folder

SUBJECT_LIMIT = 100
"""Characters; SNS takes ASCII only (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html, read 2026-11)."""
SHOWN = 50
"""Cases that a message names; an ordinary one stays far below the 256 KB that SNS takes."""


def subject(run: Run, counts: Mapping[str, int]) -> str:
    """The verdict in one line of printable ASCII."""
    bad = {name: number for name, number in counts.items() if Outcome(name) not in GREEN}
    is_green = run.state is RunState.FINISHED and not bad and sum(counts.values()) == run.planned
    line = f"uitest: {'green' if is_green else 'not green'}, {words(bad or counts)} - {run.id}"
    return "".join(char if " " <= char <= "~" else "?" for char in line)[:SUBJECT_LIMIT]


def words(counts: Mapping[str, int]) -> str:
    """Counts in one line: ``12 passed, 1 failed``."""
    return ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items()) or "no jobs"


def message(run: Run, rows: Sequence[JobRow], site: str, now: float) -> tuple[str, str]:
    """Subject and text of what is sent; ``site`` is the address of the pages."""
    outcomes = [(row, fold(row, run, now)) for row in rows]
    counts = count(outcome for _, outcome in outcomes)
    bad = [(row, outcome) for row, outcome in outcomes if outcome not in GREEN]
    lines = [
        subject(run, counts),
        "",
        f"Site   {masked(run.url)}",
        f"State  {run.state.value}{f': {run.note}' if run.note else ''}",
        f"Jobs   {words(counts)}",
        f"Page   {site.rstrip('/')}/{run_folder(run.id)}/index.html",
    ]
    if bad:
        lines += ["", *(_told(row, outcome) for row, outcome in bad[:SHOWN])]
    if len(bad) > SHOWN:
        lines.append(f"... and {len(bad) - SHOWN} more")
    return lines[0], "\n".join(lines)


def _told(row: JobRow, outcome: Outcome) -> str:
    error = row.attempts[-1].error if row.attempts else None
    job = row.job
    return f"{outcome.value:11} {job.module} / {job.case} - {job.browser}{f': {error}' if error else ''}"


class TopicReporter:
    """Sends the message when the run has ended."""

    def __init__(self, topic: str, site: str, client: Any = None) -> None:
        """Raises PlaceError."""
        self._topic, self._site = topic, site
        self._resource = aws.Resource("sns", f"SNS topic {topic!r}")
        with aws.translating(PlaceError, self._resource):
            self._client = client or aws.client("sns")

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Nothing: one message for each run."""

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Send it. Raises PlaceError."""
        line, text = message(run, rows, self._site, now)
        with aws.translating(PlaceError, self._resource):
            self._client.publish(TopicArn=self._topic, Subject=line, Message=text)
