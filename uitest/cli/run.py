"""``uitest run``, ``rerun``, ``resume`` and ``cancel``."""

import os
import secrets
import shlex
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from uitest.attempt import Assignment, worker_id
from uitest.browsers import locate
from uitest.cli.options import option, seconds, split_names, store_option
from uitest.collect import collect_cases
from uitest.config import DEFAULT_ARTIFACTS, DEFAULT_SITE, DEFAULT_STORE, RunSettings, source_version
from uitest.coordinator import Coordinator, Reporter, Result, take_over
from uitest.errors import BrowserError, RunExists, UsageError
from uitest.executors import Executor
from uitest.executors.local import LocalExecutor, LocalSettings
from uitest.model import Job, Outcome, Run, RunState
from uitest.outcome import GREEN, count, fold
from uitest.places import open_place
from uitest.plan import check_browsers, check_id, choose, make_plan
from uitest.publish import JunitReporter, SiteReporter
from uitest.reporters.progress import STYLES, Progress, Terminal, counts_text
from uitest.stores import Store, open_store

REACH_S = 10.0
SHOWN = 20
"""Failures listed at the end of a run; the page has them all."""


class Workers(click.ParamType[int]):
    """A number of workers, or ``auto`` (0)."""

    name = "N|auto"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Raises click's usage error for other words."""
        if value in ("auto", 0):
            return 0
        try:
            number = int(value)
        except ValueError:
            number = 0
        if not 1 <= number <= 256:
            self.fail(f"{value!r} is neither auto nor a number from 1 to 256", param, ctx)
        return number


@click.command()
@click.argument("modules", nargs=-1, metavar="[MODULE]...")
@option("--url", help="Where the site under test is.  [required]")
@option(
    "--browser",
    multiple=True,
    metavar="NAME",
    default=("chrome",),
    help="chrome, firefox or webkit; repeatable or comma-separated.  [default: chrome]",
)
@option("--cases", default="cases", show_default=True, metavar="DIR", help="Folder with the case files.")
@option(
    "--executor",
    default="local",
    show_default=True,
    type=click.Choice(["local"]),
    help="How attempts are made to happen.",
)
@option("--workers", type=Workers(), default="auto", show_default=True, help="Cases that run at the same time.")
@option(
    "--retries",
    type=click.IntRange(0, 10),
    default=0,
    show_default=True,
    help="Further attempts for a case that failed.",
)
@option(
    "--case-timeout",
    type=click.FloatRange(min=0),
    metavar="S",
    help="Seconds one case may take, 0 for no limit.  [default: 120]",
)
@option("--timeout", type=seconds(), metavar="S", help="Seconds the whole run may take.")
@option("--max-failures", type=click.IntRange(0), default=0, metavar="N", help="Stop after so many failed cases.")
@store_option
@option(
    "--artifacts",
    default=DEFAULT_ARTIFACTS,
    show_default=True,
    metavar="DIR|s3://...",
    help="Where screenshots and logs go.",
)
@option(
    "--site",
    default=DEFAULT_SITE,
    show_default=True,
    metavar="DIR|s3://...",
    help="Where the status pages go.",
)
@option(
    "--junit",
    default=".uitest/junit.xml",
    show_default=True,
    metavar="FILE",
    help="JUnit file of the whole run.",
)
@option(
    "--run-id",
    metavar="ID",
    help="Name of the run.  [default: CODEBUILD_BUILD_ID, else one that sorts by time]",
)
@option("--grid", metavar="URL", help="Run the browsers on a remote Selenium Grid.")
@option("--headed", is_flag=True, help="Show the browsers' windows.")
@option(
    "--headless",
    type=click.Choice(["shell", "new"]),
    help="The small headless Chrome, or the full browser without a window.  [default: shell]",
)
@option(
    "--screenshot",
    type=click.Choice(["on", "only-on-failure", "off"]),
    help="When to take one.  [default: only-on-failure]",
)
@option("--fail-on-flaky", is_flag=True, help="Exit with 1 when a case passed only after a failure.")
@click.option("--dry-run", is_flag=True, help="Show the plan, check that its cases exist, run nothing.")
def run(
    modules: tuple[str, ...],
    url: str | None,
    browser: tuple[str, ...],
    store: str,
    run_id: str | None,
    dry_run: bool,
    **words: Any,
) -> int:
    """Run modules (all of them when none is named) and exit with what became of them.

    Exit codes: 0 all passed, flaky or skipped; 1 a case failed; 2 wrong use or bad input; 3 errors, lost or
    unfinished jobs; 130 interrupted.
    """
    names = modules or split_names((os.environ.get("UITEST_MODULES", ""),))
    engines = check_browsers(split_names(browser))
    commit, branch = source_version(os.environ)
    settings = RunSettings(**words, commit=commit, branch=branch)
    if not Path(settings.cases).exists():
        raise UsageError(f"the cases folder {settings.cases!r} does not exist; say where it is with --cases DIR")
    opened = open_store(store)
    try:
        chosen = choose(opened.modules(), names)
        plan = make_plan(chosen, engines)
        if not plan:
            raise UsageError(f"nothing to run: no case of these modules is meant for {', '.join(engines)}")
        if dry_run:
            return _show_plan(plan, settings.cases)
        header = Run(
            id=check_id("run id", run_id or os.environ.get("CODEBUILD_BUILD_ID") or new_run_id(time.time())),
            url=check_url(url),
            started_at=time.time(),
            state=RunState.RUNNING,
            planned=len(plan),
            modules=tuple(module.name for module in chosen),
            browsers=tuple(dict.fromkeys(job.browser for job in plan)),
            settings={**settings.to_json(), "coordinator": worker_id(), "store": store},
            beat_at=time.time(),
        )
        _check_machine(settings, header.browsers)
        check_places(settings)
        reach(header.url)
        try:
            opened.create_run(header, plan)
        except RunExists as exc:
            raise UsageError(f"{exc}; give each run a name of its own with --run-id") from exc
        return conduct(opened, store, header)
    finally:
        opened.close()


