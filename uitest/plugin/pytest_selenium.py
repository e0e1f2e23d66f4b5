"""The command line and the settings of pytest-selenium, for suites that were written for it.

What each option does is what it does there; what cannot be had here is refused, with what to use instead. Where
pytest-selenium is installed itself, its options are its own and nothing here is asked.
"""

import contextlib
import importlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from uitest.errors import UsageError
from uitest.jobs.plan import check_browsers
from uitest.model import BROWSERS
from uitest.plugin.options import REMOTE, browser_names, value

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
"""What pytest-selenium's --driver takes and ours does not, and why."""

DRIVERS = {"chrome": "UITEST_CHROMEDRIVER", "firefox": "UITEST_GECKODRIVER", "webkit": "UITEST_WEBKITWEBDRIVER"}
"""The variable that says where an engine's driver is."""


def engines(config: pytest.Config) -> tuple[str, ...]:
    """The engines asked for. Raises UsageError for an unknown one and for those of pytest-selenium that are refused."""
    names = browser_names(config)
    for name in names:
        if name in REFUSED:
            raise UsageError(f"--driver {name} is not supported: {REFUSED[name]}")
    return check_browsers([_remote_engine(config) if name == REMOTE else name for name in names])


def _remote_engine(config: pytest.Config) -> str:
    name = str(capabilities(config).get("browserName", "")).lower()
    if name in BROWSERS:
        return name
    asked = f"--capability browserName {name} is none of these" if name else "it does not say which browser"
    raise UsageError(f"--driver Remote needs --capability browserName chrome, firefox or webkit: {asked}")


def capabilities(config: pytest.Config) -> dict[str, Any]:
    """Capabilities from pytest-variables and the command line, the latter last. Raises UsageError."""
    variables = sys.modules.get("pytest_variables.plugin")
    known: Mapping[str, Any] = config.stash.get(variables.variables_key, {}) if variables is not None else {}
    found = dict(known.get("capabilities", {}))
    for given in value(config, "capability", []):
        name, text = given.partition("=")[::2] if isinstance(given, str) else given
        found[name] = _parsed(name, text)
    return found


def _parsed(name: str, text: str) -> Any:
    """A capability's value: true, false, objects and lists as JSON has them, everything else as it is."""
    if text not in ("true", "false") and text[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except ValueError as exc:
        raise UsageError(f"--capability {name} {text} is not valid JSON: {exc}") from exc


def check(config: pytest.Config, chosen: Sequence[str]) -> None:
    """Raises UsageError for values that are wrong, before anything starts."""
    capabilities(config)
    if value(config, "variables"):
        raise UsageError("--variables needs the package pytest-variables: pip install pytest-variables")
    listener = value(config, "event-listener")
    if listener and not listener.rpartition(".")[0]:
        raise UsageError(f"--event-listener {listener} is no class; it takes MODULE.CLASS")
    path = value(config, "driver-path")
    if path and not os.access(path, os.X_OK):
        raise UsageError(f"--driver-path {path} is no program; leave it out to have the driver found")
    if path and len(chosen) != 1:
        raise UsageError(
            f"--driver-path is for one browser, and there are {', '.join(chosen)}: set "
            f"{' and '.join(DRIVERS[name] for name in chosen)} instead"
        )


@contextlib.contextmanager
def driver_path(config: pytest.Config, chosen: Sequence[str]) -> Iterator[None]:
    """Have the driver of --driver-path used in the block, as if its variable named it."""
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
    """The driver, wrapped where --event-listener names a class. Raises UsageError if there is no such class."""
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
