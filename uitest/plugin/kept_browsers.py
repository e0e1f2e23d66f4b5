"""Decides whether a session keeps its browsers for the next one (``--keep-browser``), and for how long.

Not in a run: ``uitest run`` ends what it has started. Not in CI, where nobody runs a case again: a browser that
outlives its job would use the next one's memory, or keep the job from ending.
"""

import os
from collections.abc import Mapping

import pytest

from uitest.browsers.sessions.pool import BrowserKeeper
from uitest.errors import UitestError
from uitest.plugin import options

NOTE = pytest.StashKey[str]()
"""A line about kept browsers for the head of pytest's output."""


def keeper(config: pytest.Config, environ: Mapping[str, str]) -> BrowserKeeper | None:
    """What takes over and keeps browsers in this session; None without ``--keep-browser``, or where nothing is kept."""
    minutes = options.keep_minutes(config)
    if not minutes or config.option.collectonly or options.value(config, "assignment"):
        return None
    if is_ci(environ):
        config.stash[NOTE] = "--keep-browser has no effect in CI"
        return None
    # Imported late, as it imports Selenium's options and sessions.
    from uitest.browsers.sessions.kept_browsers import KeptBrowsers
    from uitest.browsers.sessions.session_keeper import SessionKeeper, shell_of

    try:
        kept = KeptBrowsers.open()
    except (OSError, UitestError) as exc:
        config.stash[NOTE] = f"no browser is kept: {exc}"
        return None
    config.stash[NOTE] = f"browsers are kept for {minutes:g} minutes (uitest browsers)"
    main = os.getppid() if hasattr(config, "workerinput") else os.getpid()
    return SessionKeeper(kept, minutes, shell_of(main))


def is_ci(environ: Mapping[str, str]) -> bool:
    """Whether a variable says that this is a build."""
    return environ.get("CI", "").lower() not in ("", "0", "false", "no")
