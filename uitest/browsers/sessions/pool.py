"""The warm browsers of one worker, by engine and options.

Where the worker's process is one of many that follow each other in the same place, the browser that was used last may
outlive it (``BrowserKeeper``). Only one, since memory is what such places are short of: a kept one that is no use for
the next case is ended before another is started.
"""

import json
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from uitest import log
from uitest.browsers import launch, options
from uitest.browsers.settings import Settings
from uitest.errors import BrowserError, UitestError

if TYPE_CHECKING:
    from uitest.browsers.sessions.protocols import Browser

LOGGER = logging.getLogger(__name__)

KEPT = 3
"""Browsers kept warm: one of each engine, or the latest few sets of options. Each holds 100 to 400 MB."""


class BrowserKeeper(Protocol):
    """Has the browser that a worker before this one left, and takes one for the worker after it."""

    home: Path
    """Folder for the files of browsers that may be kept."""

    @property
    def key(self) -> str | None:
        """What the browser that is here was asked to be, None if there is none."""

    def take(self, key: str, name: str, settings: Settings, made: Any) -> "Browser | None":
        """The browser, if it was asked to be this and is well; else it is ended."""

    def give(self, key: str, browser: "Browser") -> bool:
        """Whether the browser is kept; if not, it is still the caller's to end."""


class Pool:
    """Hands out a browser for an engine and options, starting or replacing it when needed.

    A browser is somebody's alone until it is given back. ``_browsers`` holds all of them, the one used last at the end,
    each with what it was asked to be; ``_busy`` those that somebody has.
    """

    def __init__(self, keep: BrowserKeeper | None = None) -> None:
        self._keep = keep
        self._browsers: list[tuple[str, Browser]] = []
        self._busy: list[Browser] = []
        self._early: Future[tuple[str, Browser]] | None = None
        self._early_problem: BaseException | None = None
        """What kept the browser that was expected from starting, until another start is tried."""

    def expect(self, name: str, settings: Settings) -> None:
        """Get a browser ready beside whatever goes on until it is wanted.

        A warm one prepares for its next case, else one is started; one that cannot be started is not missed yet.
        """
        try:
            made = options(name, settings)
        except UitestError:
            LOGGER.debug("no browser is started in advance", exc_info=True)
            return
        key = _key(name, settings, made)
        idle = self._idle(key)
        if idle is not None:
            idle.prepare()
        elif (
            self._early is None
            and all(key != known for known, _ in self._browsers)
            and (self._keep is None or self._keep.key in (None, key))
        ):

            def start() -> "tuple[str, Browser]":
                browser = self._start(key, name, settings, made)
                browser.prepare()
                return key, browser

            thread = ThreadPoolExecutor(1, thread_name_prefix="uitest-start")
            self._early = thread.submit(start)
            thread.shutdown(wait=False)

    def get(self, name: str, settings: Settings, made: Any) -> "Browser":
        """A browser for Selenium's options ``made`` that is not spent. Raises BrowserError if it cannot be started."""
        self._take_early()
        key = _key(name, settings, made)
        browser = self._idle(key)
        if browser is not None and browser.spent:
            LOGGER.info("%s has to be replaced", name)
            self._remove(browser)
            browser = None
        if browser is None:
            self._make_room()
            browser = self._start_again(key, name, settings, made)
            self._browsers.append((key, browser))
        self._busy.append(browser)
        return browser

    def give_back(self, browser: "Browser") -> None:
        """Have a browser serve others; it is the one that was used last now."""
        self._busy = [other for other in self._busy if other is not browser]
        self._browsers.sort(key=lambda entry: entry[1] is browser)
        self._make_room(KEPT)

    def _start_again(self, key: str, name: str, settings: Settings, made: Any) -> "Browser":
        """A browser; what kept an earlier one from starting is told, whether this one starts or not."""
        first, self._early_problem = self._early_problem, None
        try:
            browser = self._start(key, name, settings, made)
        except BrowserError as exc:
            if first is None or str(first) == str(exc):
                raise
            raise BrowserError(f"{exc}; the start before it failed too: {first}", exc.log) from first
        if first is not None:
            LOGGER.warning("%s started at the second try; the first failed: %s", name, first, exc_info=first)
        return browser

    def kill(self) -> None:
        """End all browsers at once: their profiles are throw-away, so a polite goodbye only costs time."""
        self._take_early()
        for _, browser in self._browsers:
            with log.suppress(LOGGER, "a browser could not be ended", OSError):
                browser.kill()
        self._browsers.clear()
        self._busy.clear()

    def close(self) -> None:
        """End all browsers but the one used last, if that can be kept."""
        self._take_early()
        if self._keep is not None and self._browsers:
            key, last = self._browsers[-1]
            if self._keep.give(key, last):
                del self._browsers[-1]
        self.kill()

    def _start(self, key: str, name: str, settings: Settings, made: Any) -> "Browser":
        LOGGER.info("starting %s", name)
        if self._keep is None:
            return launch(name, settings, made)
        return self._keep.take(key, name, settings, made) or launch(name, settings, made, self._keep.home)

    def _take_early(self) -> None:
        early, self._early = self._early, None
        if early is None:
            return
        self._early_problem = early.exception()
        if self._early_problem is not None:
            LOGGER.info("the browser that was started in advance did not start", exc_info=self._early_problem)
        else:
            self._make_room()
            self._browsers.append(early.result())

    def _idle(self, key: str) -> "Browser | None":
        """The browser of this kind that was used last and that nobody has."""
        idle = (browser for known, browser in reversed(self._browsers) if known == key and not self._is_busy(browser))
        return next(idle, None)

    def _is_busy(self, browser: "Browser") -> bool:
        return any(other is browser for other in self._busy)

    def _make_room(self, most: int = KEPT - 1) -> None:
        """End the browsers that were used longest ago until there are no more than ``most``, or all are somebody's."""
        for _, browser in list(self._browsers):
            if len(self._browsers) > most and not self._is_busy(browser):
                self._remove(browser)

    def _remove(self, browser: "Browser") -> None:
        self._browsers = [entry for entry in self._browsers if entry[1] is not browser]
        browser.kill()


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
