"""Takes over kept browsers for a pytest session, and keeps its browsers for the next one (``--keep-browser``).

Self-check: a browser that is taken over is asked for the window that was kept, and must answer in time. Fallback: a new
browser.

Trade-off: the state of a browser outside of contexts, such as its memory use, is that of all its sessions; after
``handover.MAX_USES`` of them it is replaced.
"""

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from uitest import log
from uitest.browsers import resume
from uitest.browsers.process.handover import MAX_USES, KeptBrowser
from uitest.browsers.sessions.browser_key import browser_key, is_of_installed_build
from uitest.browsers.sessions.kept_browsers import KeptBrowsers
from uitest.system.process_table import ProcessEntry

if TYPE_CHECKING:
    from uitest.browsers.sessions.protocols import Browser
    from uitest.browsers.settings import Settings

LOGGER = logging.getLogger(__name__)


class SessionKeeper:
    """Takes over kept browsers for one session, and keeps its browsers for the next one (``pool.BrowserKeeper``)."""

    home = None
    key = None

    def __init__(self, kept: KeptBrowsers, minutes: float, shell: int | None) -> None:
        """Browsers end after ``minutes`` without use, and with the process ``shell``."""
        self._kept, self._minutes, self._shell = kept, minutes, shell
        self._keys: dict[str, tuple[str, str]] = {}
        """Engine and key of each browser that was asked for, by the pool's key."""
        self._uses: WeakKeyDictionary[Browser, int] = WeakKeyDictionary()
        """Number of earlier sessions of each browser that was taken over."""

    def take(self, key: str, name: str, settings: "Settings", selenium_options: Any) -> "Browser | None":
        """A kept browser that is the same as the one asked for, and works; None if there is none."""
        # On any error the case gets a new browser.
        with log.suppress(LOGGER, "no kept browser can be used", Exception):
            full = browser_key(key, name, selenium_options, os.environ)
            self._keys[key] = name, full
            for kept in self._kept.taken(full):
                browser = self._resumed(kept, full, name, settings, selenium_options)
                if browser is not None:
                    return browser
        return None

    def _resumed(
        self, kept: KeptBrowser, key: str, name: str, settings: "Settings", selenium_options: Any
    ) -> "Browser | None":
        if kept.key != key or kept.uses >= MAX_USES or not is_of_installed_build(kept.running):
            LOGGER.info("a kept browser is ended: it has served often enough, or its programs have changed")
            kept.running.stop()
            return None
        try:
            browser = resume(name, settings, selenium_options, kept.running)
        except Exception:  # whatever a broken browser leads to; it has ended with that
            LOGGER.info("a kept browser does not work and is ended", exc_info=True)
            return None
        LOGGER.info("%s is the one of an earlier session", name)
        self._uses[browser] = kept.uses
        return browser

    def give(self, key: str, browser: "Browser") -> bool:
        """Keep a browser for the next session; False if it needs replacement or cannot be kept."""
        running = browser.release() if key in self._keys else None
        if running is None:
            return False
        name, full = self._keys[key]
        capabilities = running.state.get("capabilities", {})
        about = {
            "browser": name,
            "version": capabilities.get("browserVersion", ""),
            "pid": running.processes[0].group,
            "folder": str(Path.cwd()),
            "minutes": self._minutes,
        }
        kept = KeptBrowser(full, 1 + self._uses.get(browser, 0), running)
        try:
            self._kept.put(kept, self._minutes, self._shell, about)
        except (OSError, TypeError, ValueError):
            LOGGER.info("a browser could not be kept", exc_info=True)
        finally:
            running.abandon()
        return True


def shell_of(main: int) -> int | None:
    """The process with which the browsers of a session end: the shell in which the pytest process ``main`` was started.

    That is the leader of the terminal's session, and not the parent, which may be ``make`` or a script. None if it is
    outside of this container.
    """
    leader = os.getsid(main)
    if not leader:
        return None
    process = ProcessEntry.at(leader) if leader != main else None
    if process is None or process.is_dead:
        process = ProcessEntry.at(main)
        leader = process.parent if process is not None else 0
    return leader or None
