"""Serves Lambda's Runtime API to one environment: delivers events and receives answers.

See https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html; init errors are treated like those of an event.
"""

import queue

from uitest.local_aws.api_handler import ApiHandler
from uitest.local_aws.environments import Answer, Delivery
from uitest.system import http_server

ROOT = "/2018-06-01/runtime"


class Runtime(http_server.Server):
    """The server, as a context manager: ``offer`` an event, then ``take`` its answer."""

    def __init__(self, function: str) -> None:
        super().__init__(_Handler)
        self._function = function
        self._events: queue.SimpleQueue[Delivery | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self.address = self.url.removeprefix("http://")
        """The value for ``AWS_LAMBDA_RUNTIME_API``."""

    def __exit__(self, *exc_info: object) -> None:
        self._events.put(None)
        super().__exit__(*exc_info)

    def offer(self, delivery: Delivery) -> None:
        """Queue an event for the client."""
        self._events.put(delivery)

    def take(self, seconds: float) -> Answer | None:
        """The client's next answer, None if there is none within ``seconds``."""
        try:
            return self._answers.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None

    def next(self) -> Delivery | None:
        """Wait for the next event; None when the server ends."""
        return self._events.get()

    def note(self, answer: Answer) -> None:
        """Queue the client's answer for ``take``."""
        self._answers.put(answer)

    def headers(self, delivery: Delivery) -> dict[str, str]:
        """HTTP headers of an event."""
        return {
            "Lambda-Runtime-Aws-Request-Id": delivery.request,
            "Lambda-Runtime-Deadline-Ms": str(int(delivery.deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:local:000000000000:function:{self._function}",
            "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000;Sampled=0",
        }


class _Handler(ApiHandler):
    server: Runtime

    def do_GET(self) -> None:  # noqa: N802  the name http.server asks for
        """``invocation/next``."""
        if self.path != f"{ROOT}/invocation/next":
            self.answer(404)
            return
        delivery = self.server.next()
        if delivery is None:
            self.answer(503)
        else:
            self.answer(200, delivery.payload, self.server.headers(delivery))

    def do_POST(self) -> None:  # noqa: N802  the name http.server asks for
        """``invocation/ID/response``, ``invocation/ID/error`` and ``init/error``."""
        payload = self.body()
        failed = self.path.endswith("/error")
        if not self.path.startswith(ROOT) or not (failed or self.path.endswith("/response")):
            self.answer(404)
            return
        self.server.note(Answer(payload, "Unhandled" if failed else None))
        self.answer(202, b'{"status": "OK"}')