@click.command()
@click.argument("run_id")
@click.option("--failed", is_flag=True, required=True, help="Run again what did not end green; what passed stays.")
@option("--url", help="Another address than the run had.")
@store_option
def rerun(run_id: str, failed: bool, url: str | None, store: str) -> int:  # noqa: ARG001  --failed is there to be said
    """Try again, in the same run, every job that did not pass."""
    opened = open_store(store)
    try:
        before = opened.run(run_id)
        address = check_url(url or before.url)
        now = time.time()
        if all(fold(row, before, now) in GREEN for row in opened.jobs(run_id)) and before.state is RunState.FINISHED:
            Terminal().print(f"Nothing to run again: every job of {escape(run_id)} ended green.")
            return 0
        reach(address)
        check_places(RunSettings.from_json(before.settings))
        header = take_over(opened, run_id, now, layer=before.layer + 1)
        if address != header.url:
            header = opened.update_run(run_id, url=address)
        return conduct(opened, store, header)
    finally:
        opened.close()


@click.command()
@click.argument("run_id")
@store_option
def resume(run_id: str, store: str) -> int:
    """Go on with a run whose coordinator was stopped or died; what was reported stays."""
    opened = open_store(store)
    try:
        header = opened.run(run_id)
        if header.state is RunState.FINISHED:
            raise UsageError(f"run {run_id!r} is over; try what failed again with: uitest rerun {run_id} --failed")
        reach(header.url)
        check_places(RunSettings.from_json(header.settings))
        return conduct(opened, store, take_over(opened, run_id, time.time()))
    finally:
        opened.close()


