"""Builds the plan (modules times cases times browsers) and validates the values that go into it."""

import math
from collections.abc import Iterable, Sequence

from uitest.errors import UnknownModule, UsageError
from uitest.model import BROWSERS, ID_LIMIT, Job, Module

LONGEST_S = 366 * 24 * 3600
"""Upper limit of every duration that a user may set: a year. Longer ones overflow timers of the system."""


def check_id(kind: str, text: str) -> str:
    """``text`` if it can be an id: 1 to ``ID_LIMIT`` printable characters. Raises UsageError."""
    if not text.strip():
        raise UsageError(f"{'an' if kind[0] in 'aeiou' else 'a'} {kind} must not be empty")
    if len(text) > ID_LIMIT:
        raise UsageError(f"{kind} {text[:40]!r}... has {len(text)} characters; at most {ID_LIMIT} are allowed")
    if not text.isprintable():
        raise UsageError(f"{kind} {text!r} contains unprintable characters; remove them")
    return text


def check_seconds(text: object, *, zero: bool = False) -> float:
    """``text`` (text or number) as seconds: above 0, or also 0 with ``zero``, and at most ``LONGEST_S``.

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
        raise UsageError(f"{shown} is not a number of seconds {least} to {LONGEST_S}")
    return seconds


def choose(table: Iterable[Module], names: Sequence[str]) -> list[Module]:
    """The named modules in the order given (all of them when none is named). Raises UnknownModule."""
    known = {module.name: module for module in table}
    if not known:
        raise UsageError(
            "the module table is empty; fill it with: uitest modules load FILE, or uitest modules sync --discover"
        )
    missing = [name for name in names if name not in known]
    if missing:
        raise UnknownModule(
            f"unknown module {', '.join(map(repr, missing))}; known are {', '.join(map(repr, sorted(known)))}"
        )
    return [known[name] for name in dict.fromkeys(names)] if names else list(known.values())


def check_browsers(names: Iterable[str]) -> tuple[str, ...]:
    """The names in order, without duplicates. Raises UsageError for an unknown engine."""
    unique = tuple(dict.fromkeys(names))
    for name in unique:
        if name not in BROWSERS:
            raise UsageError(f"unknown browser {name!r}; choose from {', '.join(BROWSERS)}")
    return unique


def make_plan(modules: Iterable[Module], browsers: Sequence[str]) -> list[Job]:
    """Every job, grouped by browser so that a worker changes engines as seldom as possible.

    A module that is limited to other browsers contributes no jobs; a case listed twice in a module is one job.
    """
    modules = list(modules)
    return [
        Job(module.name, case, browser, module.timeout)
        for browser in browsers
        for module in modules
        if not module.browsers or browser in module.browsers
        for case in dict.fromkeys(module.cases)
    ]
