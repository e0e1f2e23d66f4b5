"""A real Firefox that begins with what another has left."""

from pathlib import Path

import pytest

from uitest import browsers
from uitest.browsers.engines.firefox import Firefox
from uitest.browsers.process.discovery import geckodriver
from uitest.errors import BrowserError
from uitest.system.cache_dir import cache

PAGE = "data:text/html,<title>there</title>"
SCRIPTS = Path("startupCache", "scriptCache.bin")
BEGUN_WITH = SCRIPTS.with_stem("scriptCache-current")
"""Firefox calls them so if there are any when it starts."""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else's; the driver is the one that everybody has."""
    monkeypatch.setenv("UITEST_GECKODRIVER", geckodriver())
    monkeypatch.setenv("UITEST_CACHE", str(tmp_path / "cache"))


def start() -> Firefox:
    """A Firefox that shows a page."""
    driver = browsers.start("firefox")
    assert isinstance(driver, Firefox)
    driver.get(PAGE)
    assert driver.title == "there"
    return driver


def profile(driver: Firefox) -> Path:
    """Where its profile is."""
    return Path(driver.capabilities["moz:profile"])


@pytest.mark.slow
def test_second_firefox_starts_with_what_the_first_compiled() -> None:
    """One that quits leaves what it compiled, one that begins has it at once, and takes it for its own."""
    start().quit()
    (kept,) = cache().iterdir()
    driver = start()
    try:
        assert (profile(driver) / BEGUN_WITH).read_bytes() == (kept / SCRIPTS).read_bytes()
    finally:
        driver.kill()
    assert not profile(driver).exists()
    assert [path.name for path in cache().iterdir()] == [kept.name]


@pytest.mark.slow
def test_firefox_starts_with_a_broken_cache() -> None:
    """Firefox starts with a cache that is broken."""
    start().quit()
    (kept,) = cache().iterdir()
    for file in (kept / "startupCache").iterdir():
        file.write_bytes(file.read_bytes()[:2_000] + b"rubbish" * 1_000)
    start().quit()


@pytest.mark.slow
def test_failed_start_deletes_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be at fault, and a next start must not fail for it."""
    start().quit()
    (tmp_path / "firefox").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "firefox").chmod(0o755)
    (tmp_path / "application.ini").write_text(f"BuildID={next(cache().iterdir()).name.removeprefix('firefox-')}\n")
    monkeypatch.setenv("UITEST_FIREFOX", str(tmp_path / "firefox"))
    with pytest.raises(BrowserError):
        browsers.start("firefox")
    assert [path.name for path in cache().iterdir()] == []


def test_profile_of_the_suite_is_used(tmp_path: Path) -> None:
    """A suite that names a profile gets it."""
    (tmp_path / "mine").mkdir()
    settings = browsers.Settings(arguments=("-profile", str(tmp_path / "mine")))
    driver = browsers.start("firefox", settings)
    assert isinstance(driver, Firefox)
    assert profile(driver) == tmp_path / "mine"
    driver.quit()
    assert not cache().exists()