@click.command()
@click.argument("run_id")
@store_option
def cancel(run_id: str, store: str) -> None:
    """Stop a run: no case starts any more, its coordinator ends it."""
    opened = open_store(store)
    try:
        header = opened.run(run_id)
        if header.state in (RunState.FINISHED, RunState.CANCELLED):
            raise UsageError(f"run {run_id!r} is over ({header.state.value}); there is nothing to cancel")
        opened.update_run(run_id, state=RunState.CANCELLED, note="cancelled")
        click.echo(f"Cancelled {run_id}; its coordinator will end it within seconds.")
    finally:
        opened.close()


def check_places(settings: RunSettings) -> None:
    """Prove that site and artifacts can be written before a run is. Raises PlaceError."""
    for spec in (settings.site, settings.artifacts):
        open_place(spec).check()


def conduct(store: Store, spec: str, header: Run) -> int:
    """See a run through with everything that reports on it; its exit code."""
    settings = RunSettings.from_json(header.settings)
    place, artifacts = open_place(settings.site), open_place(settings.artifacts)
    console = Terminal()
    console.print(
        f"[bold]uitest[/] {header.planned} jobs · {', '.join(header.browsers)} · "
        f"{settings.worker_count()} workers · {escape(header.url)} · run [bold]{escape(header.id)}[/]",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    reporters: list[Reporter] = [Progress(console), SiteReporter(store, place, artifacts.spec)]
    if settings.junit:
        reporters.append(JunitReporter(Path(settings.junit)))
    result = Coordinator(store, header, _executor(settings, spec, header), reporters).see_through()
    _tell(console, result, settings)
    return result.exit_code


def _executor(settings: RunSettings, store: str, header: Run) -> Executor:
    words = {
        "case-timeout": settings.case_timeout,
        "grid": settings.grid,
        "headless": settings.headless,
        "screenshot": settings.screenshot,
    }
    options = [f"--uitest-{name}={value}" for name, value in words.items() if value is not None]
    options += ["--uitest-headed"] if settings.headed else []
    return LocalExecutor(
        LocalSettings(settings.cases, header.url, settings.worker_count(), tuple(options)),
        Assignment(header.id, store, settings.artifacts, header.layer, (), settings.case_timeout),
    )


def new_run_id(now: float) -> str:
    """An id that sorts by time: UTC to the second, and four hex digits against a twin."""
    return time.strftime("%Y%m%d-%H%M%S", time.gmtime(now)) + "-" + secrets.token_hex(2)


def check_url(url: str | None) -> str:
    """The address of the site under test without its last slash. Raises UsageError."""
    if not url:
        raise UsageError("say where the site under test is: --url https://... (or UITEST_URL, WebURL)")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{url!r} is no address of a site; it must start with http:// or https://")
    return url.rstrip("/")


def reach(url: str) -> None:
    """Ask the site once. Raises UsageError if nobody answers; any answer will do."""
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "uitest"})  # noqa: S310  checked by check_url
        with urllib.request.urlopen(request, timeout=REACH_S):  # noqa: S310
            return
    except urllib.error.HTTPError:
        return
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "reason", None) or exc
        raise UsageError(f"{url} does not answer ({reason}); is the site running and the address right?") from exc


def _check_machine(settings: RunSettings, engines: tuple[str, ...]) -> None:
    if settings.grid is not None:
        reach(f"{settings.grid.rstrip('/')}/status")
        return
    for engine in engines:
        try:
            locate.check(engine, "headed" if settings.headed else settings.headless or "shell")
        except BrowserError as exc:
            raise UsageError(str(exc)) from exc


def _show_plan(plan: list[Job], cases: str) -> int:
    known = set(collect_cases(cases))
    table = Table("module", "case", "browser", "", title=f"{len(plan)} jobs; nothing was run", title_justify="left")
    for job in plan:
        table.add_row(
            escape(job.module),
            escape(job.case),
            job.browser,
            "" if job.case in known else "[red]no such case[/]",
        )
    Console(emoji=False).print(table)
    missing = sorted({job.case for job in plan} - known)
    if missing:
        raise UsageError(f"no case {', '.join(map(repr, missing))} in {cases!r}; mend the modules or the cases' ids")
    return 0


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
