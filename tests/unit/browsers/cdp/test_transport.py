"""One WebSocket to a browser, with a small server in the browser's place."""

import base64
import contextlib
import hashlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from uitest.browsers.cdp.transport import MAX_EVENTS, InterruptedCall, Message, RefusedError, Transport
from uitest.errors import BrowserError

Answer = Callable[[dict[str, Any]], Iterable[dict[str, Any]] | None]
"""From a command to the messages sent back; None hangs up."""


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += connection.recv(size - len(data)) or b"\x88" * size
    return data


def _serve(listener: socket.socket, answer: Answer) -> None:
    """One connection of RFC 6455, small text frames only."""
    connection, _ = listener.accept()
    with connection, contextlib.suppress(ConnectionResetError):  # the client may hang up with messages unread
        request = b""
        while b"\r\n\r\n" not in request:
            request += connection.recv(4096)
        key = next(line for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")).split()[1]
        digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()  # noqa: S324 - RFC 6455
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
        )
        while True:
            head = _exactly(connection, 2)
            if head[0] != 0x81:
                return
            size = head[1] & 0x7F
            if size == 126:
                (size,) = struct.unpack("!H", _exactly(connection, 2))
            mask = _exactly(connection, 4)
            text = bytes(byte ^ mask[i % 4] for i, byte in enumerate(_exactly(connection, size)))
            messages = answer(json.loads(text))
            if messages is None:
                return
            for message in messages:
                data = json.dumps(message).encode()
                length = bytes([len(data)]) if len(data) < 126 else b"\x7e" + struct.pack("!H", len(data))
                connection.sendall(b"\x81" + length + data)


@pytest.fixture
def browser() -> Iterator[Callable[[Answer], Transport]]:
    """Connects a Wire to a server that answers as told."""
    listener = socket.create_server(("127.0.0.1", 0))
    opened: list[tuple[Transport, threading.Thread]] = []

    def connect(answer: Answer) -> Transport:
        thread = threading.Thread(target=_serve, args=(listener, answer), daemon=True)
        thread.start()
        opened.append((Transport(f"ws://127.0.0.1:{listener.getsockname()[1]}/", timeout=5), thread))
        return opened[-1][0]

    with listener:
        yield connect
        for wire, thread in opened:
            wire.close()
            thread.join()


def test_call_returns_the_answer_and_keeps_events(browser: Callable[[Answer], Transport]) -> None:
    """The answer with the command's number is the result; events that came first are kept, once."""
    wire = browser(
        lambda request: [
            {"method": "logged", "params": {"n": request["id"]}},
            {"id": request["id"], "result": request["params"]},
        ]
    )
    assert wire.call("Some.command", name="value") == {"name": "value"}
    wire.post("Some.other")
    assert wire.call("Some.command", name="other") == {"name": "other"}
    assert [event["params"]["n"] for event in wire.take_events()] == [1, 2, 3]
    assert wire.take_events() == []


def test_session_id_travels_beside_the_parameters(browser: Callable[[Answer], Transport]) -> None:
    """A DevTools session id travels beside the parameters."""
    seen: list[dict[str, Any]] = []
    wire = browser(lambda request: seen.append(request) or [{"id": request["id"]}])  # type: ignore[func-returns-value]
    wire.post("Page.enable", session="abc")
    assert wire.call("Page.enable") == {}
    assert seen[0] == {"id": 1, "method": "Page.enable", "params": {}, "sessionId": "abc"}


def test_diverted_events_and_late_answers_go_to_their_takers(browser: Callable[[Answer], Transport]) -> None:
    """An event that is dealt with displaces none that is kept; the answer to a request nobody waits for has a taker."""

    def answer(request: dict[str, Any]) -> list[dict[str, Any]]:
        news = [{"method": "logged", "params": {}}, *({"method": "request", "params": {}} for _ in range(MAX_EVENTS))]
        return [*news, {"id": request["id"], "result": request["params"]}]

    wire = browser(answer)
    diverted: list[str] = []
    taken: list[Any] = []

    def divert(event: Message) -> bool:
        if event["method"] == "request":
            diverted.append(event["method"])
            return True
        return False

    wire.divert = divert
    wire.post_for(taken.append, "Some.body", n=7)
    wire.call("Some.command")
    assert len(diverted) == 2 * MAX_EVENTS
    assert [message["result"] for message in taken] == [{"n": 7}]
    assert [event["method"] for event in wire.take_events()] == ["logged", "logged"]


