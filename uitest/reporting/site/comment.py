"""Renders a run as Markdown for a comment on a change: what it broke, what is red on its base too, what it mends.

The groups are those of the run's page. Without a base they are new and known failures, fixed and flaky jobs. The text
is limited so that three of them, one for each engine, fit into a GitHub comment of 65,536 characters: tables are
shortened and say how many jobs they leave out.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from uitest.jobs.outcome import GREEN, count, fold, history
from uitest.masking import masked
from uitest.model import JobRow, Outcome, Run
from uitest.reporting.site.comparison import BAD, TITLES, Compared, Comparison
from uitest.reporting.site.history import Past, is_new
from uitest.reporting.site.quarantined import TITLE, Quarantined, quarantined
from uitest.reporting.site.verdict import headline, missing
from uitest.reporting.site.wording import counted, label, say, span

LIMIT = 20_000
"""Characters of a comment."""
ROW_LIMITS = (30, 10, 3, 1)
"""Numbers of jobs listed in each table; the first with which the text fits is used."""
SLOWEST = 5
CELL = 150
"""Characters of a text in a table; escaping can double them."""

_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@-])")
_OUT_OF_LINKS = str.maketrans({"<": "%3C", ">": "%3E", " ": "%20"})


@dataclass(frozen=True)
class Known:
    """The earlier runs of the run's own branch, which a run without a base is compared with."""

    past: Past
    problem: str | None = None
    """Why no earlier run could be read; None if that was possible."""


@dataclass(frozen=True)
class _ComparedJob:
    """A job with its outcome and its history."""

    row: JobRow
    outcome: Outcome
    strip: str
    usual_s: float | None
    compared: Compared | None
    quarantined: Quarantined | None
    """What the quarantine says about it."""
    now: float

    @property
    def took_s(self) -> float | None:
        """Seconds of the attempt that passed; None if none did."""
        return self.row.attempts[-1].duration_s if self.outcome in (Outcome.PASSED, Outcome.FLAKY) else None


def comment(
    run: Run, rows: Iterable[JobRow], comparison: Comparison, known: Known, now: float, link: str | None = None
) -> bytes:
    """The comment in UTF-8; ``link`` leads to the run's page or to its build."""
    past, rows = known.past, list(rows)
    quarantine = quarantined(rows, run, past, now)
    jobs = [
        _ComparedJob(
            row, fold(row, run, now), past.strip(row.job.key), past.usual_s(row.job.key),
            comparison.jobs.get(row.job.key), quarantine.get(row.job.key), now,
        )
        for row in rows
    ]  # fmt: skip
    head = _head(run, jobs, now) + f" {plain(_compared(comparison, known))}"
    if link:
        head += f"\n\n[All about it](<{link.translate(_OUT_OF_LINKS)}>)"
    tables = _groups if comparison.base.run else _news
    texts = ("\n".join([head, *tables(jobs, most), *_rest(jobs, most)]) + "\n" for most in ROW_LIMITS)
    text = next((text for text in texts if len(text) <= LIMIT), None)
    return (text or "\n".join([head, *tables(jobs, 0), *_rest(jobs, 0)]) + "\n").encode("utf-8", "replace")


def _head(run: Run, jobs: Sequence[_ComparedJob], now: float) -> str:
    """Verdict, numbers and the site under test."""
    counts = count(job.outcome for job in jobs)
    verdict, absent = headline(run, counts, now), missing(run, counts)
    about = [f"Run {plain(run.id)}", f"{counted(run.planned, 'job')} planned", say(counts) or "none reported"]
    about += [f"{absent} missing"] if absent else []
    title = f"## {verdict.symbol} UI tests: {plain(verdict.word)}"
    return f"{title}\n\n{', '.join(about)}.\nTested: {plain(masked(run.url))}."


def _rest(jobs: Sequence[_ComparedJob], most: int) -> list[str]:
    """Quarantined jobs, those without a verdict, and the slowest ones."""
    excused = [job for job in jobs if job.quarantined and job.quarantined.is_listed]
    open_ended = [job for job in jobs if job.outcome not in BAD and job.outcome not in GREEN]
    slowest = sorted((job for job in jobs if job.took_s is not None), key=lambda job: -(job.took_s or 0.0))
    pace = _table("Slowest", slowest[:SLOWEST], _pace, min(most, SLOWEST))
    listed = _table(TITLE, excused, _quarantined, most)
    return [*listed, *_table("Without a verdict", open_ended, _job, most), *pace]


