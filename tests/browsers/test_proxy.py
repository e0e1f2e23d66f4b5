"""Browsers of a machine whose network has a proxy."""

import pytest

from uitest import browsers
from uitest.browsers.settings import Settings
from uitest.model import BROWSERS


@pytest.mark.parametrize("name", BROWSERS)
def test_proxy_of_the_network_is_not_asked_for_drivers_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, slow_page: str, name: str
) -> None:
    """The variables name one that does not answer, and no exception for this machine."""
    for variable in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    for variable in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(variable, "corp.example")
    settings = Settings()
    browser = browsers.launch(name, settings, browsers.options(name, settings))
    try:
        driver = browser.open()
        driver.get(f"{slow_page}/quick")
        assert driver.title == "quick"
        assert driver.execute_script("return document.title") == "quick"
        browser.close(driver)
    finally:
        browser.kill()
