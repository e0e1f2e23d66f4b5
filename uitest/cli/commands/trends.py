"""``uitest errors`` and ``uitest flaky``: what the runs of a period have in common."""

import json
import time
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from uitest.cli.settings.options import Decorator, Period, store_option
from uitest.cli.terminal.period import runs_of_period
from uitest.cli.terminal.words import counted
from uitest.model import JobRow, Run
from uitest.reporting.flaky_cases import FlakyCase, flaky_cases
from uitest.reporting.known_errors import KnownError, known_errors
from uitest.storage.stores import open_store

SHOWN = 3
"""Case ids that are shown of an error; ``--json`` has all."""


def _period_options(default: str) -> Decorator:
    """The options of a command about the runs of a period."""

    def add(command: Any) -> Any:
        since = click.option(
            "--since", type=Period(), default=default, show_default=True, metavar="PERIOD",
            help="The runs of the last 90m, 24h, 7d, ...",
        )  # fmt: skip
        branch = click.option("--branch", metavar="NAME", help="Only runs of this branch.")
        as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
        return since(branch(as_json(store_option(command))))

    return add


@click.command()
@_period_options("7d")
def errors(since: float, branch: str | None, as_json: bool, store: str) -> None:
    """List the errors of a period's runs, those that most jobs met first.

    Failures with the same cause are one error, in whichever case, browser and run.
    """
    runs = _read(store, since, branch)
    known = known_errors(runs)
    if as_json:
        click.echo(json.dumps({"runs": len(runs), "errors": [_error_json(error) for error in known]}, indent=2))
        return
    table = Table("error", "cases", "browsers", "runs", "first seen", "last seen")
    for error in known:
        more = len(error.cases) - SHOWN
        cases = [*error.cases[:SHOWN], *([f"and {more} more"] if more > 0 else [])]
        table.add_row(
            escape(error.text), escape("\n".join(cases)), "\n".join(error.browsers), str(len(error.runs)),
            _run(error.runs[-1]), _run(error.runs[0]),
        )  # fmt: skip
    _show(table, runs, counted(len(known), "error"))


@click.command()
@_period_options("30d")
def flaky(since: float, branch: str | None, as_json: bool, store: str) -> None:
    """List the flaky cases of a period's runs, the flakiest first.

    A case is flaky in a run if it passed only after a failure, or failed and was green in another run of the same
    commit. Each suite is counted by itself, as on the home page: of a case and browser its newest 100 finished runs.
    """
    runs = _read(store, since, branch)
    cases = flaky_cases(runs, time.time())
    if as_json:
        click.echo(json.dumps({"runs": len(runs), "flaky": [_flaky_json(case) for case in cases]}, indent=2))
        return
    table = Table("case", "browser", "flaky", "runs", "share", "last flaky run", "its error")
    several = len({case.suite for case in cases}) > 1
    if several:
        table.add_column("suite")
    for case in cases:
        table.add_row(
            escape(case.job.case), case.job.browser, str(len(case.flaky_runs)), str(case.runs),
            f"{case.percent:g} %", _run(case.flaky_runs[0]), escape(case.error or ""),
            *([escape(case.suite)] if several else []),
        )  # fmt: skip
    _show(table, runs, counted(len(cases), "flaky case"))


def _read(store: str, since: float, branch: str | None) -> list[tuple[Run, list[JobRow]]]:
    """The runs of the period with their jobs, newest first."""
    opened = open_store(store)
    try:
        return [(run, opened.jobs(run.id)) for run in runs_of_period(opened, since, branch)]
    finally:
        opened.close()


def _show(table: Table, runs: Sequence[object], total: str) -> None:
    console = Console(emoji=False)
    if table.row_count:
        console.print(table)
    console.print(f"{total} in {counted(len(runs), 'run')}", highlight=False)


def _run(run: Run) -> str:
    """A run's id and date, in UTC, and the start of its commit."""
    commit = str(run.settings.get("commit") or "")[:12]
    return escape(f"{run.id}\n{time.strftime('%Y-%m-%d', time.gmtime(run.started_at))} {commit}".rstrip())


def _error_json(error: KnownError) -> dict[str, object]:
    return {
        "key": error.key,
        "error": error.text,
        "attempts": error.attempts,
        "cases": error.cases,
        "browsers": error.browsers,
        "branches": error.branches,
        "runs": [run.id for run in error.runs],
        "first_run": error.runs[-1].id,
        "last_run": error.runs[0].id,
    }


def _flaky_json(case: FlakyCase) -> dict[str, object]:
    return {
        "suite": case.suite,
        "module": case.job.module,
        "case": case.job.case,
        "browser": case.job.browser,
        "runs": case.runs,
        "flaky_runs": [run.id for run in case.flaky_runs],
        "percent": case.percent,
        "error": case.error,
    }
