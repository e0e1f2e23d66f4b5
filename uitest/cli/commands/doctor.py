"""``uitest doctor``: checks whether the browsers of this machine, or of a Lambda function, are ready."""

import threading
import warnings
from collections.abc import Sequence
from contextlib import closing

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from uitest import requirements
from uitest.browsers.readiness import examine
from uitest.browsers.settings import Settings
from uitest.cli.checks.function_check import try_browser
from uitest.cli.settings.options import option, split_names
from uitest.cli.settings.origins import naming
from uitest.compat import features, selenium_waits, xdist_private
from uitest.errors import UsageError
from uitest.executors.aws.client import LambdaFunction
from uitest.jobs.outcome import EXIT_BROKEN
from uitest.jobs.plan import check_browsers
from uitest.model import BROWSERS

WIDTH = 1_000
"""Paths and messages are not wrapped, so that they can be copied."""


@click.command()
@option(
    "--browser",
    multiple=True,
    metavar="NAME",
    help="Browsers to look at, repeatable or comma-separated.  [default: all]",
)
@option("--grid", metavar="URL", help="Look at the browsers of a Selenium Grid.")
@option(
    "--headless",
    type=click.Choice(["shell", "new"]),
    default="shell",
    show_default=True,
    help="Which headless Chrome.",
)
@click.option(  # not from a variable: a session that runs cases in Lambda has UITEST_FUNCTION
    "--function", metavar="NAME", help="Make a sample case with each browser in this Lambda function, by name or ARN."
)
def doctor(browser: tuple[str, ...], grid: str | None, headless: str, function: str | None) -> int:
    """Start each browser headless and show versions, paths, what to install and which versions are not as known.

    Exit code 3 if a browser given with --browser is unusable; without --browser, if none is usable (with --function, if
    Chrome is not).
    """
    with naming("browser"):
        requested = check_browsers(split_names(browser))
    if function is not None:
        if grid is not None:
            with naming("grid"):
                raise UsageError("--function tries the browsers in Lambda, --grid those of a grid; give one of them")
        return _doctor_function(function, requested)
    requirements.check_system()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are shown below
        findings = [examine(name, Settings(headless=headless, grid=grid)) for name in requested or BROWSERS]
        selenium_waits.waits_are_known()
        xdist_private.scheduling_is_known()
    table = Table("browser", "state", "version", "program", "driver", box=None)
    for finding in findings:
        state = "[green]ready[/]" if finding.usable else "[red]unusable[/]"
        table.add_row(finding.browser, state, finding.version, escape(finding.binary), escape(finding.driver))
    console = Console(width=WIDTH)
    console.print(table)
    for finding in findings:
        if finding.advice:
            console.print(f"[red]{finding.browser}[/] {escape(finding.advice)}", highlight=False, soft_wrap=True)
    for text in features.take_warnings():
        console.print(f"[yellow]warning[/] {escape(text)}", highlight=False, soft_wrap=True)
    unusable = [finding for finding in findings if not finding.usable]
    return EXIT_BROKEN if unusable and (requested or len(unusable) == len(findings)) else 0


def _doctor_function(name: str, requested: Sequence[str]) -> int:
    """Show what works in a Lambda function; the exit code."""
    results = []
    with closing(LambdaFunction(name, threading.Event().wait)) as function:
        for browser in requested or BROWSERS:
            click.echo(f"trying {browser} in Lambda function {name} ...", err=True)
            results.append(try_browser(function, browser))
    table = Table("browser", "in Lambda", "version", "browser start", "case", "invocation", "message", box=None)
    for result in results:
        state = "[green]works[/]" if result.works else "[red]fails[/]"
        durations = [
            "" if seconds is None else f"{seconds:.1f} s"
            for seconds in (result.start_s, result.case_s, result.invocation_s)
        ]
        table.add_row(result.browser, state, result.version, *durations, escape(result.message))
    Console(width=WIDTH).print(table)
    required = requested or ("chrome",)
    return 0 if all(result.works for result in results if result.browser in required) else EXIT_BROKEN
