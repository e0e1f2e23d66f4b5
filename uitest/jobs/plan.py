"""From modules to jobs: the plan is data, made before anything runs and written down whole."""

import math
from collections.abc import Iterable, Sequence

from uitest.errors import UnknownModule, UsageError
from uitest.model import BROWSERS, ID_LIMIT, Job, Module

LONGEST_S = 366 * 24 * 3600
"""Seconds that anything may be told to take: a year. Clocks and waits of the system end not far beyond."""


def check_id(kind: str, text: str) -> str:
    """``text`` if it can be an id: 1 to ``ID_LIMIT`` printable characters. Raises UsageError."""
    if not text.strip():
        raise UsageError(f"a {kind} must not be empty")
    if len(text) > ID_LIMIT:
        raise UsageError(f"{kind} {text[:40]!r}... has {len(text)} characters; at most {ID_LIMIT} are allowed")
    if not text.isprintable():
        raise UsageError(f"{kind} {text!r} holds characters that cannot be printed; remove them")
    return text


def check_seconds(text: object, *, zero: bool = False) -> float:
    """A text or number as seconds: above 0, or 0 where ``zero`` allows it, and at most ``LONGEST_S``.

    Raises UsageError.
    """
    try:
        seconds = float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        seconds = math.nan
    if not (0 < seconds <= LONGEST_S or (zero and seconds == 0)):
        shown = repr(text)
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        least = "from 0" if zero else "above 0"
        raise UsageError(f"{shown} is no number of seconds {least} to {LONGEST_S}")
    return seconds


def choose(table: Iterable[Module], names: Sequence[str]) -> list[Module]:
    """The named modules in the order given (all of them when none is named). Raises UnknownModule."""
    known = {module.name: module for module in table}
    if not known:
        raise UsageError("the module table is empty; fill it with: uitest modules load cases/modules.json")
    missing = [name for name in names if name not in known]
    if missing:
        raise UnknownModule(
            f"unknown module {', '.join(map(repr, missing))}; known are {', '.join(map(repr, sorted(known)))}"
        )
    return [known[name] for name in dict.fromkeys(names)] if names else list(known.values())


def check_browsers(names: Iterable[str]) -> tuple[str, ...]:
    """The names without repeats, in order. Raises UsageError for one that is no engine."""
    unique = tuple(dict.fromkeys(names))
    for name in unique:
        if name not in BROWSERS:
            raise UsageError(f"unknown browser {name!r}; choose from {', '.join(BROWSERS)}")
    return unique


def make_plan(modules: Iterable[Module], browsers: Sequence[str]) -> list[Job]:
    """Every job, browser by browser so that a worker changes engines as seldom as possible.

    A module limited to other browsers than those asked for contributes nothing; a case listed twice in a
    module is one job.
    """
    modules = list(modules)
    return [
        Job(module.name, case, browser, module.timeout)
        for browser in browsers
        for module in modules
        if not module.browsers or browser in module.browsers
        for case in dict.fromkeys(module.cases)
    ]
