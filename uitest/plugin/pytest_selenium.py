"""Supports pytest-selenium's command line and settings, for suites that were written for it.

Each option has the same effect as there; unsupported ones are rejected with an alternative. If pytest-selenium itself
is installed, its own options are used and not these.
"""

import contextlib
import importlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from uitest.compat.pytest_variables_private import variables
from uitest.errors import UsageError
from uitest.jobs.plan import check_browsers
from uitest.model import BROWSERS
from uitest.plugin.option_table import REMOTE
from uitest.plugin.options import browser_names, value

REFUSED: Mapping[str, str] = {
    "edge": "it has Chrome's engine: use chrome",
    "ie": "Internet Explorer is no longer made: use chrome, firefox or webkit",
    "safari": "it does not exist for Linux: use webkit, which has its engine",
    "appium": "uitest drives browsers, not devices: shape one with @pytest.mark.browser_options(mobile=...)",
    **dict.fromkeys(
        ("browserstack", "crossbrowsertesting", "saucelabs", "testingbot"),
        "name its server instead: --browser chrome --grid https://USER:KEY@HOST/wd/hub",
    ),
}
"""Values of pytest-selenium's --driver that are rejected, with the alternative."""

DRIVERS = {"chrome": "UITEST_CHROMEDRIVER", "firefox": "UITEST_GECKODRIVER", "webkit": "UITEST_WEBKITWEBDRIVER"}
"""The variable with the path of each engine's driver."""


def engines(config: pytest.Config) -> tuple[str, ...]:
    """The engines given on the command line. Raises UsageError for unknown and rejected ones."""
    names = browser_names(config)
    for name in names:
        if name in REFUSED:
            raise UsageError(f"--driver {name} is not supported: {REFUSED[name]}")
    return check_browsers([_remote_engine(config) if name == REMOTE else name for name in names])


def _remote_engine(config: pytest.Config) -> str:
    name = str(capabilities(config).get("browserName", "")).lower()
    if name in BROWSERS:
        return name
    reason = f"browserName {name} is not one of these" if name else "the browser is not given"
    raise UsageError(f"--driver Remote needs --capability browserName chrome, firefox or webkit: {reason}")


def capabilities(config: pytest.Config) -> dict[str, Any]:
    """Capabilities from pytest-variables and the command line, the latter last. Raises UsageError."""
    result = dict(variables(config).get("capabilities", {}))
    for argument in value(config, "capability", []):
        name, text = argument.partition("=")[::2] if isinstance(argument, str) else argument
        result[name] = _parsed(name, text)
    return result


def _parsed(name: str, text: str) -> Any:
    """A capability's value: true, false, objects and lists are parsed as JSON, everything else is text."""
    if text not in ("true", "false") and text[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except ValueError as exc:
        raise UsageError(f"--capability {name} {text} is not valid JSON: {exc}") from exc


def check(config: pytest.Config, chosen: Sequence[str]) -> None:
    """Raises UsageError for wrong values, before anything starts."""
    capabilities(config)
    if value(config, "variables"):
        raise UsageError("--variables needs the package pytest-variables: pip install pytest-variables")
    listener = value(config, "event-listener")
    if listener and not listener.rpartition(".")[0]:
        raise UsageError(f"--event-listener {listener} is not a class; it takes MODULE.CLASS")
    path = value(config, "driver-path")
    if path and not os.access(path, os.X_OK):
        raise UsageError(f"--driver-path {path} is not an executable; leave the option out to search for the driver")
    if path and len(chosen) != 1:
        raise UsageError(
            f"--driver-path is for one browser, and there are {', '.join(chosen)}: set "
            f"{' and '.join(DRIVERS[name] for name in chosen)} instead"
        )


@contextlib.contextmanager
def driver_path(config: pytest.Config, chosen: Sequence[str]) -> Iterator[None]:
    """Use the driver of --driver-path in the block, by setting its variable."""
    path = value(config, "driver-path")
    if not path:
        yield
        return
    variable = DRIVERS[chosen[0]]
    before = os.environ.get(variable)
    os.environ[variable] = str(Path(path).absolute())
    try:
        yield
    finally:
        if before is None:
            del os.environ[variable]
        else:
            os.environ[variable] = before


def listened(config: pytest.Config, driver: Any) -> Any:
    """The driver, wrapped if --event-listener names a class. Raises UsageError if that cannot be imported."""
    name = value(config, "event-listener")
    if not name:
        return driver
    from selenium.webdriver.support.event_firing_webdriver import EventFiringWebDriver

    module, _, attribute = name.rpartition(".")
    try:
        listener = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as exc:
        raise UsageError(f"--event-listener {name} cannot be imported: {exc}") from exc
    return EventFiringWebDriver(driver, listener())
