"""Checks that Selenium is new enough: pip may replace it with an older version and only warn."""

from importlib.metadata import PackageNotFoundError, version

from uitest.errors import UsageError

SELENIUM = (4, 40)
"""The oldest supported version, as in ``setup.cfg``."""


def check(found: str | None = None) -> None:
    """Raises UsageError if Selenium is missing or too old. ``found`` is its version if that is known."""
    wanted = ".".join(map(str, SELENIUM))
    fix = f"pip install 'selenium>={wanted}'"
    try:
        found = found or version("selenium")
    except PackageNotFoundError:
        raise UsageError(f"uitest needs the package selenium: {fix}") from None
    numbers = tuple(int(part) for part in found.split(".")[:2] if part.isdigit())
    if numbers < SELENIUM:
        raise UsageError(
            f"Selenium {found} is too old: uitest needs {wanted} or newer (another package may have brought it): {fix}"
        )
