"""What keeps a session from starting, told in one line, with the driver's and the browser's own words kept."""

import contextlib
from collections.abc import Callable, Iterator

from selenium.common.exceptions import WebDriverException
from urllib3.exceptions import HTTPError

from uitest.errors import BrowserError

ADVICE = ("; For documentation on this error", " Examine ChromeDriver verbose log")
"""Where drivers and Selenium go on to tell a reader what to do next; ours is said instead."""


@contextlib.contextmanager
def translating_startup_errors(name: str, printed: Callable[[], str] = str) -> Iterator[None]:
    """Raises BrowserError for whatever keeps the block from starting the engine ``name``.

    ``printed`` is asked, after a failure, for what driver and browser have printed.
    """
    try:
        yield
    except WebDriverException as exc:
        raise _error(f"{name} does not start: {_reason(exc)}", name, printed()) from exc
    except (HTTPError, OSError) as exc:
        raise _error(f"no answer when starting {name}: {exc}", name, printed()) from exc


def _reason(exc: WebDriverException) -> str:
    said = (exc.msg or "").strip().partition("\n")[0]
    for advice in ADVICE:
        said = said.partition(advice)[0]
    return said or type(exc).__name__


def _error(what: str, name: str, log: str) -> BrowserError:
    last = log.strip().rpartition("\n")[2]
    said = f" ({last})" if last else ""
    return BrowserError(f"{what}{said}; see: uitest doctor --browser {name}", log)
