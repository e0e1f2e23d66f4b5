"""The plugin's command-line options, as data.

pytest-playwright, pytest-selenium and SeleniumBase also register ``--browser``, ``--headed``, ``--screenshot`` or
``--driver``, and pytest does not start with two options of one name. So every option has a unique long name
(``--uitest-browser``); the short one is added only if it is free after all plugins and conftest files were loaded.
Trade-off: conftest files cannot read our options while they are loaded.
"""

import argparse
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from uitest.browsers.settings import HEADLESS, parse_size
from uitest.errors import UsageError
from uitest.jobs.plan import check_seconds

CASE_TIMEOUT_S = 120.0
KEEP_MINUTES = 10.0
"""How long a kept browser waits for the next session by default."""
MAX_KEEP_MINUTES = 24 * 60
COMMANDS = ("direct", "driver")
SCREENSHOT = ("on", "only-on-failure", "off")
REMOTE = "remote"
"""pytest-selenium's name for a browser on a server."""
SCOPES = ("function", "class", "module", "session")
"""Scopes of a driver, from one test to all."""
TRACE = ("on", "retain-on-failure", "off")


@dataclass(frozen=True)
class Option:
    """One option: its name without dashes, and argparse's arguments."""

    name: str
    kwargs: dict[str, Any]
    aliases: tuple[str, ...] = ()

    @property
    def dest(self) -> str:
        """Name of the value in pytest's configuration."""
        return "uitest_" + self.name.replace("-", "_")

    @property
    def is_flag(self) -> bool:
        """Whether it takes no value."""
        return self.kwargs.get("action") == "store_true"

    def names(self, taken: Collection[str]) -> list[str]:
        """Its names on the command line, without those that others have ``taken``."""
        hidden = self.kwargs["help"] == argparse.SUPPRESS
        short = () if hidden else (f"--{self.name}", *self.aliases)
        return [f"--uitest-{self.name}", *(name for name in short if name not in taken)]


def _seconds(text: str) -> float:
    try:
        return check_seconds(text, zero=True)
    except UsageError as exc:
        raise argparse.ArgumentTypeError(str(exc)) from exc


def _size(text: str) -> tuple[int, int]:
    try:
        return parse_size(text)
    except UsageError as exc:
        raise argparse.ArgumentTypeError(str(exc)) from exc


def _minutes(text: str) -> float:
    """A number of minutes, ``true`` for the default, or ``false`` for none."""
    try:
        minutes = {"true": KEEP_MINUTES, "false": 0.0}.get(text.lower())
        minutes = float(text) if minutes is None else minutes
    except ValueError:
        minutes = -1.0
    if not 0 <= minutes <= MAX_KEEP_MINUTES:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of minutes, 0 to {MAX_KEEP_MINUTES}; write --keep-browser=MINUTES"
        )
    return minutes


OPTIONS = (
    Option(
        "browser",
        {
            "action": "append",
            "metavar": "NAME",
            "help": "chrome, firefox or webkit; repeatable or comma-separated (default: chrome)",
        },
        aliases=("--driver",),
    ),
    Option("headed", {"action": "store_true", "default": None, "help": "show the browser's window"}),
    Option(
        "headless",
        {
            "choices": HEADLESS[:2],
            "help": "shell: the small headless Chrome where installed (default); new: the full browser",
        },
    ),
    Option(
        "window-size",
        {"type": _size, "metavar": "WxH", "help": "size of the window, CSS pixels (default: 1366x768)"},
    ),
    Option("locale", {"metavar": "TAG", "help": "language the page sees, such as de-DE"}),
    Option(
        "commands",
        {
            "choices": COMMANDS,
            "help": "direct: answer Chrome's plain commands without chromedriver (default); driver: send it all",
        },
    ),
    Option(
        "driver-scope",
        {
            "choices": SCOPES,
            "help": "share driver between the tests of a class, a module or the whole session (default: function)",
        },
    ),
    Option(
        "keep-browser",
        {
            "type": _minutes,
            "metavar": "MINUTES",
            "help": "keep browsers for the next session, until they were not used for so many minutes "
            f"({KEEP_MINUTES:.0f} for --keep-browser alone) or the shell ends; not in CI",
        },
    ),
    Option("grid", {"metavar": "URL", "help": "run the browsers on a remote Selenium Grid"}),
    Option("insecure", {"action": "store_true", "default": None, "help": "accept any certificate of the site"}),
    Option(
        "capability",
        {"action": "append", "nargs": 2, "metavar": ("NAME", "VALUE"), "help": "WebDriver capability; repeatable"},
    ),
    Option("driver-path", {"metavar": "FILE", "help": "the program of the browser's driver"}),
    Option("event-listener", {"metavar": "MODULE.CLASS", "help": "listener for Selenium's EventFiringWebDriver"}),
    Option(
        "selenium-host",
        {"metavar": "HOST", "help": "server for --driver Remote (default: localhost)"},
        aliases=("--host",),
    ),
    Option(
        "selenium-port",
        {"type": int, "metavar": "PORT", "help": "its port (default: 4444)"},
        aliases=("--port",),
    ),
    Option(
        "sensitive-url",
        {"metavar": "REGEX", "help": "skip tests without the nondestructive mark where the base URL matches"},
    ),
    Option("variables", {"action": "append", "metavar": "FILE", "help": "needs the package pytest-variables"}),
    Option(
        "case-timeout",
        {
            "type": _seconds,
            "metavar": "S",
            "help": f"seconds one case may take, 0 for no limit (default: {CASE_TIMEOUT_S:.0f})",
        },
    ),
    Option(
        "poll-frequency",
        {
            "type": _seconds,
            "metavar": "S",
            "help": "seconds between two looks of a WebDriverWait (default: 0.05; Selenium's own is 0.5)",
        },
    ),
    Option("screenshot", {"choices": SCREENSHOT, "help": "when to take one (default: only-on-failure)"}),
    Option(
        "trace",
        {"choices": TRACE, "help": "record every command, with pages and screenshots between (default: off)"},
        aliases=("--tracing",),  # --trace is pytest's own
    ),
    Option(
        "mask",
        {
            "action": "append",
            "metavar": "VARIABLE",
            "help": "environment variable whose value is hidden in what is kept; repeatable or comma-separated",
        },
    ),
    Option(
        "artifacts",
        {"metavar": "DIR", "help": "where a failed case leaves its files (default: .uitest/pytest)"},
    ),
    Option("section", {"metavar": "NAME", "help": "use this section of uitest.toml, or of [tool.uitest]"}),
    Option("assignment", {"metavar": "FILE", "help": argparse.SUPPRESS}),
)
