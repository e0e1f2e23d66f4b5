"""Masks secrets in the addresses of a run's header before it is stored, and restores them for a resume."""

from collections.abc import Sequence
from dataclasses import replace

from uitest.errors import UsageError
from uitest.masking import HIDDEN, masked
from uitest.model import Run


def without_secrets(header: Run, secrets: Sequence[str]) -> Run:
    """The header with secrets in its addresses masked, as it may be stored and shown."""
    grid = header.settings.get("grid")
    settings = {**header.settings, "grid": masked(grid, secrets)} if grid else header.settings
    return replace(header, url=masked(header.url, secrets), settings=settings)


def with_secrets(header: Run, secrets: Sequence[str], url: str | None, grid: str | None) -> Run:
    """The header with complete addresses: those that were stored masked are replaced by ``url`` and ``grid``.

    Raises UsageError if a masked address is not given, or the given one is a different address.
    """
    stored = header.settings.get("grid")
    settings = {**header.settings, "grid": _complete("--grid", stored, grid, secrets)} if stored else header.settings
    return replace(header, url=_complete("--url", header.url, url, secrets), settings=settings)


def _complete(option: str, stored: str, given: str | None, secrets: Sequence[str]) -> str:
    if HIDDEN not in stored:
        return stored
    if not given:
        raise UsageError(f"the run's address {stored} was stored without its secret; give it again with {option}")
    if masked(given.rstrip("/"), secrets) != stored:
        raise UsageError(f"{option} is {masked(given, secrets)}, but the run's address is {stored}")
    return given.rstrip("/")
