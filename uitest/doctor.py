"""Is this machine ready? Starts each browser as a run would and tells what it found."""

import shutil
from dataclasses import dataclass

from selenium.common.exceptions import WebDriverException

from uitest import browsers
from uitest.browsers import locate
from uitest.browsers.settings import Settings
from uitest.errors import UitestError

PAGE = "data:text/html,<title>uitest</title>"


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one browser."""

    browser: str
    usable: bool
    version: str = ""
    binary: str = ""
    driver: str = ""
    advice: str = ""


def examine(name: str, settings: Settings) -> Finding:
    """Start the browser, load a page, end it. Never raises for a browser that is missing or broken."""
    binary, driver = _paths(name, settings)
    try:
        started = browsers.start(name, settings)
    except UitestError as exc:
        return Finding(name, False, binary=binary, driver=driver, advice=str(exc))
    try:
        started.get(PAGE)
        if started.title != "uitest":
            return Finding(name, False, binary=binary, driver=driver, advice="started, but shows no page")
        found = started.capabilities
        version = str(found.get("browserVersion", ""))
    except WebDriverException as exc:
        return Finding(name, False, binary=binary, driver=driver, advice=f"started, but fails: {exc.msg}")
    finally:
        started.quit()
    return Finding(name, True, version, binary, driver)


def _paths(name: str, settings: Settings) -> tuple[str, str]:
    if settings.grid is not None:
        return settings.grid, settings.grid
    try:
        made = browsers.options(name, settings)
        binary = str(getattr(made, "binary_location", ""))
    except UitestError:
        binary = ""
    try:
        driver = locate.driver(name)
    except UitestError:
        driver = ""
    return shutil.which(binary) or binary, driver
