"""Runs a planned run from the command line: executor, reporters, and the summary at its end."""

import os
import shlex
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from uitest import extensions, log
from uitest.cli.runs.addresses import without_secrets
from uitest.cli.runs.executor_factory import make_run_loop
from uitest.cli.terminal.lines import say
from uitest.cli.terminal.words import counted
from uitest.config import DEFAULT_STORE, RunSettings
from uitest.errors import UitestError
from uitest.jobs.outcome import GREEN, count, fold
from uitest.model import Outcome, Run, RunState
from uitest.reporting.publish import JunitReporter, SiteReporter
from uitest.reporting.terminal import Progress, Terminal, counts_text, show_jobs
from uitest.reporting.usage.machine_load import LoadReporter
from uitest.reporting.usage.profile_table import show
from uitest.reporting.usage.time_profile import profile
from uitest.run.finalize import Result
from uitest.run.reporters import Reporter
from uitest.storage.files import open_place
from uitest.storage.stores import Store
from uitest.system.worker_count import Machine

MACHINE = Machine()


def run_to_end(store: Store, spec: str, header: Run) -> int:
    """Run a run to completion with all its reporters, and return its exit code.

    ``header`` has complete addresses; the store has them without secrets.
    """
    settings = RunSettings.from_json(header.settings)
    secrets = settings.secrets(os.environ, header.url)
    log.hide(secrets)
    place, artifacts = open_place(settings.site), open_place(settings.artifacts)
    console = Terminal()
    began = time.time()
    try:
        loop = make_run_loop(store, spec, settings, header, MACHINE, secrets)
        private: list[Reporter] = [Progress(console), *_extended_reporters(settings)]
    except UitestError as exc:  # an extension that is broken: the run can be resumed once that is mended
        store.update_run(header.id, state=RunState.INTERRUPTED, finished_at=time.time(), note=str(exc))
        raise
    url = without_secrets(header, secrets).url
    console.print(
        f"[bold]uitest[/] {counted(header.planned, 'job')} · {', '.join(header.browsers)} · "
        f"{escape(loop.about)} · {escape(url)} · run [bold]{escape(header.id)}[/]",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    site = SiteReporter(place, artifacts.spec, secrets, settings.base_site)
    public: list[Reporter] = [site]
    if settings.executor == "local" and settings.grid is None:
        private.append(LoadReporter(store, loop.workers, MACHINE))
    if settings.junit:
        private.append(JunitReporter.to_file(Path(settings.junit)))
    if settings.topic:
        from uitest.reporting.notify import TopicReporter  # imported late, as it imports the page renderers

        public.append(TopicReporter(settings.topic, settings.site_url or settings.site, store, site))
    if settings.metrics:
        from uitest.reporting.metrics import MetricsReporter

        public.append(MetricsReporter(settings.metrics, say))
    result = loop.run_to_completion(private, public)
    _print_summary(console, result, settings, site)
    if settings.profile:
        show(console, profile(result.rows, loop.workers, began, result.run.finished_at or time.time()))
    return result.exit_code


def _extended_reporters(settings: RunSettings) -> Iterator[Reporter]:
    """The reporters of other packages that the run names. Raises UsageError."""
    for name in filter(None, (settings.reporter or "").split(",")):
        extensions.check(extensions.REPORTERS, name)
        reporter: Reporter = extensions.make(extensions.REPORTERS, name, Reporter)
        yield reporter


def _print_summary(console: Console, result: Result, settings: RunSettings, site: SiteReporter) -> None:
    run, now = result.run, time.time()
    comparison = site.comparison(run, result.rows, now)
    outcomes = [(row, fold(row, run, now)) for row in result.rows]
    not_green = [(row, outcome) for row, outcome in outcomes if outcome not in GREEN]
    console.print()
    show_jobs(console, site.sections(run, result.rows, now))
    if comparison.base.branch:
        console.print(escape(comparison.sentence()), highlight=False, soft_wrap=True)
    console.print(
        counts_text(count(fold(row, run, now) for row in result.rows)), f"in {run.elapsed_s(now):.1f} s", end=""
    )
    console.print(f" · {escape(run.remark)}" if run.remark else "", highlight=False)
    for problem in result.problems:
        console.print(f"[yellow]warning[/] {escape(problem)}", highlight=False)
    if SiteReporter.__name__ not in result.unfinished:
        console.print(f"Status page  {escape(_page(settings))}", highlight=False, soft_wrap=True)
    if settings.junit and JunitReporter.__name__ not in result.unfinished:
        console.print(f"JUnit file   {escape(settings.junit)}", highlight=False, soft_wrap=True)
    name = escape(shlex.quote(run.id))
    store = run.settings.get("store", DEFAULT_STORE)
    if store != DEFAULT_STORE:
        name += escape(f" --store {shlex.quote(store)}")
    unfinished = any(outcome in (Outcome.NOT_STARTED, Outcome.CANCELLED) for _, outcome in not_green)
    if unfinished:
        console.print(f"Continue     uitest resume {name}", highlight=False, soft_wrap=True)
    elif not_green:
        console.print(f"Try again    uitest rerun --failed {name}", highlight=False, soft_wrap=True)


def _page(settings: RunSettings) -> str:
    """The address of the site's home page."""
    if settings.site_url:
        return f"{settings.site_url.rstrip('/')}/index.html"
    return settings.site if "://" in settings.site else Path(settings.site).resolve().joinpath("index.html").as_uri()
