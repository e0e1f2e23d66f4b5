"""``uitest status``, ``report``, ``serve`` and ``prune``: looking at what was kept, and letting go of it."""

import json
import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from uitest.cli.options import option, store_option
from uitest.config import DEFAULT_SITE, RunSettings
from uitest.errors import UnknownRun, UsageError
from uitest.model import JobRow, Run, RunState, safe_name
from uitest.outcome import count, fold, history
from uitest.places import open_place
from uitest.publish import JunitReporter, publish
from uitest.render import Site, artifacts_url
from uitest.reporters.progress import STYLES, counts_text
from uitest.stores import Store, open_store
from uitest.web import SiteServer

DAY_S = 86_400.0


def _chosen(store: Store, run_id: str | None) -> Run:
    if run_id is not None:
        return store.run(run_id)
    newest = store.runs(limit=1)
    if not newest:
        raise UnknownRun("there are no runs yet; start one with: uitest run --url URL")
    return newest[0]


@click.command()
@click.argument("run_id", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the run as JSON.")
@store_option
def status(run_id: str | None, as_json: bool, store: str) -> None:
    """Show a run, the newest when none is named."""
    opened = open_store(store)
    try:
        run = _chosen(opened, run_id)
        rows = opened.jobs(run.id)
    finally:
        opened.close()
    now = time.time()
    if as_json:
        click.echo(json.dumps(describe(run, rows, now), indent=2, ensure_ascii=False))
        return
    console = Console()
    table = Table("module", "case", "browser", "outcome", "attempts", "time")
    for row in rows:
        outcome = fold(row, run, now)
        took = sum(attempt.duration_s for attempt in row.attempts)
        table.add_row(
            escape(row.job.module), escape(row.job.case), row.job.browser,
            f"[{STYLES[outcome]}]{outcome.value.replace('_', ' ')}[/]", str(row.attempt), f"{took:.1f} s",
        )  # fmt: skip
    console.print(f"[bold]{escape(run.id)}[/] · {run.state.value} · {escape(run.url)}", highlight=False)
    console.print(table)
    console.print(counts_text(count(fold(row, run, now) for row in rows)))
    if run.note:
        console.print(escape(run.note))


def describe(run: Run, rows: list[JobRow], now: float) -> dict[str, Any]:
    """A run as scripts read it (the contract of ``status --json``)."""
    return {
        "run": run.id,
        "state": run.state.value,
        "url": run.url,
        "planned": run.planned,
        "note": run.note,
        "counts": count(fold(row, run, now) for row in rows),
        "jobs": [
            {
                "module": row.job.module,
                "case": row.job.case,
                "browser": row.job.browser,
                "outcome": fold(row, run, now).value,
                "attempts": len(history(row, now)),
                "duration_s": round(sum(attempt.duration_s for attempt in row.attempts), 3),
                "error": row.attempts[-1].error if row.attempts else None,
            }
            for row in rows
        ],
    }


@click.command()
@click.argument("run_id", required=False)
@option("--junit", metavar="FILE", help="Write the JUnit file here too.")
@store_option
def report(run_id: str | None, junit: str | None, store: str) -> None:
    """Render the status pages of a run again, the newest when none is named."""
    opened = open_store(store)
    try:
        run = _chosen(opened, run_id)
        settings = RunSettings.from_json(run.settings)
        publish(opened, run, settings.site, settings.artifacts, time.time())
        if junit:
            JunitReporter(Path(junit)).finish(run, opened.jobs(run.id), time.time())
    finally:
        opened.close()
    click.echo(f"Rendered {run.id} into {settings.site}")


@click.command()
@option("--site", default=DEFAULT_SITE, show_default=True, metavar="DIR", help="Folder with the status pages.")
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="TCP port.  [default: a free one]")
def serve(site: str, port: int) -> None:
    """Serve the status pages on this machine (127.0.0.1) until Ctrl-C."""
    if "://" in site:
        raise UsageError(f"{site} is not a folder; pages in S3 are served by CloudFront, see the README")
    with SiteServer(Path(site), port=port) as server:
        click.echo(f"Serving {site} at {server.url}  (Ctrl-C ends it)")
        server.wait()


@click.command()
@click.option(
    "--keep-days",
    type=click.FloatRange(min=0),
    required=True,
    metavar="N",
    help="Keep runs that started in the last N days.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@store_option
def prune(keep_days: float, dry_run: bool, store: str) -> None:
    """Delete older runs with their pages and artifacts."""
    opened = open_store(store)
    try:
        now = time.time()
        old = [run for run in opened.runs() if run.started_at < now - keep_days * DAY_S]
        old = [run for run in old if run.state is not RunState.RUNNING]
        for run in old:
            click.echo(f"{'would delete' if dry_run else 'deleting'} {run.id}")
            if not dry_run:
                _forget(opened, run)
        if old and not dry_run:
            for settings in {(s.site, s.artifacts) for s in (RunSettings.from_json(run.settings) for run in old)}:
                site = open_place(settings[0])
                Site(site, artifacts_url(site.spec, settings[1])).home(opened.runs(), now)
        click.echo(f"{len(old)} runs {'would go' if dry_run else 'deleted'}")
    finally:
        opened.close()


def _forget(store: Store, run: Run) -> None:
    """Files first: a run that is still listed can be pruned again, files without a run are found by nobody."""
    settings = RunSettings.from_json(run.settings)
    open_place(settings.artifacts).delete(f"{safe_name(run.id)}/")
    open_place(settings.site).delete(f"runs/{safe_name(run.id)}/")
    store.delete_run(run.id)
