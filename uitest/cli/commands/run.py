"""``uitest run``: plans the jobs of modules, creates the run, and runs it to completion."""

import os
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from uitest import extensions, log
from uitest.cli.checks.preflight import (
    check_extensions,
    check_machine,
    check_mask,
    check_places,
    check_reach,
    check_url,
)
from uitest.cli.runs.addresses import without_secrets
from uitest.cli.runs.run_loop import run_to_end
from uitest.cli.settings.options import Seconds, option, split_names, store_option
from uitest.cli.settings.origins import file_settings, naming
from uitest.cli.terminal.words import counted
from uitest.config import (
    DEFAULT_ARTIFACTS,
    DEFAULT_FUNCTION,
    DEFAULT_SITE,
    EXECUTORS,
    RunSettings,
    check_executor,
    source_version,
)
from uitest.errors import RunExists, UsageError
from uitest.executors.attempt import worker_id
from uitest.jobs.plan import check_browsers
from uitest.model import Job, Module
from uitest.plugin.collection.case_discovery import collect_cases, discover_modules
from uitest.run.header import draft, make_header
from uitest.storage.stores import open_store


class NumberOrAuto(click.ParamType):  # type: ignore[type-arg]  # a class without parameters before click 8.4
    """A number from 1 to ``most``, or ``auto`` (0)."""

    name = "N|auto"

    def __init__(self, most: int) -> None:
        self._most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Raises click's usage error for anything else."""
        if value in ("auto", 0):
            return 0
        try:
            number = int(value)
        except ValueError:
            number = 0
        if not 1 <= number <= self._most:
            self.fail(f"{value!r} is neither auto nor a number from 1 to {self._most}", param, ctx)
        return number


class ExecutorName(click.ParamType):  # type: ignore[type-arg]
    """One of uitest's own executors, or one of an installed package."""

    name = "executor"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Raises click's usage error for a name that nobody has."""
        if value not in EXECUTORS and value not in (others := extensions.names(extensions.EXECUTORS)):
            self.fail(f"{value!r} is not one of {', '.join(map(repr, (*EXECUTORS, *others)))}.", param, ctx)
        return str(value)


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
    type=ExecutorName(),
    metavar="[local|lambda|stepfunctions|NAME]",
    help="How attempts are made to happen: on this machine, each in an AWS Lambda function, or so by Step Functions; "
    "or the NAME of one that another package brings along.",
)
@option("--workers", type=NumberOrAuto(256), default="auto", show_default=True, help="Cases at the same time (local).")
@option(
    "--function",
    default=DEFAULT_FUNCTION,
    show_default=True,
    metavar="NAME",
    help="Name or ARN of the Lambda function (lambda).",
)
@option("--state-machine", metavar="ARN", help="ARN of the state machine (stepfunctions).")
@option(
    "--max-concurrency",
    type=click.IntRange(1, 10_000),
    default=RunSettings.max_concurrency,
    show_default=True,
    metavar="N",
    help="Invocations at the same time (lambda, stepfunctions).",
)
@option(
    "--max-starts-per-second",
    type=Seconds(),
    metavar="N",
    help="Invocations that start in a second, to protect the site under test (lambda).  [default: no limit]",
)
@option(
    "--cases-per-invocation",
    type=NumberOrAuto(1_000),
    default=RunSettings.cases_per_invocation,
    show_default=True,
    help="Cases that share an invocation; auto: about 30 s of them (lambda, stepfunctions).",
)
@option("--reuse-browser", is_flag=True, help="Keep a browser for the next invocation in its environment (lambda).")
@option(
    "--retries",
    type=click.IntRange(0, 10),
    default=0,
    show_default=True,
    help="Further attempts for a case that failed.",
)
@option(
    "--case-timeout",
    type=Seconds(zero=True),
    metavar="S",
    help="Seconds one case may take, 0 for no limit.  [default: 120]",
)
@option("--timeout", type=Seconds(), metavar="S", help="Seconds the whole run may take.")
@option("--max-failures", type=click.IntRange(0), default=0, metavar="N", help="Stop after so many failed cases.")
@option("--failed-first", is_flag=True, help="Begin with the cases that did not end green last time.")
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
@option("--site-url", metavar="URL", help="Where people see the pages, for links to them.  [default: --site]")
@option(
    "--junit",
    default=".uitest/junit.xml",
    show_default=True,
    metavar="FILE",
    help="JUnit file of the whole run.",
)
@option("--topic", metavar="ARN", help="SNS topic that is told of the run's end.")
@option(
    "--metrics",
    metavar="NAMESPACE",
    help="Print the outcome at the end as lines from which CloudWatch Logs makes metrics in this namespace.",
)
@option(
    "--run-id",
    metavar="ID",
    help="Name of the run.  [default: CODEBUILD_BUILD_ID, else one that sorts by time]",
)
@option("--insecure", is_flag=True, help="Accept any certificate of the site under test, in browsers too.")
@option("--no-url-check", is_flag=True, help="Do not ask the site under test for an answer before the run.")
@option("--grid", metavar="URL", help="Run the browsers on a remote Selenium Grid.")
@option("--headed", is_flag=True, help="Show the browsers' windows.")
@option(
    "--headless",
    type=click.Choice(["shell", "new"]),
    help="The small headless Chrome, or the full browser without a window.  [default: shell]",
)
@option(
    "--commands",
    type=click.Choice(["direct", "driver"]),
    help="Whether Chrome's plain commands are answered without chromedriver.  [default: direct]",
)
@option(
    "--screenshot",
    type=click.Choice(["on", "only-on-failure", "off"]),
    help="When to take one.  [default: only-on-failure]",
)
@option(
    "--trace",
    type=click.Choice(["on", "retain-on-failure", "off"]),
    help="Record every command, with pages and screenshots between.  [default: off]",
)
@option(
    "--mask",
    multiple=True,
    metavar="VARIABLE",
    help="Environment variable whose value is hidden in everything that is kept; repeatable or comma-separated.",
)
@option(
    "--reporter",
    multiple=True,
    metavar="NAME",
    help="A reporter that another package brings along; repeatable or comma-separated.",
)
@option(
    "--lease",
    type=Seconds(),
    default=RunSettings.lease,
    show_default=True,
    metavar="S",
    help="Seconds after which a worker that says nothing has lost its case.",
)
@option("--fail-on-flaky", is_flag=True, help="Exit with 1 when a case passed only after a failure.")
@option("--profile", is_flag=True, help="Say at the end where the time went.")
@option("--dry-run", is_flag=True, help="Show the plan, check that its cases exist, run nothing.")
def run(
    modules: tuple[str, ...],
    url: str | None,
    browser: tuple[str, ...],
    mask: tuple[str, ...],
    reporter: tuple[str, ...],
    store: str,
    run_id: str | None,
    dry_run: bool,
    **options: Any,
) -> int:
    """Run modules (default: all) and exit with a code for their outcome.

    Where the module table is empty, each case file is a module, and each name of a mark module("name").

    Exit codes: 0 all passed, flaky or skipped; 1 a case failed; 2 wrong use or bad input; 3 errors, lost or
    unfinished jobs; 130 interrupted.
    """
    names = modules or named_modules(click.get_current_context())
    with naming("browser"):
        engines = check_browsers(split_names(browser))
    commit, branch = source_version(os.environ)
    configured = file_settings(click.get_current_context())
    settings = RunSettings(
        **options,
        section=configured.section if configured is not None else None,
        mask=",".join(split_names(mask)) or None,
        reporter=",".join(split_names(reporter)) or None,
        commit=commit,
        branch=branch,
    )
    with naming("mask"):
        check_mask(settings, os.environ)
    log.hide(settings.secrets(os.environ, url))
    check_executor(settings, store)
    with naming("cases"):
        if (dry_run or settings.executor == "local") and not Path(settings.cases).exists():
            raise UsageError(f"the cases folder {settings.cases!r} does not exist; say where it is with --cases DIR")
    with naming("store"):
        opened = open_store(store)
    try:
        secrets = settings.secrets(os.environ)
        table = opened.modules() or _discovered(settings.cases, secrets)
        with naming("modules", None if modules else "UITEST_MODULES"):
            chosen, plan = draft(table, names, engines)
        if dry_run:
            return _show_plan(plan, settings.cases, secrets)
        with naming("url"):
            address = check_url(url)
        with naming("run_id", None if run_id else "CODEBUILD_BUILD_ID"):
            header = make_header(
                run_id or os.environ.get("CODEBUILD_BUILD_ID") or new_run_id(time.time()),
                address, chosen, plan, settings, time.time(), store=store, coordinator=worker_id(),
            )  # fmt: skip
        with naming("grid"):
            check_machine(settings, header.browsers)
        with naming("url"):
            check_reach(settings, address)
        check_places(settings)
        check_extensions(settings)
        try:
            opened.create_run(without_secrets(header, settings.secrets(os.environ, address)), plan)
        except RunExists as exc:
            raise UsageError(f"{exc}; give each run a name of its own with --run-id") from exc
        return run_to_end(opened, store, header)
    finally:
        opened.close()


