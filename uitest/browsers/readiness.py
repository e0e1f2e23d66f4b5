"""Checks whether browsers are ready, by starting each as a run would."""

import logging
import shutil
from dataclasses import dataclass

from selenium.common.exceptions import WebDriverException
from urllib3.exceptions import HTTPError

from uitest import browsers, log
from uitest.browsers.process import discovery
from uitest.browsers.settings import Settings
from uitest.errors import UitestError

LOGGER = logging.getLogger(__name__)

PAGE = "data:text/html,<title>uitest</title>"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result for one browser."""

    browser: str
    usable: bool
    version: str = ""
    binary: str = ""
    driver: str = ""
    advice: str = ""


def examine(name: str, settings: Settings) -> Finding:
    """Start the browser, load a page as a case would, and end it. Never raises for a missing or broken browser.

    Afterwards the caches for later starts are filled.
    """
    binary, driver = _paths(name, settings)
    try:
        started = browsers.start(name, settings)
    except Exception as exc:  # any error, so that the other browsers are checked as well
        LOGGER.info("%s does not start", name, exc_info=True)
        return Finding(name, False, binary=binary, driver=driver, advice=f"does not start: {_error_text(exc)}")
    try:
        served = browsers.serve(name, settings, started)
        shown = served.open() if served is not None else started
        shown.get(PAGE)
        if shown.title != "uitest":
            return Finding(name, False, binary=binary, driver=driver, advice="started, but shows no page")
        capabilities = started.capabilities
        version = str(capabilities.get("browserVersion", ""))
    except Exception as exc:
        LOGGER.info("%s started, but fails", name, exc_info=True)
        return Finding(name, False, binary=binary, driver=driver, advice=f"started, but fails: {_error_text(exc)}")
    finally:
        # It may have ended already.
        with log.suppress(LOGGER, f"{name} could not be ended", WebDriverException, HTTPError, OSError):
            started.quit()
    return Finding(name, True, version, binary, driver)


def _error_text(exc: Exception) -> str:
    """The message of an error, with its class if it is not one of ours."""
    if isinstance(exc, UitestError):
        return str(exc)
    return f"{type(exc).__name__}: {getattr(exc, 'msg', None) or exc}".strip()


def _paths(name: str, settings: Settings) -> tuple[str, str]:
    if settings.grid is not None:
        return settings.grid, settings.grid
    try:
        selenium_options = browsers.options(name, settings)
        binary = str(getattr(selenium_options, "binary_location", ""))
    except UitestError:
        binary = ""
    try:
        driver = discovery.driver(name)
    except UitestError:
        driver = ""
    return shutil.which(binary) or binary, driver
