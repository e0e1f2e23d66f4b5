"""Addresses that hold a secret: a run uses them, its header in the store has them masked."""

from collections.abc import Sequence
from dataclasses import replace

from uitest.errors import UsageError
from uitest.masking import HIDDEN, masked
from uitest.model import Run


def without_secrets(header: Run, secrets: Sequence[str]) -> Run:
    """The header as it may be kept and shown."""
    grid = header.settings.get("grid")
    settings = {**header.settings, "grid": masked(grid, secrets)} if grid else header.settings
    return replace(header, url=masked(header.url, secrets), settings=settings)


def with_secrets(header: Run, secrets: Sequence[str], url: str | None, grid: str | None) -> Run:
    """The header with the addresses that its run needs; those that were kept without their secret are given again.

    Raises UsageError for one that is not given, or is another.
    """
    kept_grid = header.settings.get("grid")
    settings = {**header.settings, "grid": _whole("--grid", kept_grid, grid, secrets)} if kept_grid else header.settings
    return replace(header, url=_whole("--url", header.url, url, secrets), settings=settings)


def _whole(option: str, kept: str, given: str | None, secrets: Sequence[str]) -> str:
    if HIDDEN not in kept:
        return kept
    if not given:
        raise UsageError(f"the run's address {kept} was kept without its secret; give it again with {option}")
    if masked(given.rstrip("/"), secrets) != kept:
        raise UsageError(f"{option} is {masked(given, secrets)}, but the run is one of {kept}")
    return given.rstrip("/")
