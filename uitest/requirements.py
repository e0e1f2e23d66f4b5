"""Checks that this is Linux and that Selenium is new enough: pip may replace it with an older version and only warn."""

import sys
from importlib.metadata import PackageNotFoundError, version

from uitest.errors import UsageError

SELENIUM = (4, 40)
"""The oldest supported version, as in ``setup.cfg``."""


def check_system(platform: str = sys.platform) -> None:
    """Raises UsageError on another system than Linux."""
    if platform != "linux":
        raise UsageError(
            f"uitest runs on Linux, and this is {platform}; use a container, such as the image of docs/image.md, or on "
            "Windows the Windows Subsystem for Linux"
        )


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
