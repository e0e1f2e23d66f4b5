"""A worker's pool of warm browsers, by engine and options.

Where one process follows another, browsers may be kept for the next process (``BrowserKeeper``). In Lambda only the
last used one is, as memory is scarce there: if it does not fit the next case, it is ended before another is started.
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

MAX_BROWSERS = 3
"""Maximum number of warm browsers: one of each engine, or the latest sets of options. Each uses 100 to 400 MB."""


class BrowserKeeper(Protocol):
    """Provides browsers that an earlier process has kept, and keeps browsers for the next one."""

    @property
    def home(self) -> Path | None:
        """Folder for the files of browsers that may be kept; None for the usual one."""

    @property
    def key(self) -> str | None:
        """Key of the browser that would be ended if another is asked for; None if there is none."""

    def take(self, key: str, name: str, settings: Settings, selenium_options: Any) -> "Browser | None":
        """A kept browser, if one with this key works; else None."""

    def give(self, key: str, browser: "Browser") -> bool:
        """Keep the browser; if the result is False, the caller must end it."""


class Pool:
    """Provides a browser for an engine and options, and starts or replaces it when necessary.

    A browser is used exclusively until it is given back. ``_browsers`` has all browsers with their keys, the last used
    one at the end; ``_busy`` has those in use.
    """

    def __init__(self, keep: BrowserKeeper | None = None) -> None:
        self._keep = keep
        self.starts = 0
        """Number of browsers that ``get`` started, or tried to start."""
        self._browsers: list[tuple[str, Browser]] = []
        self._busy: list[Browser] = []
        self._early: Future[tuple[str, Browser]] | None = None
        self._early_problem: BaseException | None = None
        """The error of the early start, until another start is tried."""

    def expect(self, name: str, settings: Settings) -> None:
        """Prepare a browser in the background.

        A warm one prepares its next case, else one is started. An error is reported only when the browser is needed.
        """
        try:
            selenium_options = options(name, settings)
        except UitestError:
            LOGGER.debug("no browser is started in advance", exc_info=True)
            return
        key = _key(name, settings, selenium_options)
        idle = self._idle(key)
        if idle is not None:
            idle.prepare()
        elif (
            self._early is None
            and all(key != known for known, _ in self._browsers)
            and (self._keep is None or self._keep.key in (None, key))
        ):

            def start() -> "tuple[str, Browser]":
                browser = self._start(key, name, settings, selenium_options)
                browser.prepare()
                return key, browser

            thread = ThreadPoolExecutor(1, thread_name_prefix="uitest-start")
            self._early = thread.submit(start)
            thread.shutdown(wait=False)

    def get(self, name: str, settings: Settings, selenium_options: Any) -> "Browser":
        """A working browser for these options, started if necessary. Raises BrowserError."""
        self._take_early()
        key = _key(name, settings, selenium_options)
        browser = self._idle(key)
        if browser is not None and browser.needs_replacement:
            LOGGER.info("%s has to be replaced", name)
            self._remove(browser)
            browser = None
        if browser is None:
            self._make_room()
            browser = self._start_again(key, name, settings, selenium_options)
            self._browsers.append((key, browser))
        self._busy.append(browser)
        return browser

    def give_back(self, browser: "Browser") -> None:
        """Return a browser to the pool, as the last used one."""
        self._busy = [other for other in self._busy if other is not browser]
        self._browsers.sort(key=lambda entry: entry[1] is browser)
        self._make_room(MAX_BROWSERS)

    def _start_again(self, key: str, name: str, settings: Settings, selenium_options: Any) -> "Browser":
        """Start a browser; the error of an earlier start is added to this one's, or logged if this one succeeds."""
        first, self._early_problem = self._early_problem, None
        self.starts += 1
        try:
            browser = self._start(key, name, settings, selenium_options)
        except BrowserError as exc:
            if first is None or str(first) == str(exc):
                raise
            raise BrowserError(f"{exc}; the start before it failed too: {first}", exc.log) from first
        if first is not None:
            LOGGER.warning("%s started at the second try; the first failed: %s", name, first, exc_info=first)
        return browser

    def kill(self) -> None:
        """Kill all browsers, as nothing in their profiles needs to be saved."""
        self._take_early()
        for _, browser in self._browsers:
            with log.suppress(LOGGER, "a browser could not be ended", OSError):
                browser.kill()
        self._browsers.clear()
        self._busy.clear()

    def close(self) -> None:
        """End all browsers, except those that are kept, beginning with the last used one."""
        self._take_early()
        for key, browser in reversed(self._browsers if self._keep is not None else []):
            if not self._is_busy(browser) and self._keep is not None and self._keep.give(key, browser):
                self._browsers = [entry for entry in self._browsers if entry[1] is not browser]
        self.kill()

    def _start(self, key: str, name: str, settings: Settings, selenium_options: Any) -> "Browser":
        LOGGER.info("starting %s", name)
        if self._keep is None:
            return launch(name, settings, selenium_options)
        return self._keep.take(key, name, settings, selenium_options) or launch(
            name, settings, selenium_options, self._keep.home
        )

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
        """The last used idle browser with this key, or None."""
        idle = (browser for known, browser in reversed(self._browsers) if known == key and not self._is_busy(browser))
        return next(idle, None)

    def _is_busy(self, browser: "Browser") -> bool:
        return any(other is browser for other in self._busy)

    def _make_room(self, most: int = MAX_BROWSERS - 1) -> None:
        """End idle browsers, least recently used first, until at most ``most`` are left."""
        for _, browser in list(self._browsers):
            if len(self._browsers) > most and not self._is_busy(browser):
                self._remove(browser)

    def _remove(self, browser: "Browser") -> None:
        self._browsers = [entry for entry in self._browsers if entry[1] is not browser]
        browser.kill()


def _key(name: str, settings: Settings, selenium_options: Any) -> str:
    parts = [
        name,
        selenium_options.to_capabilities(),
        settings.locale,
        settings.grid,
        settings.window_size,
        settings.direct,
    ]
    return json.dumps(parts, sort_keys=True, default=repr)
