"""The warm browsers of one worker, by engine and options."""

import contextlib
import json
from collections import OrderedDict
from typing import Any

from uitest.browsers import launch
from uitest.browsers.isolation import Browser
from uitest.browsers.settings import Settings

KEPT = 3
"""Browsers kept warm: one of each engine, or the latest few sets of options. Each holds 100 to 400 MB."""


class Pool:
    """Hands out a browser for an engine and options, starting or replacing it when needed."""

    def __init__(self) -> None:
        self._browsers: OrderedDict[str, Browser] = OrderedDict()

    def get(self, name: str, settings: Settings, made: Any) -> Browser:
        """A browser for Selenium's options ``made`` that is not spent. Raises BrowserError if it cannot be started."""
        key = json.dumps(
            [
                name,
                made.to_capabilities(),
                settings.locale,
                settings.grid,
                settings.window_size,
                settings.direct,
            ],
            sort_keys=True,
            default=repr,
        )
        browser = self._browsers.pop(key, None)
        if browser is not None and browser.spent:
            browser.kill()
            browser = None
        if browser is None:
            while len(self._browsers) >= KEPT:
                self._browsers.popitem(last=False)[1].kill()
            browser = launch(name, settings, made)
        self._browsers[key] = browser
        return browser

    def kill(self) -> None:
        """End all browsers at once: their profiles are throw-away, so a polite goodbye only costs time."""
        for browser in self._browsers.values():
            with contextlib.suppress(OSError):
                browser.kill()
        self._browsers.clear()
