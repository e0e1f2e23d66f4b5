"""Takes from chromedriver, once, the scripts that it runs in pages.

What the text of an element is, as it is seen, and what happens when an option of a drop-down is clicked, are pages of
code that nobody agrees with but by running it. With its own debugger on, a browser shows what chromedriver sends.
That takes a third of a browser's start, so what was learned is kept for each version of chromedriver and Chrome, in the
user's cache.

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
    """Functions of an element that resolve to ``['{"status": 0, "value": ...}']``; None where one cannot be seen."""

    text: str | None = None
    """Its text, as it is seen."""
    select: str | None = None
    """Choose it, an option."""
    run: str | None = None
    """Not one of an element: what runs a case's own script, with marks for that and its arguments (``user_script``)."""


def scripts_of(driver: WebDriver, url: str) -> Scripts:
    """Those of a chromedriver, whose browser's DevTools socket is at ``url``. Raises BrowserError if it is gone."""
    # Nothing may be kept yet, or not all of it.
    with log.suppress(LOGGER, "chromedriver's scripts are not kept", OSError, RuntimeError, ValueError, TypeError):
        kept = json.loads(_kept(driver).read_text())
        if set(kept) == {field.name for field in fields(Scripts)}:
            return Scripts(**kept)
    wire = Transport(url)
    scripts = _learn(wire, driver)
    wire.close()
    if scripts.text and scripts.select and scripts.run:
        with log.suppress(LOGGER, "chromedriver's scripts could not be kept", OSError, RuntimeError):
            cache_dir.keep(_kept(driver), lambda part: part.write_text(json.dumps(asdict(scripts))))
    return scripts


def versions(driver: WebDriver) -> str:
    """Those of Chrome and its chromedriver, in words."""
    chromedriver = driver.capabilities["chrome"]["chromedriverVersion"].split()[0]
    return f"{driver.capabilities['browserVersion']} with chromedriver {chromedriver}"


def _kept(driver: WebDriver) -> Path:
    known = f"{driver.capabilities['chrome']['chromedriverVersion']} {driver.capabilities['browserVersion']}"
    return cache_dir.cache() / f"chromedriver-{re.sub(r'[^0-9A-Za-z.]+', '-', known)}.json"


def _learn(wire: Transport, driver: WebDriver) -> Scripts:
    """Have chromedriver do both on a page of ours, in the window it has, while our own debugger watches."""
    try:
        driver.get(SAMPLE)
        target = driver.current_window_handle
        session = wire.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        try:
            wire.calls([("Debugger.enable", {})], session)
            option = driver.find_element("css selector", "option + option")
            text = _sent(wire, session, lambda: option.text)
            select = _sent(wire, session, option.click)
            run = _sent(wire, session, lambda: driver.execute_script(SCRIPT_MARK, ARGUMENT_MARK))
        finally:
            wire.call("Target.detachFromTarget", sessionId=session)
    except (BrowserError, KeyError, WebDriverException):
        LOGGER.info("chromedriver's scripts could not be learned", exc_info=True)
        return Scripts()
    return Scripts(text, select, run if run and is_template(run) else None)


def _sent(wire: Transport, session: str, command: Callable[[], Any]) -> str | None:
    """The last function that chromedriver calls for a command."""
    wire.calls([ECHO], session)
    wire.take_events()
    command()
    wire.calls([ECHO], session)
    told = [event["params"] for event in wire.take_events() if event["method"] == "Debugger.scriptParsed"]
    asked = [("Debugger.getScriptSource", {"scriptId": script["scriptId"]}) for script in told]
    sources = [answer["scriptSource"] for answer in wire.calls(asked, session)]
    return next((source for source in reversed(sources) if is_function_of_chromedriver(source)), None)
