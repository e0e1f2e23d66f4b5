"""Checks what uitest needs: Linux for browsers, and a new Selenium (pip may install an older one and only warn)."""

import sys
from importlib.metadata import PackageNotFoundError, version

from uitest.errors import UsageError

SELENIUM = (4, 40)
"""The oldest supported version, as in ``setup.cfg``."""


def check_system(platform: str | None = None) -> None:
    """Check that browsers can run on this machine. Raises UsageError on another system than Linux.

    Commands that only use AWS, read the store or write files do without this check. ``platform`` is ``sys.platform``
    unless given.
    """
    platform = platform or sys.platform
    if platform != "linux":
        raise UsageError(
            f"uitest runs browsers on Linux, and this is {platform}; use a container, such as the image of "
            "docs/image.md, on Windows the Windows Subsystem for Linux, or run the cases in AWS (--executor lambda)"
        )


def check(installed: str | None = None) -> None:
    """Raises UsageError if Selenium is missing or too old. ``installed`` is its version if that is known."""
    wanted = ".".join(map(str, SELENIUM))
    fix = f"pip install 'selenium>={wanted}'"
    try:
        installed = installed or version("selenium")
    except PackageNotFoundError:
        raise UsageError(f"uitest needs the package selenium: {fix}") from None
    numbers = tuple(int(part) for part in installed.split(".")[:2] if part.isdigit())
    if numbers < SELENIUM:
        raise UsageError(
            f"Selenium {installed} is too old: uitest needs {wanted} or newer (another package may have brought it): "
            f"{fix}"
        )
