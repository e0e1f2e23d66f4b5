"""Shows the progress of a run: a live line on a terminal, plain lines elsewhere."""

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.text import Text

from uitest.jobs.outcome import UNFINISHED, count, fold, is_excused
from uitest.model import Attempt, Job, JobRow, Outcome, Run, Verdict

if TYPE_CHECKING:
    from uitest.reporting.site.sections import Section

STYLES = {
    "passed": "green",
    "flaky": "yellow",
    "skipped": "cyan",
    "quarantined": "yellow",
    "failed": "bold red",
    "error": "bold magenta",
    "lost": "bold magenta",
    "cancelled": "dim",
    "running": "blue",
    "not_started": "dim",
}


def counts_text(counts: dict[str, int]) -> Text:
    """Counts as one coloured line: ``12 passed, 1 failed``."""
    parts = [Text(f"{number} {name.replace('_', ' ')}", STYLES[name]) for name, number in counts.items()]
    return Text(", ").join(parts) if parts else Text("no jobs")


class Terminal(Console):
    """Standard error or output; when nothing can be written to it, the command goes on.

    Its reader may have left (``uitest run 2>&1 | head``), or the disk may be full.
    """

    def __init__(self, *, stderr: bool = True) -> None:
        # A case id such as ":heart:" must not become an emoji.
        super().__init__(stderr=stderr, emoji=False)

    def print(self, *objects: Any, **options: Any) -> None:
        """Print; turns the console off where writing fails."""
        try:
            super().print(*objects, **options)
        except OSError:
            self.on_broken_pipe()

    def on_broken_pipe(self) -> None:
        """Turn the console off; rich itself would exit the process and so end the run."""
        self.quiet = True
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, self.file.fileno())
        os.close(null)


SHOWN = 20
"""Number of jobs listed at the end of a run; the page has all of them."""


def show_jobs(console: Console, sections: "Iterable[Section]") -> None:
    """Print the jobs of a finished run in their sections, each up to a limit."""
    left = SHOWN
    for section in sections:
        if section.heading:
            console.print(f"[bold]{section.heading}[/]", highlight=False)
        for job in section.jobs[:left]:
            _show_job(console, job.row, job.outcome, job.note)
        if len(section.jobs) > left:
            console.print(f"… and {len(section.jobs) - left} more")
        left = max(left - len(section.jobs), 0)


def _show_job(console: Console, row: JobRow, outcome: Outcome, note: str) -> None:
    error = row.attempts[-1].error if row.attempts else None
    remark = "  ".join(filter(None, [error, f"({note})" if note else ""]))
    style, word = STYLES[outcome], outcome.value.replace("_", " ")
    console.print(
        f"[{style}]{word:11}[/] {escape(f'{row.job.module} / {row.job.case}')} · {row.job.browser}"
        + (f"  [dim]{escape(remark)}[/]" if remark else ""),
        highlight=False, soft_wrap=True,
    )  # fmt: skip


class Progress:
    """Prints every attempt as it ends; on a terminal also a status line below."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._printed: dict[str, int] = {}
        self._live: Live | None = None
        self._started = False

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Print the attempts that ended since the last call."""
        if not self._started:
            # Attempts from before a resume are not printed again.
            self._printed = {row.job.key: len(row.attempts) for row in rows}
            self._started = True
        if self._live is None and self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=8, transient=True)
            self._live.start()
        for row in rows:
            for attempt in row.attempts[self._printed.get(row.job.key, 0) :]:
                self._print_attempt(run, row.job, attempt)
            self._printed[row.job.key] = len(row.attempts)
        if self._live is not None:
            self._live.update(self._line(run, rows, now))

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Print the last attempts and remove the status line."""
        self.update(run, rows, now)
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _print_attempt(self, run: Run, job: Job, attempt: Attempt) -> None:
        shown = Outcome.QUARANTINED if is_excused(attempt, job, run) else attempt.verdict
        again = f" (attempt {attempt.number})" if attempt.number > 1 else ""
        line = Text.assemble(
            (f"{shown.value:9}", STYLES[shown.value]),
            f" {job.module} / {job.case}",
            (f" · {job.browser}", "dim"),
            f" {attempt.duration_s:.1f} s{again}",
        )
        self._console.print(line, soft_wrap=True)
        if attempt.verdict in (Verdict.FAILED, Verdict.ERROR) and attempt.error:
            self._console.print(f"          {escape(attempt.error)}", style="dim", soft_wrap=True, highlight=False)

    def _line(self, run: Run, rows: Sequence[JobRow], now: float) -> Text:
        outcomes = [fold(row, run, now) for row in rows]
        done = sum(outcome not in UNFINISHED for outcome in outcomes)
        width = 30
        filled = width * done // max(1, len(rows))
        bar = Text("━" * filled, "green") + Text("━" * (width - filled), "dim")
        shown = {name: number for name, number in count(outcomes).items() if name != Outcome.NOT_STARTED}
        seconds = int(run.elapsed_s(now))
        return Text.assemble(bar, f" {done}/{len(rows)} · {seconds // 60}:{seconds % 60:02d} · ", counts_text(shown))
