"""Checks whether a tool behaves as uitest expects, and warns once if it does not.

A check of a Python package takes less than a millisecond and runs in each process that needs it, so that it also
sees what another plugin has replaced. A check of a program (Chrome) takes longer, so a pass is remembered in the cache
folder for this version of the program and of the check. A failed check is repeated by the next process, because the
machine may have been the reason.
"""

import contextlib
import hashlib
import logging
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of_package
from pathlib import Path

from uitest.system import cache_dir

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that uitest can do only while a tool behaves as expected."""

    tool: str
    """The package, by the name that pip knows, or the program."""
    name: str
    """The part of the tool, for the warning."""
    instead: str
    """The consequence, for the warning: the second half of a sentence."""


_verdicts: dict[tuple[Feature, str | None], bool] = {}
"""Results of the checks in this process, by feature and version of the program."""

_told: list[str] = []
"""The warnings of this process that ``take_warnings`` has not handed out."""


def works(feature: Feature, check: Callable[[], bool], version: str | None = None) -> bool:
    """Whether ``check`` returns true; an exception counts as false. Warns once if it does not.

    ``version`` is that of a program, whose passed check is remembered; None for a package.
    """
    key = feature, version
    if key not in _verdicts:
        passed = _passed_file(feature, check, version) if version is not None else None
        _verdicts[key] = (passed is not None and passed.exists()) or _is_passed(feature, check)
        if not _verdicts[key]:
            warn(feature, version)
        elif passed is not None:
            with contextlib.suppress(OSError):
                cache_dir.keep(passed, lambda part: part.write_text("passed\n"))
    return _verdicts[key]


def warn(feature: Feature, version: str | None = None) -> None:
    """Warn that a feature is not used; never raises, even where warnings are errors.

    ``version`` is that of a program; a package's is looked up.
    """
    text = (
        f"{feature.tool} {version or _package_version(feature.tool)} does not behave as uitest knows it "
        f"({feature.name}): {feature.instead}"
    )
    if text in _warned:
        return
    _warned.add(text)
    _told.append(text)
    LOGGER.info("%s", text)
    with contextlib.suppress(UserWarning):
        warnings.warn(text, stacklevel=3)


_warned: set[str] = set()


def take_warnings() -> list[str]:
    """The texts of the warnings so far; each is handed out once."""
    taken = list(_told)
    _told.clear()
    return taken


def forget() -> None:
    """Forget all results and warnings, as in a new process."""
    _verdicts.clear()
    _warned.clear()
    _told.clear()


def _is_passed(feature: Feature, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:
        LOGGER.info("the check of %s (%s) failed", feature.tool, feature.name, exc_info=True)
        return False


def _passed_file(feature: Feature, check: Callable[[], bool], version: str) -> Path | None:
    """The file that exists once this version has passed this check; None without a home folder."""
    name = re.sub(r"[^0-9A-Za-z.]+", "-", f"{feature.tool} {version} {feature.name}")
    source = Path(check.__code__.co_filename).read_bytes()
    try:
        return cache_dir.cache() / "checks" / f"{name}-{hashlib.sha256(source).hexdigest()[:12]}"
    except RuntimeError:
        return None


def _package_version(package: str) -> str:
    try:
        return version_of_package(package)
    except PackageNotFoundError:
        return "(of an unknown version)"
