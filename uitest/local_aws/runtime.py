"""Lambda's Runtime API for one environment: hands out events, takes answers.

See https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html; errors at the start and of an event count alike.
"""

import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from uitest.local_aws.environments import Answer, Delivery

ROOT = "/2018-06-01/runtime"


class Runtime:
    """The server; ``offer`` an event, ``take`` its answer."""

    def __init__(self, function: str) -> None:
        self._function = function
        self._events: queue.SimpleQueue[Delivery | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.runtime = self
        self.address = f"127.0.0.1:{self._server.server_port}"
        """What the runtime client reads from ``AWS_LAMBDA_RUNTIME_API``."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._events.put(None)
        self._server.shutdown()
        self._server.server_close()

    def offer(self, delivery: Delivery) -> None:
        """Hand an event to the client, as soon as it asks for one."""
        self._events.put(delivery)

    def take(self, seconds: float) -> Answer | None:
        """The client's next answer, None if there is none in that time."""
        try:
            return self._answers.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None

    def next(self) -> Delivery | None:
        """The event the client waits for; None when there will be none."""
        return self._events.get()

    def note(self, answer: Answer) -> None:
        """Keep what the client said."""
        self._answers.put(answer)

    def headers(self, delivery: Delivery) -> dict[str, str]:
        """What the client is told beside the event."""
        return {
            "Lambda-Runtime-Aws-Request-Id": delivery.request,
            "Lambda-Runtime-Deadline-Ms": str(int(delivery.deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:local:000000000000:function:{self._function}",
            "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000;Sampled=0",
            "Content-Type": "application/json",
        }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    runtime: Runtime


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """``invocation/next``."""
        if self.path != f"{ROOT}/invocation/next":
            self._answer(404)
            return
        delivery = self.server.runtime.next()
        if delivery is None:
            self._answer(503)
        else:
            self._answer(200, delivery.payload, self.server.runtime.headers(delivery))

    def do_POST(self) -> None:
        """``invocation/ID/response``, ``invocation/ID/error`` and ``init/error``."""
        payload = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        failed = self.path.endswith("/error")
        if not self.path.startswith(ROOT) or not (failed or self.path.endswith("/response")):
            self._answer(404)
            return
        self.server.runtime.note(Answer(payload, "Unhandled" if failed else None))
        self._answer(202, b'{"status": "OK"}')

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
