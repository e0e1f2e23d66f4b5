"""Where browsers and drivers are looked for."""

from pathlib import Path

import pytest

from uitest.browsers.process import discovery
from uitest.errors import BrowserError

VARIABLES = ("CHROME", "CHROMEDRIVER", "FIREFOX", "GECKODRIVER", "WEBKITWEBDRIVER", "XVFB", "MINIBROWSER")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH, empty; nothing may be downloaded or is cached."""
    for name in VARIABLES:
        monkeypatch.delenv(f"UITEST_{name}", raising=False)
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("UITEST_OFFLINE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


def install(folder: Path, name: str) -> str:
    """Put a program into a folder."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_headless_shell_is_preferred_for_shell_only(programs: Path) -> None:
    """The headless shell is preferred for ``shell`` and never used for anything else."""
    full = install(programs, "chromium")
    assert discovery.chrome("shell") == full
    shell = install(programs, "chromium-headless-shell")
    assert discovery.chrome("shell") == shell
    assert discovery.chrome("new") == discovery.chrome("headed") == full
    assert (discovery.is_shell(shell), discovery.is_shell(full)) == (True, False)


def test_variable_wins_over_path(programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable beats the PATH, and one that names no program is an error rather than ignored."""
    install(programs, "chromium")
    chosen = install(tmp_path / "opt", "my-chrome")
    monkeypatch.setenv("UITEST_CHROME", chosen)
    assert discovery.chrome("shell") == discovery.chrome("new") == chosen
    monkeypatch.setenv("UITEST_CHROME", str(tmp_path / "nothing"))
    with pytest.raises(BrowserError, match=r"UITEST_CHROME is '.*nothing', which is not an executable"):
        discovery.chrome("shell")


@pytest.mark.parametrize(
    ("find", "install_hint"),
    [
        (lambda: discovery.chrome("shell"), "uitest install chrome"),
        (discovery.firefox, "uitest install firefox"),
        (discovery.chromedriver, "uitest install chrome"),
        (discovery.webkitdriver, "uitest install webkit"),
        (discovery.xvfb, "uitest install webkit"),
    ],
)
def test_missing_program_is_one_line_with_what_to_install(programs: Path, find: object, install_hint: str) -> None:
    """What is not there is said in one line with what to install."""
    with pytest.raises(BrowserError) as caught:
        find()  # type: ignore[operator]
    assert install_hint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_drivers_on_the_path_are_taken(programs: Path) -> None:
    """Drivers on the PATH are taken as they are."""
    names = ("chromedriver", "geckodriver", "WebKitWebDriver", "Xvfb", "firefox")
    paths = [install(programs, name) for name in names]
    names = [
        discovery.chromedriver(),
        discovery.geckodriver(),
        discovery.webkitdriver(),
        discovery.xvfb(),
        discovery.firefox(),
    ]
    assert names == paths


MANAGER = """#!/bin/sh
echo "$@" >"{log}"
printf '{{"logs": [], "result": {{"code": 0, "message": "", "driver_path": "{driver}", "browser_path": ""}}}}'
"""


def test_selenium_manager_is_tried_before_a_driver_is_missing(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for a driver that fits the installed browser, after webdriver-manager, which reaches nothing here."""
    chromium, driver, log = install(programs, "chromium"), tmp_path / "chromedriver", tmp_path / "asked"
    manager = Path(install(tmp_path / "manager", "selenium-manager"))
    manager.write_text(MANAGER.format(log=log, driver=driver))
    driver.touch()
    monkeypatch.delenv("UITEST_OFFLINE")
    monkeypatch.setenv("SE_MANAGER_PATH", str(manager))
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert discovery.chromedriver() == str(driver)
    assert log.read_text().startswith(f"--driver chromedriver --browser-path {chromium} ")
    manager.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(BrowserError, match="neither webdriver-manager nor Selenium Manager could download it; run: "):
        discovery.chromedriver()


def test_packaged_geckodriver_is_copied_to_the_cache_once(programs: Path, tmp_path: Path) -> None:
    """Where nothing can be downloaded the wheel's geckodriver is copied to the cache, once, ready to run."""
    driver = Path(discovery.geckodriver())
    assert driver.is_relative_to(tmp_path / "cache")
    assert driver.stat().st_mode & 0o111
    written = driver.stat().st_mtime_ns
    assert discovery.geckodriver() == str(driver)
    assert driver.stat().st_mtime_ns == written
    assert list(driver.parent.iterdir()) == [driver]


def test_windows_need_a_display(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is told before anything starts; WebKit always has one of its own."""
    for name in ("chromium", "chromedriver", "firefox-esr", "geckodriver"):
        install(programs, name)
    for name in discovery.DISPLAYS:
        monkeypatch.delenv(name, raising=False)
    for engine in ("chrome", "firefox"):
        with pytest.raises(BrowserError, match=f"^{engine} cannot show its windows: .* leave out --headed"):
            discovery.check(engine, "headed")
        discovery.check(engine, "new")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    discovery.check("chrome", "headed")
