"""Records the scripts (atoms) that chromedriver runs in pages, and caches them.

An element's visible text and the choice of an option in a drop-down are computed by long scripts of chromedriver, whose
results can only be reproduced by running them. They are recorded with the browser's debugger while chromedriver runs
them. That takes a third of a browser's start, so they are cached for each version of chromedriver and Chrome.

Self-check: ``self_check`` compares what direct commands answer, with these scripts, with what is known of a page.
Fallback: a command whose script could not be taken, and all commands where that comparison fails, go to chromedriver.
``python -m bench shortcuts`` measures what direct commands are worth.
"""

import json
import logging
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.remote.webdriver import WebDriver

from uitest import log
from uitest.browsers.cdp.page_session import ECHO
from uitest.browsers.cdp.transport import Transport
from uitest.browsers.cdp.user_script import ARGUMENT_MARK, SCRIPT_MARK, is_template
from uitest.compat.chrome_private import is_function_of_chromedriver
from uitest.errors import BrowserError
from uitest.system import cache_dir

LOGGER = logging.getLogger(__name__)

SAMPLE = "data:text/html,<select><option>1<option>2</select>"


@dataclass(frozen=True)
class Scripts:
    """Functions that take an element and resolve to ``['{"status": 0, "value": ...}']``; None for one not recorded."""

    text: str | None = None
    """Returns its visible text."""
    select: str | None = None
    """Chooses the element, an option."""
    run: str | None = None
    """Runs a case's own script, with marks in place of script and arguments (``user_script``); takes no element."""


def scripts_of(driver: WebDriver, url: str) -> Scripts:
    """The scripts of a chromedriver whose browser's DevTools socket is at ``url``. Raises BrowserError."""
    # They may not be cached, or not completely.
    with log.suppress(LOGGER, "chromedriver's scripts are not cached", OSError, RuntimeError, ValueError, TypeError):
        cached = json.loads(_cache_file(driver).read_text())
        if set(cached) == {field.name for field in fields(Scripts)}:
            return Scripts(**cached)
    wire = Transport(url)
    scripts = _record(wire, driver)
    wire.close()
    if scripts.text and scripts.select and scripts.run:
        with log.suppress(LOGGER, "chromedriver's scripts could not be cached", OSError, RuntimeError):
            cache_dir.keep(_cache_file(driver), lambda part: part.write_text(json.dumps(asdict(scripts))))
    return scripts


def versions(driver: WebDriver) -> str:
    """The versions of Chrome and chromedriver, as text."""
    chromedriver = driver.capabilities["chrome"]["chromedriverVersion"].split()[0]
    return f"{driver.capabilities['browserVersion']} with chromedriver {chromedriver}"


def _cache_file(driver: WebDriver) -> Path:
    versions_ = f"{driver.capabilities['chrome']['chromedriverVersion']} {driver.capabilities['browserVersion']}"
    return cache_dir.cache() / f"chromedriver-{re.sub(r'[^0-9A-Za-z.]+', '-', versions_)}.json"


def _record(wire: Transport, driver: WebDriver) -> Scripts:
    """Have chromedriver run its scripts on a sample page while our debugger records them."""
    try:
        driver.get(SAMPLE)
        target = driver.current_window_handle
        session = wire.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        try:
            wire.calls([("Debugger.enable", {})], session)
            option = driver.find_element("css selector", "option + option")
            text = _script_sent_by(wire, session, lambda: option.text)
            select = _script_sent_by(wire, session, option.click)
            run = _script_sent_by(wire, session, lambda: driver.execute_script(SCRIPT_MARK, ARGUMENT_MARK))
        finally:
            wire.call("Target.detachFromTarget", sessionId=session)
    except (BrowserError, KeyError, WebDriverException):
        LOGGER.info("chromedriver's scripts could not be learned", exc_info=True)
        return Scripts()
    return Scripts(text, select, run if run and is_template(run) else None)


def _script_sent_by(wire: Transport, session: str, command: Callable[[], Any]) -> str | None:
    """The last script that chromedriver sends for a command, None if there is none."""
    wire.calls([ECHO], session)
    wire.take_events()
    command()
    wire.calls([ECHO], session)
    scripts = [event["params"] for event in wire.take_events() if event["method"] == "Debugger.scriptParsed"]
    requests = [("Debugger.getScriptSource", {"scriptId": script["scriptId"]}) for script in scripts]
    sources = [answer["scriptSource"] for answer in wire.calls(requests, session)]
    return next((source for source in reversed(sources) if is_function_of_chromedriver(source)), None)
