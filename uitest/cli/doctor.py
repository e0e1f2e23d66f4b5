"""``uitest doctor``: is this machine ready?"""

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from uitest.browsers.readiness import examine
from uitest.browsers.settings import Settings
from uitest.cli.options import option, split_names
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
    """Start each browser headless and show versions, paths and what to install.

    Exit code 3 if a browser that was asked for is unusable; without --browser, if none is usable.
    """
    asked = check_browsers(split_names(browser))
    findings = [examine(name, Settings(headless=headless, grid=grid)) for name in asked or BROWSERS]
    table = Table("browser", "state", "version", "program", "driver", box=None)
    for found in findings:
        state = "[green]ready[/]" if found.usable else "[red]unusable[/]"
        table.add_row(found.browser, state, found.version, escape(found.binary), escape(found.driver))
    console = Console(width=1_000)  # paths stay whole, whatever the terminal's width, so that they can be copied
    console.print(table)
    for found in findings:
        if found.advice:
            console.print(f"[red]{found.browser}[/] {escape(found.advice)}", highlight=False, soft_wrap=True)
    bad = [found for found in findings if not found.usable]
    return EXIT_BROKEN if bad and (asked or len(bad) == len(findings)) else 0
