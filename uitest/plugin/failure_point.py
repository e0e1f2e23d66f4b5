"""Finds where in the suite an exception came from: the failing line, the element it was about, and who raised it."""

import inspect
import linecache
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType, TracebackType

import pytest

from uitest.trace.selectors import selector
from uitest.trace.source import Line, Project

FINDS = frozenset({"find_element", "find_elements"})
WAITS = frozenset({"until", "until_not"})
IN_VAIN = frozenset({"NoSuchElementException", "TimeoutException"})
"""Exceptions of searches and waits that met nothing."""

DOCUMENTATION = re.compile(r";? ?For documentation on this error, please visit: \S+")

DRIVER_PACKAGES = ("selenium", "uitest.browsers")
"""Packages that talk to drivers and browsers."""

PROJECT = pytest.StashKey[Project]()


@dataclass(frozen=True, slots=True)
class FailurePoint:
    """Where in the suite an exception came from."""

    line: Line | None
    """The innermost line in the file of the test, else in the project."""
    code: str
    """The text of this line."""
    locator: str
    """The element that was searched or waited for, empty if the exception is not about one."""
    is_of_driver: bool
    """Whether the call that failed was made by Selenium or by us, rather than by the suite itself."""


def failure_point(item: pytest.Item, raised: BaseException | None) -> FailurePoint:
    """The point of an exception that was raised in a test or in one of its fixtures."""
    project = item.config.stash.setdefault(PROJECT, Project(item.config.rootpath))
    entries = list(_entries(raised.__traceback__ if raised is not None else None))
    known = [(frame, line) for frame, line in entries if project.name(frame.f_code.co_filename) is not None]
    own = [(frame, line) for frame, line in known if frame.f_code.co_filename == os.fspath(item.path)]
    locators = [_locator(frame) for frame, _ in entries] if type(raised).__name__ in IN_VAIN else []
    return FailurePoint(
        *_line(project, (own or known)[-1:]),
        next((locator for locator in locators if locator), ""),
        _is_of_driver(project, [frame for frame, _ in entries]),
    )


def own_message(raised: BaseException) -> str:
    """The message of an exception, without Selenium's reference to its documentation."""
    message = str(raised if getattr(raised, "msg", None) is None else raised.msg)  # type: ignore[attr-defined]
    return DOCUMENTATION.sub("", message).strip()


def failure_text(raised: BaseException, point: FailurePoint) -> str:
    """Class and message of an exception, with all lines; of a search or wait in vain at least its locator."""
    return f"{type(raised).__name__}: {own_message(raised) or point.locator}".removesuffix(": ")


def _entries(trace: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    """Frames and line numbers, the outermost first."""
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def _line(project: Project, last: list[tuple[FrameType, int]]) -> tuple[Line | None, str]:
    for frame, number in last:
        file = frame.f_code.co_filename
        return (str(project.name(file)), number), linecache.getline(file, number).strip()
    return None, ""


def _locator(frame: FrameType) -> str:
    """The locator that this frame of Selenium searches or waits for."""
    if _package(frame) != "selenium":
        return ""
    if frame.f_code.co_name in FINDS:
        value = frame.f_locals.get("value")
        return selector(str(frame.f_locals.get("by")), str(value)) if value is not None else ""
    condition = frame.f_locals.get("method") if frame.f_code.co_name in WAITS else None
    if not inspect.isfunction(condition) or "<locals>" not in condition.__qualname__:
        return ""
    given = inspect.getclosurevars(condition).nonlocals.get("locator")
    if not isinstance(given, tuple) or len(given) != 2:
        return ""
    return f"{condition.__qualname__.partition('.')[0]} {selector(str(given[0]), str(given[1]))}"


def _is_of_driver(project: Project, frames: list[FrameType]) -> bool:
    """Whether the innermost frame that belongs to a driver or to the project belongs to a driver."""
    for frame in reversed(frames):
        if _package(frame):
            return True
        if project.name(frame.f_code.co_filename) is not None:
            return False
    return True


def _package(frame: FrameType) -> str:
    """The package of ``DRIVER_PACKAGES`` that a frame is in, or an empty text."""
    module = f"{frame.f_globals.get('__name__', '')}."
    return next((package for package in DRIVER_PACKAGES if module.startswith(f"{package}.")), "")
