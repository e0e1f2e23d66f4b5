"""Seeing a run through from the command line: executor, reporters, and the words at its end."""

import shlex
import time
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from uitest.attempt import Assignment
from uitest.config import DEFAULT_STORE, RunSettings
from uitest.coordinator import Coordinator, Reporter, Result
from uitest.executors import Executor
from uitest.executors.local import LocalExecutor, LocalSettings
from uitest.machine import Load, Machine, choose_workers
from uitest.model import Outcome, Past, Run
from uitest.outcome import GREEN, count, fold
from uitest.places import open_place
from uitest.profile import profile
from uitest.publish import JunitReporter, SiteReporter
from uitest.reporters.load import LoadReporter
from uitest.reporters.profile import show
from uitest.reporters.progress import STYLES, Progress, Terminal, counts_text
from uitest.stores import Store

MACHINE = Machine()

RECENT = 50
"""Runs that are looked at for one like this."""

SHOWN = 20
"""Failures listed at the end of a run; the page has them all."""


def conduct(store: Store, spec: str, header: Run) -> int:
    """See a run through with everything that reports on it; its exit code."""
    settings = RunSettings.from_json(header.settings)
    place, artifacts = open_place(settings.site), open_place(settings.artifacts)
    console = Terminal()
    began = time.time()
    workers, why = _workers(store, settings, header)
    console.print(
        f"[bold]uitest[/] {header.planned} jobs · {', '.join(header.browsers)} · "
        f"{workers} workers{f' ({why})' if why else ''} · {escape(header.url)} · run [bold]{escape(header.id)}[/]",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    reporters: list[Reporter] = [Progress(console), SiteReporter(store, place, artifacts.spec)]
    if settings.grid is None:
        reporters.append(LoadReporter(store, workers, MACHINE))
    if settings.junit:
        reporters.append(JunitReporter(Path(settings.junit)))
    past = store.past(row.job.key for row in store.jobs(header.id))
    result = Coordinator(store, header, _executor(settings, spec, header, workers, past), reporters).see_through()
    _tell(console, result, settings)
    if settings.profile:
        show(console, profile(result.rows, workers, began, result.run.finished_at or time.time()))
    return result.exit_code


def _workers(store: Store, settings: RunSettings, header: Run) -> tuple[int, str]:
    """The number of workers, and why it is not what one would expect."""
    if settings.workers:
        return settings.workers, ""
    cores = MACHINE.cores()
    if settings.grid is not None:  # its browsers are busy elsewhere
        return choose_workers(cores, MACHINE.memory_b(), None)
    measured = (Load.from_json(run.load) for run in store.runs(RECENT) if run.load and run.browsers == header.browsers)
    before = next((load for load in measured if load.cores == cores), None)
    return choose_workers(cores, MACHINE.memory_b(), before)


def _executor(settings: RunSettings, store: str, header: Run, workers: int, past: Mapping[str, Past]) -> Executor:
    words = {
        "case-timeout": settings.case_timeout,
        "grid": settings.grid,
        "headless": settings.headless,
        "commands": settings.commands,
        "screenshot": settings.screenshot,
    }
    options = [f"--uitest-{name}={value}" for name, value in words.items() if value is not None]
    options += ["--uitest-headed"] if settings.headed else []
    return LocalExecutor(
        LocalSettings(
            settings.cases,
            header.url,
            workers,
            tuple(options),
            past=past,
            failed_first=settings.failed_first,
        ),
        Assignment(header.id, store, settings.artifacts, header.layer, (), settings.case_timeout),
    )


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
    took = (run.finished_at or now) - run.started_at
    console.print(counts_text(count(fold(row, run, now) for row in result.rows)), f"in {took:.1f} s", end="")
    console.print(f" · {escape(run.note)}" if run.note else "", highlight=False)
    for problem in result.problems:
        console.print(f"[yellow]warning[/] {escape(problem)}", highlight=False)
    page = settings.site if "://" in settings.site else Path(settings.site).resolve().joinpath("index.html").as_uri()
    console.print(f"Status page  {escape(page)}", highlight=False, soft_wrap=True)
    if settings.junit:
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
