"""The warm browsers of one worker, by engine and options."""

import contextlib
import json
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from uitest.browsers import launch, options
from uitest.browsers.settings import Settings

if TYPE_CHECKING:
    from uitest.browsers.isolation import Browser

KEPT = 3
"""Browsers kept warm: one of each engine, or the latest few sets of options. Each holds 100 to 400 MB."""


class Pool:
    """Hands out a browser for an engine and options, starting or replacing it when needed."""

    def __init__(self) -> None:
        self._browsers: OrderedDict[str, Browser] = OrderedDict()
        self._early: Future[tuple[str, Browser]] | None = None

    def start_early(self, name: str, settings: Settings) -> None:
        """Start a browser beside whatever goes on until it is wanted; one that cannot be started is not missed yet."""

        def start() -> "tuple[str, Browser]":
            made = options(name, settings)
            return _key(name, settings, made), launch(name, settings, made)

        thread = ThreadPoolExecutor(1, thread_name_prefix="uitest-start")
        self._early = thread.submit(start)
        thread.shutdown(wait=False)

    def get(self, name: str, settings: Settings, made: Any) -> "Browser":
        """A browser for Selenium's options ``made`` that is not spent. Raises BrowserError if it cannot be started."""
        self._take_early()
        key = _key(name, settings, made)
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
        self._take_early()
        for browser in self._browsers.values():
            with contextlib.suppress(OSError):
                browser.kill()
        self._browsers.clear()

    def _take_early(self) -> None:
        early, self._early = self._early, None
        if early is not None and early.exception() is None:
            key, browser = early.result()
            self._browsers[key] = browser


def _key(name: str, settings: Settings, made: Any) -> str:
    words = [
        name,
        made.to_capabilities(),
        settings.locale,
        settings.grid,
        settings.window_size,
        settings.direct,
    ]
    return json.dumps(words, sort_keys=True, default=repr)
