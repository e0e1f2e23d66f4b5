"""``uitest status``: shows the outcome of a run as a table, as JSON or in one line."""

import json
import time
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from uitest.cli.settings.options import Period, chosen_run, store_option
from uitest.cli.terminal.period import show_period
from uitest.config import RunSettings
from uitest.errors import UsageError
from uitest.jobs.outcome import count, fold, former_quarantine, history, quarantine_of
from uitest.model import JobRow, Run
from uitest.quarantine import day_of
from uitest.reporting.notify import brief
from uitest.reporting.publish import SiteReporter, site_of
from uitest.reporting.site.comparison import Comparison
from uitest.reporting.terminal import STYLES, counts_text, show_jobs
from uitest.reporting.usage import prices
from uitest.reporting.usage.cost import estimate
from uitest.storage.stores import open_store


@click.command()
@click.argument("run_id", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the run as JSON.")
@click.option("--brief", "is_brief", is_flag=True, help="Print one line: counts, failed and flaky jobs.")
@click.option("--since", type=Period(), metavar="PERIOD", help="Summarise the runs of the last 90m, 24h, 7d, ...")
@store_option
def status(run_id: str | None, as_json: bool, is_brief: bool, since: float | None, store: str) -> None:
    """Show a run (default: the newest), or with --since the runs of a period."""
    if since is not None and (run_id is not None or is_brief):
        raise UsageError("--since is about all runs of a period; leave out " + ("--brief" if is_brief else "the run"))
    opened = open_store(store)
    try:
        if since is not None:
            show_period(opened, since, as_json=as_json)
            return
        run = chosen_run(opened, run_id)
        rows = opened.jobs(run.id)
    finally:
        opened.close()
    now = time.time()
    if as_json:
        compared = _site(run).comparison(run, rows, now) if run.settings.get("against") else None
        click.echo(json.dumps(describe(run, rows, now, compared), indent=2, ensure_ascii=False))
        return
    if is_brief:
        click.echo(brief(run, rows, now))
        return
    console = Console(emoji=False)
    table = Table()
    for column in ("module", "case", "browser", "outcome", "attempts", "time", "error"):
        table.add_column(column, overflow="fold", no_wrap=column not in ("module", "case", "error"))
    for row in rows:
        outcome = fold(row, run, now)
        seconds = sum(attempt.duration_s for attempt in row.attempts)
        error = row.attempts[-1].error if row.attempts else None
        table.add_row(
            escape(row.job.module), escape(row.job.case), row.job.browser,
            f"[{STYLES[outcome]}]{outcome.value.replace('_', ' ')}[/]", str(row.attempt), f"{seconds:.1f} s",
            escape("\n".join(filter(None, [error, former_quarantine(row, run, now)]))),
        )  # fmt: skip
    console.print(f"[bold]{escape(run.id)}[/] · {run.state.value} · {escape(run.url)}", highlight=False)
    console.print(table)
    console.print(counts_text(count(fold(row, run, now) for row in rows)))
    if run.remark:
        console.print(escape(run.remark))
    if run.settings.get("against") or run.quarantine:
        _show_groups(console, run, rows, now)
    cost = estimate(run, rows)
    if cost is not None:
        console.print(
            f"about ${cost.usd:.4f} (an estimate: {cost.requests} requests, {cost.gb_s:.1f} GB-seconds, "
            f"{cost.writes} writes, {cost.transitions} state transitions, at list prices of {prices.AS_OF})",
            highlight=False, soft_wrap=True,
        )  # fmt: skip


def _site(run: Run) -> SiteReporter:
    """What knows the base of a run, and its earlier runs."""
    return site_of(RunSettings.from_json(run.settings))


def _show_groups(console: Console, run: Run, rows: list[JobRow], now: float) -> None:
    """Print what a run is compared with, and the jobs in the groups of its page."""
    site = _site(run)
    comparison = site.comparison(run, rows, now)
    console.print()
    if comparison.base.branch:
        console.print(escape(comparison.sentence()), highlight=False, soft_wrap=True)
    show_jobs(console, [section for section in site.sections(run, rows, now) if section.title])


def describe(run: Run, rows: list[JobRow], now: float, comparison: Comparison | None = None) -> dict[str, Any]:
    """The JSON of ``status --json``, which scripts rely on."""
    comparison = comparison or Comparison()
    base = comparison.base.run
    cost = estimate(run, rows)
    return {
        "run": run.id,
        "state": run.state.value,
        "url": run.url,
        "planned": run.planned,
        "note": run.note,
        "error": run.error,
        "counts": count(fold(row, run, now) for row in rows),
        "cost": cost
        and {
            "estimated_usd": round(cost.usd, 6),
            "requests": cost.requests,
            "gb_s": cost.gb_s,
            "dynamodb_writes": cost.writes,
            "state_transitions": cost.transitions,
            "prices_of": prices.AS_OF,
        },
        "base": base
        and {
            "run": base.id,
            "branch": comparison.base.branch,
            "commit": base.settings.get("commit"),
            "groups": comparison.counts,
        },
        "jobs": [
            {
                "module": row.job.module,
                "case": row.job.case,
                "browser": row.job.browser,
                "outcome": fold(row, run, now).value,
                "attempts": len(history(row, now)),
                "duration_s": round(sum(attempt.duration_s for attempt in row.attempts), 3),
                "peak_mb": max((attempt.peak_mb for attempt in row.attempts if attempt.peak_mb), default=None),
                "error": row.attempts[-1].error if row.attempts else None,
                "group": comparison.jobs[row.job.key].group if row.job.key in comparison.jobs else None,
                "quarantine": _quarantine(row, run, now),
            }
            for row in rows
        ],
    }


def _quarantine(row: JobRow, run: Run, now: float) -> dict[str, Any] | None:
    """The row that excuses a job, or did until it was over."""
    rule = quarantine_of(row, run, now)
    return None if rule is None else {**rule.to_json(), "is_over": rule.is_over(day_of(run.started_at))}
