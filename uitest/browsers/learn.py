"""chromedriver's own scripts, taken from it once.

What the text of an element is, as it is seen, and what happens when an option of a drop-down is clicked, are pages of
code that nobody agrees with but by running it. Debugging its own first page, a browser shows what chromedriver sends.
That takes a third of a browser's start, so what was learned is kept for each version of chromedriver, in the user's
cache.
"""

import contextlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.remote.webdriver import WebDriver

from uitest.browsers import locate
from uitest.browsers.page import ECHO
from uitest.browsers.wire import Wire
from uitest.errors import BrowserError

SAMPLE = "data:text/html,<select><option>1<option>2</select>"


@dataclass(frozen=True)
class Scripts:
    """Functions of an element that resolve to ``['{"status": 0, "value": ...}']``; None where one cannot be seen."""

    text: str | None = None
    """Its text, as it is seen."""
    select: str | None = None
    """Choose it, an option."""


def scripts_of(driver: WebDriver, url: str) -> Scripts:
    """Those of a chromedriver, whose browser's DevTools socket is at ``url``. Raises BrowserError if that is gone."""
    with contextlib.suppress(OSError, RuntimeError, ValueError, TypeError):  # nothing is kept, or not all of it
        return Scripts(**json.loads(_kept(driver).read_text()))
    wire = Wire(url)
    scripts = _learn(wire, driver)
    wire.close()
    if scripts.text and scripts.select:
        with contextlib.suppress(OSError, RuntimeError):
            locate.keep(_kept(driver), lambda part: part.write_text(json.dumps(asdict(scripts))))
    return scripts


def _kept(driver: WebDriver) -> Path:
    version = str(driver.capabilities["chrome"]["chromedriverVersion"])
    return locate.cache() / f"chromedriver-{re.sub(r'[^0-9A-Za-z.]+', '-', version)}.json"


def _learn(wire: Wire, driver: WebDriver) -> Scripts:
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
        finally:
            wire.call("Target.detachFromTarget", sessionId=session)
    except (BrowserError, KeyError, WebDriverException):
        return Scripts()
    return Scripts(text, select)


def _sent(wire: Wire, session: str, command: Callable[[], Any]) -> str | None:
    """The last function that chromedriver calls for a command."""
    wire.calls([ECHO], session)
    wire.take_events()
    command()
    wire.calls([ECHO], session)
    told = [event["params"] for event in wire.take_events() if event["method"] == "Debugger.scriptParsed"]
    asked = [("Debugger.getScriptSource", {"scriptId": script["scriptId"]}) for script in told]
    sources = [answer["scriptSource"] for answer in wire.calls(asked, session)]
    return next((source for source in reversed(sources) if "callFunction" in source), None)
