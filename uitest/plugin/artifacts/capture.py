"""Captures the state of a failed case: screenshot, page source, address, console, requests of the page.

Each of these is captured separately, with a short timeout; one that fails becomes a warning in the report and never
changes the verdict. The requests are those in the page's performance timeline, which costs nothing until a case fails
and works in every engine. Trade-off: requests of earlier pages, headers and bodies are not captured.
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

COMMAND_TIMEOUT_S = 5.0
"""Timeout of each command of a capture."""
COMMAND_TIMEOUT_AFTER_HANG_S = 2.0
"""The same after a case that hung, mostly because its page does."""


REQUESTS = """
const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
return all.slice(-500).map(e => [Math.round(e.startTime), Math.round(e.duration), e.responseStatus || 0,
    e.transferSize || 0, e.initiatorType, e.name]);
"""


@dataclass
class Capture:
    """Captured files by name, and warnings about those that failed."""

    files: dict[str, bytes] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    url: str | None = None
    console: list[str] = field(default_factory=list)

    def warn(self, text: str) -> None:
        """Warn of a file that is missing; where an error is being handled its traceback goes to the log."""
        self.warnings.append(text)
        LOGGER.warning("%s", text, exc_info=sys.exc_info()[0] is not None)

    def add(self, other: "Capture", number: int) -> None:
        """Add the capture of the case's browser ``number``; file names of further browsers get the number."""
        for name, data in other.files.items():
            stem, dot, suffix = name.partition(".")
            self.files[name if number == 1 else f"{stem}-{number}{dot}{suffix}"] = data
        whose = "" if number == 1 else f"browser {number}: "
        self.warnings += [whose + warning for warning in other.warnings]
        self.console += [whose + line for line in other.console]
        self.url = self.url or other.url

    def mask(self, secrets: Sequence[str]) -> None:
        """Mask these secrets and passwords in addresses, in all texts."""
        self.files = {
            name: masked(data.decode(errors="replace"), secrets).encode(errors="replace") if is_text(name) else data
            for name, data in self.files.items()
        }
        self.warnings = [masked(warning, secrets) for warning in self.warnings]
        self.console = [masked(line, secrets) for line in self.console]
        self.url = masked(self.url, secrets) if self.url else None


CAPTURES = pytest.StashKey[list[Capture]]()
"""The captures of a case in a run."""


def is_text(name: str) -> bool:
    """Whether a file is text, by its name."""
    return name.endswith((".log", ".txt"))


def capture(
    driver: "WebDriver", console: Callable[[], list[str]], *, screenshot: bool, page: bool, hung: bool = False
) -> Capture:
    """Capture a screenshot, and with ``page`` also source, address, requests and console. Never raises."""
    from uitest.browsers.process.http_client import command_timeout

    captured = Capture()
    with command_timeout(driver, COMMAND_TIMEOUT_AFTER_HANG_S if hung else COMMAND_TIMEOUT_S):
        if page:
            # First, as it does not come from the page and works while a dialog is open.
            captured.console = _attempt(captured, "console", console) or []
            if captured.console:
                captured.files["console.log"] = ("\n".join(captured.console) + "\n").encode(errors="replace")
            captured.url = _attempt(captured, "address", lambda: driver.current_url)
        if screenshot:
            shot = _attempt(captured, "screenshot", driver.get_screenshot_as_png)
            if shot:
                captured.files["screenshot.png"] = shot
        if page:
            network = _attempt(captured, "network log", lambda: driver.execute_script(REQUESTS))
            if network:
                captured.files["network.log"] = network_log(network).encode(errors="replace")
            source = _attempt(captured, "page source", lambda: driver.page_source)
            if source:
                # Stored as text, so that a stranger's page does not run when somebody opens it.
                captured.files["page.html.txt"] = source.encode(errors="replace")
    return captured


def network_log(requests: Sequence[Sequence[Any]]) -> str:
    """A line for each request of ``REQUESTS``, in order of their start."""
    lines = [f"{'began':>9} {'took':>9} {'status':>6} {'bytes':>9} kind"]
    for began, duration, status, size, kind, url in sorted(requests, key=lambda request: request[0]):
        lines.append(f"{began:6} ms {duration:6} ms {status or '-':>6} {size:>9} {kind:<14} {url}")
    return "\n".join(lines) + "\n"


def _attempt(captured: Capture, name: str, take: Callable[[], Any]) -> Any:
    from selenium.common.exceptions import UnexpectedAlertPresentException, WebDriverException
    from urllib3.exceptions import HTTPError

    if any("hangs" in warning for warning in captured.warnings):
        return None
    try:
        try:
            return take()
        except UnexpectedAlertPresentException:
            return take()  # the first command has closed the dialog
    except HTTPError as exc:
        captured.warn(f"no {name}: the browser hangs or is gone ({type(exc).__name__})")
    except (WebDriverException, BrowserError, OSError) as exc:
        lines = str(getattr(exc, "msg", None) or exc).strip().splitlines()
        captured.warn(f"no {name}: {lines[0] if lines else type(exc).__name__}")
    return None
