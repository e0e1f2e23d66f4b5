"""Private parts of Selenium's drivers that uitest depends on.

BiDi: a driver connects in ``_start_bidi``, keeps the connection in ``_websocket_connection``, and the connection
(``WebSocketConnection``) sends by its ``_ws`` and hears in ``_process_message``. A warm browser can be shared only if a
case that connects is noticed and sees nothing of other cases; without them each case gets a browser of its own.

Uploads: ``_is_remote`` says that files must be sent to the browser's machine first.
"""

import inspect
import json
from collections.abc import Callable, Generator, Mapping
from types import FunctionType
from typing import Any, Protocol

from selenium.webdriver.remote.file_detector import UselessFileDetector
from selenium.webdriver.remote.webdriver import WebDriver

from uitest.compat.features import Feature, warn, works

SHARING = Feature("selenium", "BiDi connections", "each case gets a browser of its own, which takes longer")
UPLOADS = Feature("selenium", "where files to upload are", "drivers have no file detector")


def mark_local(driver: WebDriver) -> None:
    """Have the files that a case uploads read by the browser, which is on this machine."""
    if hasattr(driver, "_is_remote"):
        driver._is_remote = False
    else:
        warn(UPLOADS)
        driver.file_detector = UselessFileDetector()


class Translator(Protocol):
    """Puts the messages of a BiDi connection into other terms."""

    def sent(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """A command, as the browser is to get it."""

    def received(self, message: Mapping[str, Any]) -> dict[str, Any] | None:
        """A message of the browser, as the case is to see it; None for one that it is not to see."""


class BidiHookDriver(WebDriver):
    """A driver whose BiDi connection is made by ``connect_bidi``, when Selenium first needs one."""

    def connect_bidi(self, url: str) -> Any:
        """A connection to the address that the capabilities name; see ``bidi_connection``."""
        raise NotImplementedError

    @property
    def is_bidi_connected(self) -> bool:
        """Whether there is a connection."""
        return self._websocket_connection is not None

    def _start_bidi(self) -> None:
        url = self.caps.get("webSocketUrl")
        if not url:
            super()._start_bidi()  # says that there is none
        self._websocket_connection = self.connect_bidi(str(url))


def bidi_connection(url: str, config: Any, translator: Translator, base: Any = None) -> Any:
    """Selenium's BiDi connection as it makes it by itself with a ``ClientConfig``, but with translated messages.

    ``base`` is the class of Selenium's connection, if it is not ``WebSocketConnection``.
    """
    words = [url, config.websocket_timeout]
    if _takes_interval():
        words.append(config.websocket_interval)
    return _connection_class(base)(translator, *words)


def _takes_interval() -> bool:
    """Whether a connection must be told how often to look for answers: until Selenium 4.51."""
    from selenium.webdriver.remote.websocket_connection import WebSocketConnection

    interval = inspect.signature(WebSocketConnection).parameters.get("interval")
    return interval is not None and interval.default is inspect.Parameter.empty


def _connection_class(base: Any) -> Any:
    from selenium.webdriver.remote.websocket_connection import WebSocketConnection

    class TranslatedConnection(base or WebSocketConnection):  # type: ignore[misc]
        def __init__(self, translator: Translator, *words: Any) -> None:
            self._translator = translator
            super().__init__(*words)

        def _start_ws(self) -> None:
            super()._start_ws()
            socket: Any = self._ws
            send: Callable[[str], Any] = socket.send
            socket.send = lambda data: send(json.dumps(self._translator.sent(json.loads(data))))

        def _process_message(self, message: str) -> None:
            translated = self._translator.received(json.loads(message))
            if translated is not None:
                super()._process_message(json.dumps(translated))

    return TranslatedConnection


def sharing_is_known() -> bool:
    """Whether a warm browser can be shared; warns once if not."""
    return works(SHARING, lambda: _check_driver() and _check_connection())


def _check_driver() -> bool:
    """Each way to BiDi that a driver offers asks the hook first."""
    from selenium.webdriver.chrome.options import Options

    class Driver(BidiHookDriver):
        def start_session(self, capabilities: dict[str, Any]) -> None:
            self.session_id, self.caps = "none", {"webSocketUrl": "ws://nowhere", "browserName": "none"}

        def connect_bidi(self, url: str) -> Any:
            raise ConnectionError(url)

    driver = Driver(command_executor="http://nowhere.invalid", options=Options())
    if driver.is_bidi_connected:
        return False
    for name in ("script", "network", "browser", "browsing_context", "storage"):
        try:
            getattr(driver, name)
        except ConnectionError:
            continue
        return False
    return True


class _EchoSocket:
    """Stands in for the socket of a connection: answers each command."""

    def __init__(self, url: str, on_open: Any, on_message: Any, **_others: Any) -> None:
        self.sent: list[str] = []
        self._on_open, self._on_message = on_open, on_message

    def run_forever(self, **_how: Any) -> None:
        self._on_open(self)

    def send(self, data: str) -> None:
        self.sent.append(data)
        self._on_message(self, json.dumps({"id": json.loads(data)["id"], "result": {"of": "the browser"}}))

    def close(self) -> None:
        """Nothing to end."""


class _Marks:
    """A translator whose work can be seen."""

    def sent(self, message: Mapping[str, Any]) -> dict[str, Any]:
        return {**message, "method": "translated"}

    def received(self, message: Mapping[str, Any]) -> dict[str, Any] | None:
        return {**message, "result": {"of": "the translator"}}


def _check_connection() -> bool:
    """A command and its answer pass the translator.

    The connection of the check has a socket of ours. The module keeps its own: several threads may start browsers, each
    with this check, while another one connects.
    """
    from selenium.webdriver.remote import websocket_connection
    from selenium.webdriver.remote.client_config import ClientConfig

    def command() -> Generator[dict[str, Any], Any, Any]:
        return (yield {"method": "plain", "params": {}})

    names = vars(websocket_connection)
    if "WebSocketApp" not in names:
        return False
    start = websocket_connection.WebSocketConnection._start_ws
    names = {**names, "WebSocketApp": _EchoSocket}

    class EchoConnection(websocket_connection.WebSocketConnection):
        _start_ws = FunctionType(start.__code__, names, closure=start.__closure__)

    config = ClientConfig("http://nowhere.invalid")
    connection = bidi_connection("ws://nowhere.invalid", config, _Marks(), EchoConnection)
    result = connection.execute(command())
    methods = [json.loads(data)["method"] for data in connection._ws.sent]
    return result == {"of": "the translator"} and methods == ["translated"]
