"""Selenium's drivers have what is built on; without it the check says so."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.remote import websocket_connection
from selenium.webdriver.remote.file_detector import LocalFileDetector, UselessFileDetector
from selenium.webdriver.remote.shadowroot import ShadowRoot
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from uitest.browsers.sessions.element_references import with_elements
from uitest.compat import selenium_private, selenium_waits


class Unstarted(WebDriver):
    """A driver without a browser."""

    def start_session(self, capabilities: dict[str, Any]) -> None:
        self.session_id, self.caps = "none", {"browserName": "none"}


@pytest.fixture
def driver() -> WebDriver:
    """A driver without a browser."""
    return Unstarted(command_executor="http://nowhere.invalid", options=Options())


@pytest.mark.filterwarnings("error")
def test_selenium_is_as_known() -> None:
    """All that is checked is there, and no use of it is deprecated."""
    assert selenium_waits.waits_are_known()
    assert selenium_private.sharing_is_known()


def test_waits_are_put_back() -> None:
    """The check leaves no trace."""
    before = WebDriverWait.__init__.__defaults__
    selenium_waits.waits_are_known()
    assert WebDriverWait.__init__.__defaults__ is before


@pytest.mark.parametrize("broken", ["time", "defaults", "sleep"])
def test_other_waits_are_found_out(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    """A module without ``time``, a default that is not bound, a pause that is taken from elsewhere."""
    from selenium.webdriver.support import wait

    if broken == "time":
        monkeypatch.delattr(wait, "time")
    elif broken == "defaults":
        monkeypatch.setattr(WebDriverWait.__init__, "__defaults__", None)
        monkeypatch.setattr(WebDriverWait.__init__, "__kwdefaults__", {"poll_frequency": 0.001})
    else:
        monkeypatch.setattr(WebDriverWait, "until", lambda *_: None)
    with pytest.warns(UserWarning, match=r"^selenium \S+ does not .* waits are Selenium's own"):
        assert not selenium_waits.waits_are_known()


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (websocket_connection, "WebSocketApp"),
        (websocket_connection.WebSocketConnection, "_start_ws"),
        (websocket_connection.WebSocketConnection, "_process_message"),
        (websocket_connection, "WebSocketConnection"),
    ],
)
def test_other_bidi_is_found_out(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    """The name is another one, so that what overrides it is never called."""
    original = getattr(owner, name)
    monkeypatch.delattr(owner, name)
    monkeypatch.setattr(owner, f"{name}_of_another_version", original, raising=False)
    with pytest.warns(UserWarning, match=r"^selenium \S+ does not .* each case gets a browser of its own"):
        assert not selenium_private.sharing_is_known()


def test_check_leaves_the_connections_of_other_threads_alone() -> None:
    """Checks in several threads, as browsers start in; the name that each would replace is Selenium's at any moment."""
    original, seen = websocket_connection.WebSocketApp, set()

    def check(_: int) -> bool:
        for _ in range(20):
            assert selenium_private._check_connection()
            seen.add(websocket_connection.WebSocketApp)
        return True

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(check, range(4)))
    assert seen == {original}


def test_other_way_to_bidi_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that connects without the hook."""
    monkeypatch.setattr(WebDriver, "network", property(lambda _: None))
    with pytest.warns(UserWarning, match=r"^selenium \S+ does not .* each case gets a browser of its own"):
        assert not selenium_private.sharing_is_known()


def test_local_driver_uploads_nothing(driver: WebDriver) -> None:
    """Its files need no upload, and its file detector is Selenium's own."""
    selenium_private.mark_local(driver)
    assert driver._is_remote is False
    assert isinstance(driver.file_detector, LocalFileDetector)


def test_local_driver_of_another_selenium(driver: WebDriver) -> None:
    """Without the name no file is found, so that none is uploaded."""
    del driver._is_remote
    with pytest.warns(UserWarning, match=r"^selenium \S+ does not .* no file detector"):
        selenium_private.mark_local(driver)
    assert isinstance(driver.file_detector, UselessFileDetector)


def test_elements_are_what_selenium_makes_of_the_answer(driver: WebDriver) -> None:
    """Values are what Selenium makes of the same answer."""
    answer = {
        "a": [{"element-6066-11e4-a52e-4f735466cecf": "f.1"}, {"shadow-6066-11e4-a52e-4f735466cecf": "f.2"}, None],
        "b": {"c": "words", "d": {"element-6066-11e4-a52e-4f735466cecf": "f.3"}},
        "e": 1.5,
    }

    def plain(value: Any) -> Any:
        if isinstance(value, WebElement | ShadowRoot):
            return type(value), value.id if isinstance(value, WebElement) else value._id
        if isinstance(value, dict):
            return {key: plain(inner) for key, inner in value.items()}
        return [plain(inner) for inner in value] if isinstance(value, list) else value

    ours = plain(with_elements(driver, answer))
    assert ours == plain(driver._unwrap_value(answer))  # type: ignore[no-untyped-call]
    assert ours["a"][0] == (WebElement, "f.1")
