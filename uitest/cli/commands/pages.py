"""``uitest report``, ``serve`` and ``prune``: render, export, serve and delete the pages of stored runs."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path

import click

from uitest.cli.settings.options import chosen_run, option, store_option
from uitest.cli.terminal.words import counted
from uitest.config import DEFAULT_SITE, RETENTION_DAYS, RunSettings
from uitest.errors import PlaceError, UitestError, UsageError
from uitest.model import JobRow, Run, RunState
from uitest.reporting.formats.export import RunExporter
from uitest.reporting.publish import JunitReporter, publish
from uitest.reporting.site import SERVED, Site, artifacts_url, summary_name
from uitest.reporting.web_server import SiteServer
from uitest.short_text import safe_name
from uitest.storage.files import S3Place, open_place
from uitest.storage.stores import Store, open_store
from uitest.templates import SAMPLE_PORT, SAMPLE_URL

DAY_S = 86_400.0


@click.command()
@click.argument("run_id", required=False)
@option("--junit", metavar="FILE", help="Write the JUnit file here too.")
@click.option("--single-file", metavar="FILE", help="Write the run's page as one HTML file that needs no other.")
@click.option("--allure", metavar="DIR", help="Write Allure results into this folder.")
@click.option("--csv", metavar="FILE", help="Write a table with a line for each job.")
@click.option(
    "--markdown", metavar="FILE", help="Write a comment: broken by the change, red without it, fixed, slowest."
)
@option("--against", metavar="BRANCH", help="Compare with the newest run of this branch.  [default: as the run]")
@option("--base-site", metavar="DIR|s3://...", help="Where that branch's runs are.  [default: as the run]")
@store_option
def report(
    run_id: str | None,
    junit: str | None,
    markdown: str | None,
    against: str | None,
    base_site: str | None,
    store: str,
    **forms: str | None,
) -> None:
    """Render the status pages of a run again (default: the newest), and export it in other formats."""
    base = {name: value for name, value in (("against", against), ("base_site", base_site)) if value}
    run = export(store, run_id, {"junit": junit, **forms}, markdown, base)
    click.echo(f"Rendered {run.id} into {RunSettings.from_json(run.settings).site}")


def export(
    store: str,
    run_id: str | None,
    forms: Mapping[str, str | None],
    markdown: str | None = None,
    base: Mapping[str, str] | None = None,
) -> Run:
    """Render the pages of a run and write it in other forms.

    ``forms`` has the path of each form: junit, single_file, codebuild, allure, csv. ``markdown`` is the path of the
    comment. ``base`` has settings that replace those of the run: against, base_site. All forms are tried, also after
    one that cannot be written. Raises UitestError, for several problems PlaceError.
    """
    opened = open_store(store)
    try:
        run = chosen_run(opened, run_id)
        run = replace(run, settings={**run.settings, **(base or {})})
        rows = opened.jobs(run.id)
        exporter, now = RunExporter(run, rows), time.time()
        steps: list[Callable[[], None]] = [
            partial(publish, opened, run, RunSettings.from_json(run.settings), now),
            *(_form(exporter, form, Path(path), run, rows) for form, path in forms.items() if path),
        ]
        if markdown:
            steps.append(partial(exporter.markdown, Path(markdown)))
        problems = [problem for step in steps if (problem := _problem_of(step)) is not None]
    finally:
        opened.close()
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise PlaceError("; ".join(map(str, problems)))
    return run


def _form(exporter: RunExporter, form: str, path: Path, run: Run, rows: Sequence[JobRow]) -> Callable[[], None]:
    """What writes a run in a form."""
    if form == "junit":
        return partial(JunitReporter.to_file(path).finish, run, rows, time.time())
    return partial(getattr(exporter, form), path)


def _problem_of(step: Callable[[], None]) -> UitestError | None:
    try:
        step()
    except UitestError as exc:
        return exc
    return None


@click.command()
@option(
    "--site",
    default=DEFAULT_SITE,
    show_default=True,
    metavar="DIR|s3://...",
    help="Where the status pages are.",
)
@click.option("--port", type=click.IntRange(0, 65_535), help="TCP port.  [default: a free one]")
@click.option("--sample", is_flag=True, help=f"Serve the sample page instead, a site to try cases on: {SAMPLE_URL}")
def serve(site: str, port: int | None, sample: bool) -> None:
    """Serve the status pages on this machine (127.0.0.1) until Ctrl-C."""
    if sample:
        with (
            as_file(files("uitest.templates") / "sample") as folder,
            SiteServer(folder, port=SAMPLE_PORT if port is None else port) as server,
        ):
            click.echo(f"Serving the sample page at {server.url}  (Ctrl-C ends it)")
            server.wait()
    place = open_place(site)
    if isinstance(place, S3Place):
        place.read("index.html")  # reports a wrong bucket or a missing permission here, not in the browser
    with SiteServer(place if isinstance(place, S3Place) else Path(site), port=port or 0, policy=SERVED) as server:
        click.echo(f"Serving {site} at {server.url}  (Ctrl-C ends it)")
        server.wait()


@click.command()
@click.option(
    "--keep-days",
    type=click.FloatRange(0, 100_000, clamp=False),
    default=RETENTION_DAYS,
    show_default=True,
    metavar="N",
    help="Keep runs that started in the last N days.",
)
@option("--dry-run", is_flag=True, help="Only say what would go.")
@store_option
def prune(keep_days: float, dry_run: bool, store: str) -> None:
    """Delete older runs with their pages and artifacts."""
    opened = open_store(store)
    try:
        now = time.time()
        if math.isnan(keep_days):
            raise UsageError("--keep-days takes a number of days, not 'nan'")
        old = [run for run in opened.runs() if run.started_at < now - keep_days * DAY_S]
        old = [run for run in old if run.state is not RunState.RUNNING]
        for run in old:
            click.echo(f"{'would delete' if dry_run else 'deleting'} {run.id}")
            if not dry_run:
                _delete(opened, run)
        if old and not dry_run:
            for settings in {(s.site, s.artifacts) for s in (RunSettings.from_json(run.settings) for run in old)}:
                site = open_place(settings[0])
                Site(site, artifacts_url(site.spec, settings[1])).home(now)
        click.echo(f"{counted(len(old), 'run')} {'would go' if dry_run else 'deleted'}")
    finally:
        opened.close()


def _delete(store: Store, run: Run) -> None:
    """Delete a run, files first: while the run is listed, an interrupted deletion can be repeated."""
    settings = RunSettings.from_json(run.settings)
    open_place(settings.artifacts).delete(f"{safe_name(run.id)}/")
    site = open_place(settings.site)
    site.delete(f"runs/{safe_name(run.id)}/")
    site.delete(summary_name(run.id))
    store.delete_run(run.id)
