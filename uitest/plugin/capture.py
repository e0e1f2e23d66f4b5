"""What is kept of a case that failed: screenshot, page source, address, console.

Each piece is taken for itself, in little time; one that cannot be had is a warning in the report and never
changes the verdict.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from uitest.errors import BrowserError

if TYPE_CHECKING:
    from selenium.webdriver.remote.webdriver import WebDriver

    from uitest.browsers.isolation import Browser

PATIENCE_S = 5.0
"""Seconds each piece may take: a browser that hangs has nothing to show."""
HUNG_S = 2.0
"""The same after a case that hung: mostly because its page does."""


@dataclass
class Capture:
    """Files by name, and what went wrong while they were taken."""

    files: dict[str, bytes] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    url: str | None = None
    console: list[str] = field(default_factory=list)


def capture(driver: "WebDriver", browser: "Browser", *, screenshot: bool, page: bool, hung: bool = False) -> Capture:
    """Take a screenshot, and with ``page`` the source, address and console too. Never raises."""
    from uitest.browsers.client import patience

    taken = Capture()
    with patience(driver, HUNG_S if hung else PATIENCE_S):
        if page:
            # First, and from another channel than the page: it works while a dialog is open.
            taken.console = _piece(taken, "console", lambda: browser.console(driver)) or []
            if taken.console:
                taken.files["console.log"] = ("\n".join(taken.console) + "\n").encode(errors="replace")
            taken.url = _piece(taken, "address", lambda: driver.current_url)
        if screenshot:
            shot = _piece(taken, "screenshot", driver.get_screenshot_as_png)
            if shot:
                taken.files["screenshot.png"] = shot
        if page:
            source = _piece(taken, "page source", lambda: driver.page_source)
            if source:
                # Kept as text: a page of a stranger must not run when somebody looks at a report.
                taken.files["page.html.txt"] = source.encode(errors="replace")
    return taken


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
        taken.warnings.append(f"no {what}: the browser hangs or is gone ({type(exc).__name__})")
    except (WebDriverException, BrowserError, OSError) as exc:
        said = str(getattr(exc, "msg", None) or exc).strip().splitlines()
        taken.warnings.append(f"no {what}: {said[0] if said else type(exc).__name__}")
    return None
