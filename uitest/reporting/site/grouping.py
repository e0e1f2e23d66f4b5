"""Finds the key of an error: failures of any case, browser and run with the same key are one error.

A key consists of the exception's class and of what tells one cause from another:

- the locator, if an element was searched or waited for in vain. Engines word that differently, and a missing button is
  one error, wherever it is missed;
- else the failing line, with the values that an assertion compared, or with the message. Each engine has its own
  message for a WebDriver error, so for those the line alone counts.

Addresses, paths, ids and points on the page differ from run to run and are left out; numbers of other messages too, but
not those that an assertion compares.
"""

import hashlib
import re

from uitest.model import Attempt

LONGEST = 400
"""Characters of a key."""

_VOLATILE = (
    (re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s'\"<>)]+", re.IGNORECASE), "<url>"),
    (re.compile(r"(?<![\w/])/(?:[\w.@~-]+/)+[\w.@~-]*"), "<path>"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"\b(?:0x[0-9a-f]+|(?=[a-z]*\d)[0-9a-f]{12,})\b", re.IGNORECASE), "<id>"),
)
"""Patterns and their replacements."""

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_SPACE = re.compile(r"\s+")
_CLASS = re.compile(r"^([A-Z]\w*(?:Error|Exception|Exit|Timeout|Failed|Warning))(?:: ?|$)")
_DOCUMENTATION = re.compile(r";? *For documentation on this error, please visit: \S+|\(Session info: [^)]*\)")
_WEBDRIVER = re.compile(r"^(?:\w+Exception|\w*TimeoutError)$")
_SELECTORS = (
    re.compile(r'no such element: Unable to locate element: \{"method":"[^"]*","selector":"(?P<selector>.*)"\}'),
    re.compile(r"Unable to locate element: (?P<selector>.+)"),
)
"""How engines name an element that is missing; for stores that were written before attempts had a locator."""
_COMPARED = re.compile(r"^E\s+(?:AssertionError: )?(assert .+)$", re.MULTILINE)
"""The comparison of an assertion, in pytest's traceback."""
_BY_ID = re.compile(r'^\[id=\\?"([^"\\]+)\\?"\]$')


def error_id(key: str) -> str:
    """A short name for an error in an address."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()[:10]


def attempt_key(attempt: Attempt) -> str:
    """The key of the error of a finished attempt that has one."""
    compared = _COMPARED.search(attempt.detail or "")
    return error_key(attempt.error or "", attempt.failed_line, attempt.locator, compared[1] if compared else "")


def error_key(error: str, line: str | None = None, locator: str | None = None, compared: str = "") -> str:
    """The key of an error by its first line, and as far as they are known: the failing line, locator and comparison."""
    error = _DOCUMENTATION.sub("", error).strip()
    match = _CLASS.match(error)
    kind, message = (match[1], error[match.end() :]) if match else ("", error)
    locator = locator or _locator(message)
    if locator:
        parts = [kind, locator]
    elif _WEBDRIVER.match(kind):
        parts = [kind, line or _without_numbers(message)]
    else:
        is_comparison = message.startswith("assert ")
        parts = [kind, line or "", message if is_comparison else f"{_without_numbers(message)} {compared}"]
    text = " | ".join(part.strip() for part in parts if part.strip())
    return _SPACE.sub(" ", _without_ids(text)).strip()[:LONGEST]


def _without_ids(text: str) -> str:
    for pattern, instead in _VOLATILE:
        text = pattern.sub(instead, text)
    return text


def _without_numbers(message: str) -> str:
    return _NUMBER.sub("N", _without_ids(message))


def _locator(message: str) -> str:
    for pattern in _SELECTORS:
        match = pattern.search(message)
        if match:
            return _BY_ID.sub(r"#\1", match["selector"])
    return ""
