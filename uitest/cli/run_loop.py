"""Seeing a run through from the command line: executor, reporters, and the words at its end."""

import os
import shlex
import time
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from uitest.cli.addresses import without_secrets
from uitest.cli.executor_factory import make_machinery
from uitest.cli.words import counted
from uitest.config import DEFAULT_STORE, RunSettings
from uitest.jobs.outcome import GREEN, count, fold
from uitest.model import Outcome, Run
from uitest.reporting.machine_load import LoadReporter
from uitest.reporting.profile_table import show
from uitest.reporting.publish import JunitReporter, SiteReporter
from uitest.reporting.terminal import STYLES, Progress, Terminal, counts_text
from uitest.reporting.time_profile import profile
from uitest.run.finalize import Result
from uitest.run.reporters import Reporter
from uitest.storage.files import open_place
from uitest.storage.stores import Store
from uitest.system.worker_count import Machine

MACHINE = Machine()

SHOWN = 20
"""Failures listed at the end of a run; the page has them all."""


def conduct(store: Store, spec: str, header: Run) -> int:
    """See a run through with everything that reports on it; its exit code.

    ``header`` has the addresses whole; the store has them without their secrets.
    """
    settings = RunSettings.from_json(header.settings)
    secrets = settings.secrets(os.environ, header.url)
    place, artifacts = open_place(settings.site), open_place(settings.artifacts)
    console = Terminal()
    began = time.time()
    machinery = make_machinery(store, spec, settings, header, MACHINE, secrets)
    url = without_secrets(header, secrets).url
    console.print(
        f"[bold]uitest[/] {counted(header.planned, 'job')} · {', '.join(header.browsers)} · "
        f"{escape(machinery.about)} · {escape(url)} · run [bold]{escape(header.id)}[/]",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    here: list[Reporter] = [Progress(console)]
    public: list[Reporter] = [SiteReporter(place, artifacts.spec, secrets)]
    if settings.executor == "local" and settings.grid is None:
        here.append(LoadReporter(store, machinery.workers, MACHINE))
    if settings.junit:
        here.append(JunitReporter.to_file(Path(settings.junit)))
    if settings.topic:
        from uitest.reporting.notify import TopicReporter  # with all that renders pages, which few runs want so early

        public.append(TopicReporter(settings.topic, settings.site_url or settings.site, store))
    result = machinery.run_to_completion(here, public)
    _tell(console, result, settings)
    if settings.profile:
        show(console, profile(result.rows, machinery.workers, began, result.run.finished_at or time.time()))
    return result.exit_code


def _tell(console: Console, result: Result, settings: RunSettings) -> None:
    run, now = result.run, time.time()
    bad = [(row, fold(row, run, now)) for row in result.rows]
    bad = [(row, outcome) for row, outcome in bad if outcome not in GREEN]
    console.print()
    for row, outcome in bad[:SHOWN]:
        said = row.attempts[-1].error if row.attempts else None
        style, word = STYLES[outcome], outcome.value.replace("_", " ")
        console.print(
            f"[{style}]{word:11}[/] {escape(f'{row.job.module} / {row.job.case}')} · {row.job.browser}"
            + (f"  [dim]{escape(said)}[/]" if said else ""),
            highlight=False, soft_wrap=True,
        )  # fmt: skip
    if len(bad) > SHOWN:
        console.print(f"… and {len(bad) - SHOWN} more")
    took = max(0.0, (run.finished_at or now) - run.started_at)
    console.print(counts_text(count(fold(row, run, now) for row in result.rows)), f"in {took:.1f} s", end="")
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
    unfinished = any(outcome in (Outcome.NOT_STARTED, Outcome.CANCELLED) for _, outcome in bad)
    if unfinished:
        console.print(f"Go on with   uitest resume {name}", highlight=False, soft_wrap=True)
    elif bad:
        console.print(f"Try again    uitest rerun --failed {name}", highlight=False, soft_wrap=True)


def _page(settings: RunSettings) -> str:
    """Where to look at the site."""
    if settings.site_url:
        return f"{settings.site_url.rstrip('/')}/index.html"
    return settings.site if "://" in settings.site else Path(settings.site).resolve().joinpath("index.html").as_uri()
