"""``uitest rerun``, ``resume`` and ``cancel``: commands for existing runs."""

import logging
import os
import time
from dataclasses import replace
from pathlib import Path

import click
from click.core import ParameterSource
from rich.markup import escape

from uitest import config_file, log, requirements
from uitest.cli.checks.preflight import check_extensions, check_places, check_reach, check_url
from uitest.cli.runs.addresses import with_secrets, without_secrets
from uitest.cli.runs.run_loop import run_to_end
from uitest.cli.settings.options import option, store_option
from uitest.cli.settings.origins import file_settings, naming
from uitest.cli.terminal.lines import say
from uitest.config import RunSettings
from uitest.errors import RedRun, RunChanged, UsageError
from uitest.jobs.outcome import GREEN, fold
from uitest.model import Run, RunState
from uitest.reporting.terminal import Terminal
from uitest.run.coordinator import take_over
from uitest.storage.stores import open_store

LOGGER = logging.getLogger(__name__)

NO = ("", "0", "f", "false", "n", "no", "off")
"""Values of a variable for an option that is not set, as click reads them."""


@click.command()
@click.argument("run_id")
@click.option("--failed", is_flag=True, required=True, help="Run again what did not end green; what passed stays.")
@option("--url", help="Another address than the run had, or the same where it holds a password.")
@option("--grid", metavar="URL", help="The run's Selenium Grid again, where its address holds a password.")
@store_option
def rerun(run_id: str, failed: bool, url: str | None, grid: str | None, store: str) -> int:  # noqa: ARG001  --failed is there to be said
    """Try again, in the same run, every job that did not pass."""
    _refuse_dry_run()
    opened = open_store(store)
    try:
        before = opened.run(run_id)
        _choose_section(before)
        with naming("url"):
            address = check_url(url) if url and not _is_from_file("url") else before.url
        now = time.time()
        if all(fold(row, before, now) in GREEN for row in opened.jobs(run_id)) and before.state is RunState.FINISHED:
            if before.error:
                raise RedRun(f"every job of {run_id} ended green, but {before.error}; fix that and start a new run")
            Terminal().print(f"Nothing to run again: every job of {escape(run_id)} ended green.")
            return 0
        header = _checked_header(replace(before, url=address), url, grid)
        taken_over = take_over(opened, run_id, now, layer=before.layer + 1)
        masked_url = without_secrets(header, RunSettings.from_json(header.settings).secrets(os.environ, header.url)).url
        if masked_url != taken_over.url:
            taken_over = opened.update_run(run_id, url=masked_url)
        return run_to_end(opened, store, _with_addresses(taken_over, header))
    finally:
        opened.close()


@click.command()
@click.argument("run_id")
@option("--url", help="The run's address again, where it holds a password.")
@option("--grid", metavar="URL", help="The run's Selenium Grid again, where its address holds a password.")
@store_option
def resume(run_id: str, url: str | None, grid: str | None, store: str) -> int:
    """Continue a run whose coordinator was stopped or died; reported attempts are kept."""
    _refuse_dry_run()
    opened = open_store(store)
    try:
        header = opened.run(run_id)
        if header.state is RunState.FINISHED:
            raise UsageError(f"run {run_id!r} is over; run failed jobs again with: uitest rerun {run_id} --failed")
        _choose_section(header)
        ready = _checked_header(header, url, grid)
        return run_to_end(opened, store, _with_addresses(take_over(opened, run_id, time.time()), ready))
    finally:
        opened.close()


def _refuse_dry_run() -> None:
    """Raise UsageError where the environment asks for a dry run, which only new runs have."""
    value = os.environ.get("UITEST_DRY_RUN", "")
    if value.strip().lower() not in NO:
        name = click.get_current_context().info_name
        raise UsageError(f"UITEST_DRY_RUN={value!r} is set, but uitest {name} has no dry run; unset the variable")


def _is_from_file(parameter: str) -> bool:
    """Whether a parameter's value comes from the configuration file, which is about new runs."""
    return click.get_current_context().get_parameter_source(parameter) is ParameterSource.DEFAULT_MAP


def _choose_section(run: Run) -> None:
    """Choose the section of the configuration file that the run was started with, unless one is chosen already.

    It is for the run's workers: what the command itself reads there is in the run's settings. Says so where the section
    does not exist any more.
    """
    section = RunSettings.from_json(run.settings).section
    chosen = file_settings(click.get_current_context())
    if section is None or (chosen is not None and chosen.section is not None):
        return
    try:
        config_file.choose(config_file.read(Path.cwd()), section)
    except UsageError as exc:
        say(f"uitest: the run was started with --section {section}, and goes on without it: {exc}", err=True)
    else:
        os.environ[config_file.SECTION] = section


def _checked_header(header: Run, url: str | None, grid: str | None) -> Run:
    """The header with complete addresses, after checking system, site and places. Raises UsageError, PlaceError."""
    settings = RunSettings.from_json(header.settings)
    if settings.executor == "local":
        requirements.check_system()
    restored = replace(settings, grid=grid)
    complete = with_secrets(header, restored.secrets(os.environ, url), url, restored.grid)
    with naming("url"):
        check_url(complete.url)
        check_reach(settings, complete.url)
    check_places(settings)
    check_extensions(settings)
    return complete


def _with_addresses(taken_over: Run, ready: Run) -> Run:
    """The header that was taken over, with the complete addresses of ``ready``."""
    return replace(taken_over, url=ready.url, settings={**taken_over.settings, "grid": ready.settings.get("grid")})


@click.command()
@click.argument("run_id")
@store_option
def cancel(run_id: str, store: str) -> None:
    """Stop a run: no further case starts, and its coordinator ends the run."""
    opened = open_store(store)
    try:
        while True:
            header = opened.run(run_id)
            if header.state in (RunState.FINISHED, RunState.CANCELLED):
                raise UsageError(f"run {run_id!r} is over ({header.state.value}); there is nothing to cancel")
            with log.suppress(LOGGER, "the run was changed meanwhile; it may just have ended", RunChanged):
                opened.update_run(run_id, {"state": header.state}, state=RunState.CANCELLED, note="cancelled")
                break
        say(f"Cancelled {run_id}; its coordinator will end it within seconds.")
    finally:
        opened.close()