def _groups(jobs: Sequence[_ComparedJob], most: int) -> list[str]:
    """The groups of a comparison with the base; in each, what ended badly comes first."""
    lines: list[str] = []
    for group, title in TITLES.items():
        members = [job for job in jobs if job.compared and job.compared.group is group]
        members.sort(key=lambda job: job.outcome not in BAD)
        lines += _table(title, members, _against_base, most)
    return lines


def _news(jobs: Sequence[_ComparedJob], most: int) -> list[str]:
    """New and known failures, flaky and fixed jobs, as far as earlier runs of the branch tell."""
    bad = [job for job in jobs if job.outcome in BAD]
    mended = [job for job in jobs if job.outcome is Outcome.PASSED and not is_new(job.strip)]
    return [
        *_table("New failures", [job for job in bad if is_new(job.strip)], _failure, most),
        *_table("Known failures", [job for job in bad if not is_new(job.strip)], _failure, most),
        *_table("Flaky", [job for job in jobs if job.outcome is Outcome.FLAKY], _failure, most),
        *_table("Fixed", mended, _job, most),
    ]


def _compared(comparison: Comparison, known: Known) -> str:
    """What the run is compared with."""
    if comparison.base.run:
        return comparison.sentence()
    no_base = f"{comparison.sentence()} " if comparison.base.branch else ""
    return no_base + _earlier_runs(known)


def _earlier_runs(known: Known) -> str:
    runs, unread = len(known.past.runs), known.past.unread
    if known.problem:
        return f"Earlier runs cannot be read, so every failure counts as new: {known.problem}."
    if not runs and unread:
        return f"{counted(unread, 'earlier run')} cannot be read, so every failure counts as new."
    if not runs:
        return "There is no earlier run to compare with, so every failure counts as new."
    more = f"; {unread} more cannot be read" if unread else ""
    return f"Compared with {counted(runs, 'earlier run')}{more}."


_Columns = dict[str, str]


def _table(
    title: str, jobs: Sequence[_ComparedJob], columns: Callable[[_ComparedJob], _Columns], most: int
) -> list[str]:
    if not jobs:
        return []
    lines = ["", f"### {title}: {len(jobs)}" if title != "Slowest" else "### Slowest"]
    cells = [columns(job) for job in jobs[:most]]
    if cells:
        lines += ["", f"| {' | '.join(cells[0])} |", f"|{'---|' * len(cells[0])}"]
        lines += [f"| {' | '.join(_cell(text) for text in row.values())} |" for row in cells]
    remaining = len(jobs) - len(cells)
    return [*lines, "", f"and {remaining} more"] if remaining and title != "Slowest" else lines


def _job(compared: _ComparedJob) -> _Columns:
    job = compared.row.job
    return {"module": job.module, "case": job.case, "browser": job.browser, "outcome": label(compared.outcome)}


def _failure(compared: _ComparedJob) -> _Columns:
    attempts = history(compared.row, compared.now)
    error = next((attempt.error for attempt in reversed(attempts) if attempt.error), None)
    over = compared.quarantined.note if compared.quarantined and not compared.quarantined.is_listed else ""
    error_text = "; ".join(filter(None, [error, over]))
    return {**_job(compared), "attempts": str(len(attempts)), "error": error_text}


def _quarantined(compared: _ComparedJob) -> _Columns:
    return {**_failure(compared), "quarantine": compared.quarantined.note if compared.quarantined else ""}


def _against_base(compared: _ComparedJob) -> _Columns:
    return {**_failure(compared), "on the base": compared.compared.note if compared.compared else ""}


def _pace(compared: _ComparedJob) -> _Columns:
    took_s, usual_s = compared.took_s or 0.0, compared.usual_s
    change = "" if not usual_s else f"{(took_s - usual_s) / usual_s:+.0%}"
    job = compared.row.job
    return {
        "module": job.module, "case": job.case, "browser": job.browser,
        "took": span(took_s), "usually": span(usual_s), "change": change,
    }  # fmt: skip


def _cell(text: str) -> str:
    text = masked(text)
    return plain(text if len(text) <= CELL else f"{text[: CELL - 1]}…")


def plain(text: str) -> str:
    """``text`` on one line, with a backslash before everything that is special in Markdown or HTML."""
    return _MEANS_SOMETHING.sub(r"\\\1", " ".join(text.split()))
