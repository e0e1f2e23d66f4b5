"""``uitest browsers``: lists the browsers that pytest sessions with ``--keep-browser`` have left, and ends them."""

import json
from typing import Any

import click

from uitest.browsers.sessions.kept_browsers import KeptBrowsers
from uitest.errors import BrowserError


@click.command()
@click.option("--end", is_flag=True, help="End them.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def browsers(end: bool, as_json: bool) -> None:
    """List the browsers that wait for the next pytest session (--keep-browser), or end them.

    A browser that a session is using is not listed.
    """
    try:
        kept = KeptBrowsers.open()
    except OSError as exc:
        raise BrowserError(f"kept browsers cannot be looked for: {exc.strerror}: {exc.filename}") from exc
    browsers = list(kept.shown())
    if as_json:
        click.echo(json.dumps(browsers, indent=2))
    elif browsers:
        for browser in browsers:
            click.echo(_line(browser))
    else:
        click.echo("no browser is kept")
    if end:
        ended = 0
        for taken in kept.taken():
            taken.running.stop()
            ended += 1
        if browsers and not as_json:
            click.echo(f"ended {ended} browser{'' if ended == 1 else 's'}")


def _line(browser: dict[str, Any]) -> str:
    """A browser in words."""
    name = " ".join(filter(None, (browser["browser"], browser["version"])))
    idle = browser["idle_s"] / 60
    return (
        f"{name}  idle for {idle:.1f} of {browser['minutes']:g} minutes  process {browser['pid']}  {browser['folder']}"
    )
