"""Translates errors at the start of a session into one-line BrowserErrors with the output of driver and browser."""

import contextlib
from collections.abc import Callable, Iterator

from selenium.common.exceptions import WebDriverException
from urllib3.exceptions import HTTPError

from uitest.errors import BrowserError

ADVICE = ("; For documentation on this error", " Examine ChromeDriver verbose log")
"""Start of the advice in messages of drivers and Selenium, which is replaced by ours."""


@contextlib.contextmanager
def translating_startup_errors(name: str, printed: Callable[[], str] = str) -> Iterator[None]:
    """Raises BrowserError for any error of the block that starts the engine ``name``.

    ``printed`` returns the output of driver and browser.
    """
    try:
        yield
    except WebDriverException as exc:
        raise _error(f"{name} does not start: {_reason(exc)}", name, printed()) from exc
    except (HTTPError, OSError) as exc:
        raise _error(f"no answer when starting {name}: {exc}", name, printed()) from exc


def _reason(exc: WebDriverException) -> str:
    message = (exc.msg or "").strip().partition("\n")[0]
    for advice in ADVICE:
        message = message.partition(advice)[0]
    return message or type(exc).__name__


def _error(problem: str, name: str, log: str) -> BrowserError:
    last = log.strip().rpartition("\n")[2]
    detail = f" ({last})" if last else ""
    return BrowserError(f"{problem}{detail}; see: uitest doctor --browser {name}", log)
