"""A run as Markdown, short enough for a comment: verdict, numbers, what is not green."""

import re
from collections.abc import Iterable

from uitest.masking import masked
from uitest.model import JobRow, Outcome, Run
from uitest.outcome import GREEN, count, fold, history

MOST = 50
"""Jobs listed; the pages have them all."""

_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@-])")


def markdown(run: Run, rows: Iterable[JobRow], now: float) -> bytes:
    """UTF-8; jobs that are not green and those that were flaky, worst first, in plan order."""
    found = [(row, fold(row, run, now)) for row in rows]
    counts = count(outcome for _, outcome in found)
    absent = run.planned - len(found)
    numbers = [f"{number} {outcome.replace('_', ' ')}" for outcome, number in counts.items()]
    numbers += [f"{absent} missing"] if absent > 0 else []
    lines = [
        f"## Run {plain(run.id)}: {plain(run.state.value)}",
        "",
        f"{run.planned} jobs planned: {', '.join(numbers) or 'none reported'}. Tested: {plain(masked(run.url))}",
    ]
    review = [(row, outcome) for row, outcome in found if outcome not in GREEN]
    review += [(row, outcome) for row, outcome in found if outcome is Outcome.FLAKY]
    if review:
        lines += ["", "| outcome | module | case | browser | attempts | error |", "|---|---|---|---|--:|---|"]
        lines += [_line(row, outcome, now) for row, outcome in review[:MOST]]
    if len(review) > MOST:
        lines += ["", f"and {len(review) - MOST} more"]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _line(row: JobRow, outcome: Outcome, now: float) -> str:
    attempts = history(row, now)
    error = next((one.error for one in reversed(attempts) if one.error), "")
    job = row.job
    words = (outcome.value.replace("_", " "), job.module, job.case, job.browser, str(len(attempts)), error or "")
    return f"| {' | '.join(plain(masked(word)) for word in words)} |"


def plain(text: str) -> str:
    """``text`` on one line, with a backslash before everything that Markdown or HTML gives a meaning to."""
    return _MEANS_SOMETHING.sub(r"\\\1", " ".join(text.split()))
