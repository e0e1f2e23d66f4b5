"""A run as Markdown, short enough for a comment on a change: what it broke, what it mended, what was so before.

The same judgement as on the run's page, from the same earlier runs or from those of another branch. Three of them, one
for each engine, fit into one comment of GitHub, which holds 65,536 characters; where one would not, fewer jobs are
listed, and how many more there are is told. The pages have them all.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from uitest.jobs.outcome import GREEN, count, fold, history
from uitest.masking import masked
from uitest.model import JobRow, Outcome, Run
from uitest.reporting.site.history import Past, is_new
from uitest.reporting.site.run import BAD
from uitest.reporting.site.verdict import headline, missing
from uitest.reporting.site.wording import counted, label, say, span

LIMIT = 20_000
"""Characters."""
MOST = (30, 10, 3, 1)
"""Jobs listed of a kind: the most that fit."""
SLOWEST = 5
CELL = 150
"""Characters of a text in a table; escaping can double them."""

_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@-])")
_OUT_OF_LINKS = str.maketrans({"<": "%3C", ">": "%3E", " ": "%20"})


@dataclass(frozen=True)
class Known:
    """What the run is compared with."""

    past: Past
    branch: str | None = None
    """Whose runs these are; None: those that the run's page shows."""


@dataclass(frozen=True)
class _Seen:
    """A job beside what was known of it."""

    row: JobRow
    outcome: Outcome
    strip: str
    usual_s: float | None
    now: float

    @property
    def took_s(self) -> float | None:
        """Of the attempt that passed."""
        return self.row.attempts[-1].duration_s if self.outcome in (Outcome.PASSED, Outcome.FLAKY) else None


def comment(run: Run, rows: Iterable[JobRow], known: Known, now: float, link: str | None = None) -> bytes:
    """UTF-8; ``link`` leads to the run's page, or to whatever shows more of it."""
    past = known.past
    seen = [_Seen(row, fold(row, run, now), past.strip(row.job.key), past.usual_s(row.job.key), now) for row in rows]
    texts = (_text(run, seen, known, now, link, most) for most in MOST)
    text = next((text for text in texts if len(text) <= LIMIT), None) or _text(run, seen, known, now, link, 0)
    return text.encode("utf-8", "replace")


def _text(run: Run, seen: Sequence[_Seen], known: Known, now: float, link: str | None, most: int) -> str:
    counts = count(one.outcome for one in seen)
    verdict, absent = headline(run, counts, now), missing(run, counts)
    about = [f"Run {plain(run.id)}", f"{counted(run.planned, 'job')} planned", say(counts) or "none reported"]
    about += [f"{absent} missing"] if absent else []
    lines = [f"## {verdict.symbol} UI tests: {plain(verdict.word)}", "", f"{', '.join(about)}."]
    lines.append(f"Tested: {plain(masked(run.url))}. {_compared(known)}")
    if link:
        lines += ["", f"[All about it](<{link.translate(_OUT_OF_LINKS)}>)"]
    bad = [one for one in seen if one.outcome in BAD]
    lines += _table("New failures", [one for one in bad if is_new(one.strip)], _failure, most)
    lines += _table("Known failures", [one for one in bad if not is_new(one.strip)], _failure, most)
    lines += _table("Flaky", [one for one in seen if one.outcome is Outcome.FLAKY], _failure, most)
    mended = [one for one in seen if one.outcome is Outcome.PASSED and not is_new(one.strip)]
    lines += _table("Fixed", mended, _job, most)
    open_ended = [one for one in seen if one.outcome not in BAD and one.outcome not in GREEN]
    lines += _table("Without a verdict", open_ended, _job, most)
    slowest = sorted((one for one in seen if one.took_s is not None), key=lambda one: -(one.took_s or 0.0))
    lines += _table("Slowest", slowest[:SLOWEST], _pace, min(most, SLOWEST))
    return "\n".join(lines) + "\n"


def _compared(known: Known) -> str:
    whose = f" of {plain(known.branch)}" if known.branch else ""
    if not known.past.runs:
        return f"There is no earlier run{whose} to compare with, so every failure counts as new."
    return f"Compared with {counted(len(known.past.runs), 'earlier run')}{whose}."


_Columns = dict[str, str]


def _table(title: str, jobs: Sequence[_Seen], columns: Callable[[_Seen], _Columns], most: int) -> list[str]:
    if not jobs:
        return []
    lines = ["", f"### {title}: {len(jobs)}" if title != "Slowest" else "### Slowest"]
    cells = [columns(one) for one in jobs[:most]]
    if cells:
        lines += ["", f"| {' | '.join(cells[0])} |", f"|{'---|' * len(cells[0])}"]
        lines += [f"| {' | '.join(_cell(text) for text in row.values())} |" for row in cells]
    left = len(jobs) - len(cells)
    return [*lines, "", f"and {left} more"] if left and title != "Slowest" else lines


def _job(one: _Seen) -> _Columns:
    job = one.row.job
    return {"module": job.module, "case": job.case, "browser": job.browser, "outcome": label(one.outcome)}


def _failure(one: _Seen) -> _Columns:
    attempts = history(one.row, one.now)
    error = next((attempt.error for attempt in reversed(attempts) if attempt.error), None)
    return {**_job(one), "attempts": str(len(attempts)), "error": error or ""}


def _pace(one: _Seen) -> _Columns:
    took_s, usual_s = one.took_s or 0.0, one.usual_s
    change = "" if not usual_s else f"{(took_s - usual_s) / usual_s:+.0%}"
    job = one.row.job
    return {
        "module": job.module, "case": job.case, "browser": job.browser,
        "took": span(took_s), "usually": span(usual_s), "change": change,
    }  # fmt: skip


def _cell(text: str) -> str:
    text = masked(text)
    return plain(text if len(text) <= CELL else f"{text[: CELL - 1]}…")


def plain(text: str) -> str:
    """``text`` on one line, with a backslash before everything that Markdown or HTML gives a meaning to."""
    return _MEANS_SOMETHING.sub(r"\\\1", " ".join(text.split()))
