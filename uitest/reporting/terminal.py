"""How a run goes, told to whoever started it: a live line on a terminal, plain lines elsewhere."""

import os
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.text import Text

from uitest.jobs.outcome import UNFINISHED, count, fold
from uitest.model import Attempt, JobRow, Outcome, Run, Verdict

STYLES = {
    "passed": "green",
    "flaky": "yellow",
    "skipped": "cyan",
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
    """Standard error, whose reader may leave (``uitest run 2>&1 | head``) or be full: the run goes on without it."""

    def __init__(self) -> None:
        # Ids are the user's words: ":heart:" is no heart.
        super().__init__(stderr=True, emoji=False)

    def print(self, *objects: Any, **words: Any) -> None:
        """Print, or fall silent where nothing can be written (a full disk)."""
        try:
            super().print(*objects, **words)
        except OSError:
            self.on_broken_pipe()

    def on_broken_pipe(self) -> None:
        """Fall silent; rich would end the process here, and the run with it."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())
        os.close(nowhere)


class Progress:
    """Prints every attempt as it ends; on a terminal a line below says where the run stands."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: dict[str, int] = {}
        self._live: Live | None = None
        self._started = False

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Tell what is new since the last call."""
        if not self._started:
            # A run that is taken up again: what it did before is not news.
            self._told = {row.job.key: len(row.attempts) for row in rows}
            self._started = True
        if self._live is None and self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=8, transient=True)
            self._live.start()
        for row in rows:
            for attempt in row.attempts[self._told.get(row.job.key, 0) :]:
                self._tell(row, attempt)
            self._told[row.job.key] = len(row.attempts)
        if self._live is not None:
            self._live.update(self._line(run, rows, now))

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Tell the last news and leave the terminal as it was."""
        self.update(run, rows, now)
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _tell(self, row: JobRow, attempt: Attempt) -> None:
        job = row.job
        again = f" (attempt {attempt.number})" if attempt.number > 1 else ""
        line = Text.assemble(
            (f"{attempt.verdict.value:9}", STYLES[attempt.verdict.value]),
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
        seconds = int(now - run.started_at)
        return Text.assemble(bar, f" {done}/{len(rows)} · {seconds // 60}:{seconds % 60:02d} · ", counts_text(shown))
