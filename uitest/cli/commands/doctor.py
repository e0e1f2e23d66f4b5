"""``uitest doctor``: checks whether the browsers of this machine are ready."""

import warnings

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from uitest.browsers.readiness import examine
from uitest.browsers.settings import Settings
from uitest.cli.settings.options import option, split_names
from uitest.cli.settings.origins import naming
from uitest.compat import features, selenium_waits, xdist_private
from uitest.jobs.outcome import EXIT_BROKEN
from uitest.jobs.plan import check_browsers
from uitest.model import BROWSERS


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
def doctor(browser: tuple[str, ...], grid: str | None, headless: str) -> int:
    """Start each browser headless and show versions, paths, what to install and which versions are not as known.

    Exit code 3 if a browser given with --browser is unusable; without --browser, if none is usable.
    """
    with naming("browser"):
        requested = check_browsers(split_names(browser))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are shown below
        findings = [examine(name, Settings(headless=headless, grid=grid)) for name in requested or BROWSERS]
        selenium_waits.waits_are_known()
        xdist_private.scheduling_is_known()
    table = Table("browser", "state", "version", "program", "driver", box=None)
    for finding in findings:
        state = "[green]ready[/]" if finding.usable else "[red]unusable[/]"
        table.add_row(finding.browser, state, finding.version, escape(finding.binary), escape(finding.driver))
    console = Console(width=1_000)  # paths are not wrapped, so that they can be copied
    console.print(table)
    for finding in findings:
        if finding.advice:
            console.print(f"[red]{finding.browser}[/] {escape(finding.advice)}", highlight=False, soft_wrap=True)
    for text in features.take_warnings():
        console.print(f"[yellow]warning[/] {escape(text)}", highlight=False, soft_wrap=True)
    unusable = [finding for finding in findings if not finding.usable]
    return EXIT_BROKEN if unusable and (requested or len(unusable) == len(findings)) else 0
