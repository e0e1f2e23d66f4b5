"""Keys of the configuration file, and the values that each takes."""

import difflib
import os
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from uitest.config import DEFAULT_ARTIFACTS, DEFAULT_SITE, DEFAULT_STORE, RunSettings
from uitest.errors import UsageError


class Kind(Enum):
    """What a key's value may be; the text describes it in error messages."""

    TEXT = "a text"
    TEXTS = "a text or a list of texts"
    FLAG = "true or false"
    WHOLE = "a whole number"
    NUMBER = "a number"
    COUNT = 'a whole number or "auto"'
    MINUTES = "true, false or a number of minutes"
    PATH = "the path of a file or folder"
    PLACE = "the path of a folder, or s3://BUCKET/PREFIX"
    STORE = "sqlite:PATH or dynamodb:MODULE_TABLE,STATUS_TABLE"


RUN_KEYS: Mapping[str, Kind] = {
    "modules": Kind.TEXTS,
    "url": Kind.TEXT,
    "browser": Kind.TEXTS,
    "cases": Kind.PATH,
    "executor": Kind.TEXT,
    "workers": Kind.COUNT,
    "function": Kind.TEXT,
    "state-machine": Kind.TEXT,
    "max-concurrency": Kind.WHOLE,
    "max-starts-per-second": Kind.NUMBER,
    "cases-per-invocation": Kind.COUNT,
    "reuse-browser": Kind.FLAG,
    "retries": Kind.WHOLE,
    "case-timeout": Kind.NUMBER,
    "timeout": Kind.NUMBER,
    "max-failures": Kind.WHOLE,
    "failed-first": Kind.FLAG,
    "store": Kind.STORE,
    "artifacts": Kind.PLACE,
    "site": Kind.PLACE,
    "site-url": Kind.TEXT,
    "junit": Kind.PATH,
    "topic": Kind.TEXT,
    "metrics": Kind.TEXT,
    "run-id": Kind.TEXT,
    "insecure": Kind.FLAG,
    "no-url-check": Kind.FLAG,
    "grid": Kind.TEXT,
    "headed": Kind.FLAG,
    "headless": Kind.TEXT,
    "commands": Kind.TEXT,
    "screenshot": Kind.TEXT,
    "trace": Kind.TEXT,
    "mask": Kind.TEXTS,
    "reporter": Kind.TEXTS,
    "lease": Kind.NUMBER,
    "fail-on-flaky": Kind.FLAG,
    "profile": Kind.FLAG,
    "against": Kind.TEXT,
    "base-site": Kind.PLACE,
    "protected-branches": Kind.TEXTS,
}
"""The options of ``uitest run``, and ``modules`` for its arguments. The plugin reads those that it has as well."""

PYTEST_KEYS: Mapping[str, Kind] = {
    "window-size": Kind.TEXT,
    "locale": Kind.TEXT,
    "driver-scope": Kind.TEXT,
    "keep-browser": Kind.MINUTES,
    "poll-frequency": Kind.NUMBER,
    "driver-path": Kind.PATH,
    "event-listener": Kind.TEXT,
    "sensitive-url": Kind.TEXT,
}
"""Further options of the pytest plugin, for plain pytest and for the workers of a run."""

CI_KEYS: Mapping[str, Kind] = {"serve": Kind.PATH}
"""Further options of ``uitest ci``."""

IMAGE_KEYS: Mapping[str, Kind] = {"image-folders": Kind.TEXTS}
"""Further options of ``uitest image``, which ``uitest deploy`` reads as well."""

KEYS: Mapping[str, Kind] = {**RUN_KEYS, **PYTEST_KEYS, **CI_KEYS, **IMAGE_KEYS}

DEFAULT_PATHS: Mapping[str, str] = {
    "cases": RunSettings.cases,
    "store": DEFAULT_STORE,
    "artifacts": DEFAULT_ARTIFACTS,
    "site": DEFAULT_SITE,
    "junit": ".uitest/junit.xml",
}
"""Defaults that are relative to the file's folder, where there is a file."""


def check_values(values: Mapping[str, Any], where: str) -> None:
    """Raises UsageError for an unknown key, and for a value that is not what its key takes."""
    for name, value in values.items():
        kind = KEYS.get(name)
        if kind is None and isinstance(value, dict):
            raise UsageError(f"{where}: a section cannot contain the table {name!r}")
        if kind is None:
            raise UsageError(
                f"{where}: unknown key {name!r}{suggestion(name, KEYS)}; keys are options without --, see "
                "uitest run --help, uitest ci --help and pytest --help"
            )
        if not _fits(kind, value):
            shown = repr(value) if not isinstance(value, bool) else str(value).lower()
            raise UsageError(f"{where}: {name} is {shown[:60]}; it takes {kind.value}")


def suggestion(name: str, known: Mapping[str, Any]) -> str:
    """The known name that is most like an unknown one, as a question; empty if none is like it."""
    similar = difflib.get_close_matches(name.strip("-").replace("_", "-").lower(), known, n=1, cutoff=0.5)
    return f" (did you mean {similar[0]!r}?)" if similar else ""


def _fits(kind: Kind, value: Any) -> bool:
    match kind:
        case Kind.FLAG:
            return isinstance(value, bool)
        case Kind.WHOLE:
            return _is_number(value) and isinstance(value, int)
        case Kind.NUMBER:
            return _is_number(value)
        case Kind.MINUTES:
            return isinstance(value, bool) or _is_number(value)
        case Kind.COUNT:
            return value == "auto" or (_is_number(value) and isinstance(value, int))
        case Kind.TEXTS:
            return isinstance(value, str) or (
                isinstance(value, list) and all(isinstance(element, str) for element in value)
            )
        case _:
            return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def located(kind: Kind, value: Any, home: Path) -> Any:
    """A value with its path, if it has one, as an absolute path."""
    if kind is Kind.STORE and value.startswith("sqlite:"):
        return "sqlite:" + os.path.normpath(home / value.removeprefix("sqlite:"))
    if (kind is Kind.PATH and value) or (kind is Kind.PLACE and "://" not in value):
        return os.path.normpath(home / value)
    return value
