"""What is learned from chromedriver is learned once."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from selenium.webdriver.chrome.webdriver import WebDriver

from uitest.browsers import start
from uitest.browsers.cdp.atoms import SAMPLE, Scripts, scripts_of
from uitest.browsers.engines import chrome


@pytest.fixture(scope="module")
def driver() -> Iterator[WebDriver]:
    """A Chrome that nobody has asked anything."""
    driver = start("chrome")
    assert isinstance(driver, WebDriver)
    yield driver
    driver.quit()


def learn(driver: WebDriver) -> tuple[Scripts, bool]:
    """The scripts, and whether chromedriver was asked for them."""
    driver.get("about:blank")
    scripts = scripts_of(driver, chrome.devtools_url(driver))
    return scripts, driver.current_url == SAMPLE


@pytest.mark.parametrize(
    "left", [None, "", "{", "[]", '{"text": "only"', '{"text": "x", "select": "y"}', '{"other": 1}']
)
def test_scripts_are_learned_once_and_again_if_damaged(
    driver: WebDriver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, left: str | None
) -> None:
    """The second browser finds what the first has kept; what is not whole is learned again."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    version = driver.capabilities["chrome"]["chromedriverVersion"].split()[0]
    if left is not None:
        first = learn(driver)[0]
        (kept,) = tmp_path.glob(f"uitest/chromedriver-{version}-*.json")
        kept.write_text(left)
        assert learn(driver) == (first, True)
    scripts, from_driver = learn(driver)
    assert from_driver is (left is None)
    assert learn(driver) == (scripts, False)
    assert all("callFunction" in (script or "") for script in (scripts.text, scripts.select, scripts.run))
    (kept,) = (tmp_path / "uitest").iterdir()
    assert json.loads(kept.read_text()) == asdict(scripts)


def test_cache_that_cannot_be_written_costs_only_time(
    driver: WebDriver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A cache that cannot be written to, or no home at all, costs the time only."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert learn(driver)[1]
    assert learn(driver)[1]
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", _no_home)
    assert learn(driver)[0].text


def _no_home() -> Path:
    raise RuntimeError("Could not determine home directory.")