def _discovered(cases: str, secrets: Sequence[str]) -> list[Module]:
    """The modules of the case files, for an empty module table; says so. Raises UsageError if there are none."""
    with naming("cases"):
        try:
            modules = discover_modules(cases, secrets)
        except UsageError as exc:
            raise UsageError(f"the module table is empty, and {exc}") from exc
    size = f"{counted(len(modules), 'module')} with {counted(sum(len(m.cases) for m in modules), 'case')}"
    click.echo(f"Discovered {size} in {cases} (the module table is empty)")
    return modules


def named_modules(context: click.Context) -> tuple[str, ...]:
    """The modules that the variable names, or else the configuration file."""
    variable, settings = os.environ.get("UITEST_MODULES"), file_settings(context)
    if variable:
        return split_names((variable,))
    return split_names(tuple(settings.values.get("modules", ()))) if settings is not None else ()


def new_run_id(now: float) -> str:
    """An id that sorts by time: UTC to the second, and four random hex digits."""
    return time.strftime("%Y%m%d-%H%M%S", time.gmtime(now)) + "-" + secrets.token_hex(2)


def _show_plan(plan: list[Job], cases: str, secrets: Sequence[str]) -> int:
    missing = sorted(set(collect_cases(cases, secrets).missing(job.case for job in plan)))
    title = f"{counted(len(plan), 'job')}; nothing was run"
    table = Table("module", "case", "browser", "", title=title, title_justify="left")
    for job in plan:
        table.add_row(
            escape(job.module),
            escape(job.case),
            job.browser,
            "[red]no such case[/]" if job.case in missing else "",
        )
    Console(emoji=False).print(table)
    if missing:
        raise UsageError(f"no case {', '.join(map(repr, missing))} in {cases!r}; correct the modules or the case ids")
    return 0
