"""What is kept of a case that failed: screenshot, page source, address, console, requests of the page.

Each piece is taken for itself, in little time; one that cannot be had is a warning in the report and never
changes the verdict. The requests are those that the page itself remembers, which costs a case nothing until it fails
and works in every engine. Given up: requests of pages before the last one, and headers and bodies.
"""

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from uitest.errors import BrowserError
from uitest.masking import masked

if TYPE_CHECKING:
    from selenium.webdriver.remote.webdriver import WebDriver

LOGGER = logging.getLogger(__name__)

PATIENCE_S = 5.0
"""Seconds each piece may take: a browser that hangs has nothing to show."""
HUNG_S = 2.0
"""The same after a case that hung: mostly because its page does."""


REQUESTS = """
const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
return all.slice(-500).map(e => [Math.round(e.startTime), Math.round(e.duration), e.responseStatus || 0,
    e.transferSize || 0, e.initiatorType, e.name]);
"""


@dataclass
class Capture:
    """Files by name, and what went wrong while they were taken."""

    files: dict[str, bytes] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    url: str | None = None
    console: list[str] = field(default_factory=list)

    def warn(self, text: str) -> None:
        """Warn of a file that is missing; where an error is being handled its traceback goes to the log."""
        self.warnings.append(text)
        LOGGER.warning("%s", text, exc_info=sys.exc_info()[0] is not None)

    def add(self, other: "Capture", number: int) -> None:
        """Take in what was kept of the case's browser of this number; only the first one's names have no number."""
        for name, data in other.files.items():
            stem, dot, suffix = name.partition(".")
            self.files[name if number == 1 else f"{stem}-{number}{dot}{suffix}"] = data
        whose = "" if number == 1 else f"browser {number}: "
        self.warnings += [whose + warning for warning in other.warnings]
        self.console += [whose + line for line in other.console]
        self.url = self.url or other.url

    def mask(self, secrets: Sequence[str]) -> None:
        """Take these and passwords in addresses out of everything that is text."""
        self.files = {
            name: masked(data.decode(errors="replace"), secrets).encode(errors="replace") if is_text(name) else data
            for name, data in self.files.items()
        }
        self.warnings = [masked(warning, secrets) for warning in self.warnings]
        self.console = [masked(line, secrets) for line in self.console]
        self.url = masked(self.url, secrets) if self.url else None


CAPTURES = pytest.StashKey[list[Capture]]()
"""Of a case in a run."""


def is_text(name: str) -> bool:
    """Whether a file's name says that it can be searched."""
    return name.endswith((".log", ".txt"))


def capture(
    driver: "WebDriver", console: Callable[[], list[str]], *, screenshot: bool, page: bool, hung: bool = False
) -> Capture:
    """Take a screenshot, and with ``page`` the source, address and console too. Never raises."""
    from uitest.browsers.process.http_client import command_timeout

    taken = Capture()
    with command_timeout(driver, HUNG_S if hung else PATIENCE_S):
        if page:
            # First, and from another channel than the page: it works while a dialog is open.
            taken.console = _piece(taken, "console", console) or []
            if taken.console:
                taken.files["console.log"] = ("\n".join(taken.console) + "\n").encode(errors="replace")
            taken.url = _piece(taken, "address", lambda: driver.current_url)
        if screenshot:
            shot = _piece(taken, "screenshot", driver.get_screenshot_as_png)
            if shot:
                taken.files["screenshot.png"] = shot
        if page:
            network = _piece(taken, "network log", lambda: driver.execute_script(REQUESTS))
            if network:
                taken.files["network.log"] = network_log(network).encode(errors="replace")
            source = _piece(taken, "page source", lambda: driver.page_source)
            if source:
                # Kept as text: a page of a stranger must not run when somebody looks at a report.
                taken.files["page.html.txt"] = source.encode(errors="replace")
    return taken


def network_log(requests: Sequence[Sequence[Any]]) -> str:
    """A line for each request of ``REQUESTS``, in the order in which they began."""
    lines = [f"{'began':>9} {'took':>9} {'status':>6} {'bytes':>9} kind"]
    for began, took, status, size, kind, url in sorted(requests, key=lambda request: request[0]):
        lines.append(f"{began:6} ms {took:6} ms {status or '-':>6} {size:>9} {kind:<14} {url}")
    return "\n".join(lines) + "\n"


def _piece(taken: Capture, what: str, take: Callable[[], Any]) -> Any:
    from selenium.common.exceptions import UnexpectedAlertPresentException, WebDriverException
    from urllib3.exceptions import HTTPError

    if any("hangs" in warning for warning in taken.warnings):
        return None
    try:
        try:
            return take()
        except UnexpectedAlertPresentException:
            return take()  # asking closed the dialog that was in the way
    except HTTPError as exc:
        taken.warn(f"no {what}: the browser hangs or is gone ({type(exc).__name__})")
    except (WebDriverException, BrowserError, OSError) as exc:
        said = str(getattr(exc, "msg", None) or exc).strip().splitlines()
        taken.warn(f"no {what}: {said[0] if said else type(exc).__name__}")
    return None
