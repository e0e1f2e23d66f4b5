"""``uitest run``: plans the jobs of modules, creates the run, and runs it to completion."""

import os
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource
from rich.markup import escape
from rich.table import Table

from uitest import log, requirements
from uitest.cli.checks import destructive_tests
from uitest.cli.checks.preflight import (
    check_extensions,
    check_machine,
    check_mask,
    check_places,
    check_reach,
    check_url,
)
from uitest.cli.runs.addresses import without_secrets
from uitest.cli.runs.quarantine_rows import file_rows, reminder, with_owners
from uitest.cli.runs.run_loop import run_to_end
from uitest.cli.settings.options import split_names
from uitest.cli.settings.origins import file_settings, naming
from uitest.cli.settings.run_options import run_options
from uitest.cli.terminal.lines import say
from uitest.cli.terminal.words import counted
from uitest.config import (
    RunSettings,
    base_branch,
    check_executor,
    is_foreign_browser,
    source_version,
)
from uitest.errors import RunExists, UsageError
from uitest.executors.attempt import worker_id
from uitest.jobs.plan import check_browsers
from uitest.model import BROWSERS, Job, Module
from uitest.plugin.collection.case_discovery import collect_cases, discover_modules
from uitest.reporting.terminal import Terminal
from uitest.run.header import draft, make_header
from uitest.storage.stores import open_store


@click.command()
@click.argument("modules", nargs=-1, metavar="[MODULE]...")
@run_options
def run(
    modules: tuple[str, ...],
    url: str | None,
    browser: tuple[str, ...],
    mask: tuple[str, ...],
    reporter: tuple[str, ...],
    protected_branches: tuple[str, ...],
    against: str | None,
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
    _mention_foreign_browser(click.get_current_context())
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
        protected_branches=",".join(split_names(protected_branches)) or None,
        commit=commit,
        branch=branch,
        against=against or base_branch(os.environ),
    )
    if settings.executor == "local":
        requirements.check_system()
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
        written = file_rows(click.get_current_context())
        secrets = settings.secrets(os.environ)
        table = opened.modules() or _discovered(settings.cases, secrets)
        with naming("modules", None if modules else "UITEST_MODULES"):
            chosen, plan = draft(table, names, engines)
        stored = opened.quarantine()
        reminders = [
            destructive_tests.reminder(Path(settings.cases), os.environ),
            None if names else reminder(written | {f"store: row {row.id}": row for row in stored}, table),
        ]
        for line in filter(None, reminders):
            say(f"uitest: {line}", err=True)
        if dry_run:
            return _show_plan(plan, settings.cases, secrets)
        with naming("url"):
            address = check_url(url)
        quarantine = with_owners([*written.values(), *stored], table, settings.cases, secrets)
        with naming("run_id", None if run_id else "CODEBUILD_BUILD_ID"):
            header = make_header(
                run_id or os.environ.get("CODEBUILD_BUILD_ID") or new_run_id(time.time()),
                address, chosen, plan, settings, time.time(), quarantine, store=store, coordinator=worker_id(),
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


def _mention_foreign_browser(context: click.Context) -> None:
    """Say that BROWSER is ignored where it names another program's browser and nothing else says which engine."""
    text = os.environ.get("BROWSER", "")
    if context.get_parameter_source("browser") is ParameterSource.DEFAULT and is_foreign_browser(text):
        say(f"uitest: BROWSER={text!r} is ignored: engines are {', '.join(BROWSERS)}", err=True)


def _discovered(cases: str, secrets: Sequence[str]) -> list[Module]:
    """The modules of the case files, for an empty module table; says so. Raises UsageError if there are none."""
    with naming("cases"):
        try:
            modules = discover_modules(cases, secrets)
        except UsageError as exc:
            raise UsageError(f"the module table is empty, and {exc}") from exc
    size = f"{counted(len(modules), 'module')} with {counted(sum(len(m.cases) for m in modules), 'case')}"
    say(f"Discovered {size} in {cases} (the module table is empty)", err=True)
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
    collection = collect_cases(cases, secrets)
    missing = sorted(set(collection.missing(job.case for job in plan)))
    reasons = collection.reasons(job.case for job in plan)
    title = f"{counted(len(plan), 'job')}; nothing was run"
    table = Table("module", "case", "browser", "", title=title, title_justify="left")
    for job in plan:
        problem = "no such case" if job.case in missing else "its file ends pytest" if job.case in reasons else ""
        table.add_row(escape(job.module), escape(job.case), job.browser, f"[red]{problem}[/]" if problem else "")
    Terminal(stderr=False).print(table)
    if missing:
        raise UsageError(f"no case {', '.join(map(repr, missing))} in {cases!r}; correct the modules or the case ids")
    if reasons:
        raise UsageError("; ".join(dict.fromkeys(reasons.values())))
    return 0
