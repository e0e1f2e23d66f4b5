"""Shows the runs of a period by module and browser, for ``uitest status --since``."""

import json
import time
from collections.abc import Iterable

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from uitest.cli.terminal.words import counted
from uitest.jobs.outcome import count
from uitest.model import Outcome, Run
from uitest.reporting.metrics import broken
from uitest.reporting.period import Summary, summarise
from uitest.reporting.site.verdict import is_live
from uitest.storage.stores import Store

MOST_RUNS = 1000
"""Runs of a period that are read, newest first."""


def runs_of_period(store: Store, seconds: float, branch: str | None = None) -> list[Run]:
    """The newest runs that started in the last ``seconds``, of one branch if it is named, newest first."""
    earliest = time.time() - seconds
    runs = [run for run in store.runs(MOST_RUNS) if run.started_at >= earliest]
    return [run for run in runs if branch in (None, run.settings.get("branch"))]


def show_period(store: Store, seconds: float, *, as_json: bool) -> None:
    """Print a summary of the runs that started in the last ``seconds``."""
    now = time.time()
    runs = runs_of_period(store, seconds)
    live = sum(is_live(run, now) for run in runs)
    summaries = summarise(((run, store.jobs(run.id)) for run in runs), now)
    if as_json:
        document = {"runs": len(runs), "running": live, "modules": [_json(summary) for summary in summaries]}
        click.echo(json.dumps(document, indent=2))
        return
    console = Console(emoji=False)
    if not runs:
        console.print("No runs in this period.")
        return
    console.print(_table(summaries))
    running = f", {live} still running" if live else ""
    more = f"; only the newest {MOST_RUNS} are shown" if len(runs) == MOST_RUNS else ""
    console.print(f"{counted(len(runs), 'run')}{running}{more}", highlight=False)


def _table(summaries: Iterable[Summary]) -> Table:
    table = Table(
        "module", "browser", "runs", "success", "flaky", "failed", "broken", "running", "median", "last red run"
    )
    for summary in summaries:
        percent, median_s, running = summary.success_percent, summary.median_s, summary.outcomes[Outcome.RUNNING]
        table.add_row(
            escape(summary.module), summary.browser, str(summary.runs),
            "" if percent is None else f"[{'green' if percent == 100 else 'red'}]{percent:g} %[/]",
            _number(summary.outcomes[Outcome.FLAKY]), _number(summary.outcomes[Outcome.FAILED]),
            _number(broken(summary.outcomes) - running), _number(running),
            "" if median_s is None else f"{median_s:.1f} s", _red(summary.last_red),
        )  # fmt: skip
    return table


def _number(number: int) -> str:
    return str(number) if number else ""


def _red(run: Run | None) -> str:
    if run is None:
        return ""
    return f"{escape(run.id)} ({time.strftime('%Y-%m-%d %H:%M', time.gmtime(run.started_at))} UTC)"


def _json(summary: Summary) -> dict[str, object]:
    return {
        "module": summary.module,
        "browser": summary.browser,
        "runs": summary.runs,
        "counts": count(outcome for outcome, number in summary.outcomes.items() for _ in range(number)),
        "success_percent": summary.success_percent,
        "median_s": summary.median_s,
        "last_red_run": summary.last_red.id if summary.last_red is not None else None,
    }