def test_several_commands_are_answered_in_their_order(browser: Callable[[Answer], Transport]) -> None:
    """Several commands are answered in their order, whatever order the answers come in; a refusal comes last."""
    waiting: list[dict[str, Any]] = []

    def answer(request: dict[str, Any]) -> list[dict[str, Any]]:
        waiting.insert(0, {"id": request["id"], **request["params"]})
        return waiting if len(waiting) == 2 else []

    wire = browser(answer)
    requests = [("Some.command", {"result": {"n": 1}}), ("Some.command", {"result": {"n": 2}})]
    assert [result["n"] for result in wire.calls(requests, "abc")] == [1, 2]
    waiting.clear()
    with pytest.raises(RefusedError, match="no"):
        wire.calls([("Some.command", {"error": {"message": "no"}}), ("Some.command", {"result": {}})])
    waiting.clear()
    assert [result["n"] for result in wire.calls(requests)] == [1, 2]


def test_interrupting_event_ends_the_waiting(browser: Callable[[Answer], Transport]) -> None:
    """An event after which no answer is to be expected ends the waiting; an answer that comes late is passed over."""
    late: list[dict[str, Any]] = []

    def answer(request: dict[str, Any]) -> list[dict[str, Any]]:
        late.append({"id": request["id"], "result": request["params"]})
        return [{"method": "dialog", "params": {}}] if len(late) == 1 else late

    wire = browser(answer)
    with pytest.raises(InterruptedCall, match="dialog came before the answer to Some"):
        wire.calls([("Some.command", {})], interrupts=lambda event: event["method"] == "dialog")
    assert wire.call("Some.command", n=2) == {"n": 2}


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ({"error": {"code": -32000, "message": "no such context"}}, "refused Some.command: no such context"),
        ({"error": "invalid argument", "message": "no such context"}, "invalid argument: no such context"),
    ],
)
def test_refusal_has_the_browsers_words(
    browser: Callable[[Answer], Transport], error: dict[str, Any], message: str
) -> None:
    """Errors of DevTools and of BiDi are told in the browser's own words."""
    wire = browser(lambda request: [{"id": request["id"], **error}])
    with pytest.raises(BrowserError, match=message):
        wire.call("Some.command")


def test_browser_that_hangs_up_is_an_error(browser: Callable[[Answer], Transport]) -> None:
    """A browser that hangs up is a BrowserError, now and later, and closing is harmless."""
    wire = browser(lambda request: None)
    for _ in range(2):
        with pytest.raises(BrowserError, match="went away"):
            wire.call("Some.command")
    wire.close()


def test_newest_events_are_kept_within_the_limit(browser: Callable[[Answer], Transport]) -> None:
    """A page that logs for ever does not fill the memory: the newest events are kept."""
    count = MAX_EVENTS + 10
    wire = browser(
        lambda request: [*({"method": "logged", "params": {"n": n}} for n in range(count)), {"id": request["id"]}]
    )
    wire.call("Some.command")
    assert [event["params"]["n"] for event in wire.take_events()] == list(range(10, count))


def test_events_do_not_extend_the_timeout(browser: Callable[[Answer], Transport]) -> None:
    """A page that logs for ever and never answers is given up like a silent one."""
    over = threading.Event()

    def answer(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for _ in range(2_000):
            if over.wait(0.005):
                return
            yield {"method": "logged", "params": {}}
        yield {"id": request["id"]}

    wire = browser(answer)
    with pytest.raises(InterruptedCall, match="no answer to Some"):
        wire.calls([("Some.command", {})], timeout=1)  # so long nothing keeps the events away
    over.set()
    assert wire.take_events()


def test_address_without_a_listener_is_an_error() -> None:
    """An address where nobody listens is a BrowserError."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(BrowserError, match="does not accept connections"):
        Transport(f"ws://127.0.0.1:{port}/")
