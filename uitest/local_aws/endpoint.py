"""Lambda's Invoke API on 127.0.0.1, as boto3 speaks it; point ``AWS_ENDPOINT_URL_LAMBDA`` here.

See https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html. Signatures are not looked at.
"""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from uitest.invocation import PAYLOAD_LIMIT
from uitest.local_aws.service import Service, Throttled, UnknownFunction

INVOKE = re.compile(r"/2015-03-31/functions/([^/?]+)/invocations(?:\?.*)?")

ANSWERED_LIMIT = 6 * 1024 * 1024
"""Bytes that an invocation may have whose answer is waited for."""


class Endpoint:
    """The server, in a ``with`` statement; the service is the caller's to close."""

    def __init__(self, service: Service, port: int = 0) -> None:
        """``port`` 0: a free one."""
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.service = service
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    service: Service


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Invoke."""
        payload = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        found = INVOKE.fullmatch(self.path)
        if found is None:
            self._refuse(404, "UnknownOperationException", f"nothing is known here about {self.path}")
            return
        name, is_event = unquote(found[1]), self.headers.get("X-Amz-Invocation-Type") == "Event"
        limit = PAYLOAD_LIMIT if is_event else ANSWERED_LIMIT
        if len(payload) > limit:
            self._refuse(413, "RequestTooLargeException", f"{len(payload)} byte payload is too large, limit {limit}")
            return
        try:
            if is_event:
                self.server.service.accept(name, payload)
                self._answer(202)
            else:
                answer = self.server.service.answer(name, payload)
                self._answer(200, answer.payload, {"X-Amz-Function-Error": answer.error} if answer.error else {})
        except UnknownFunction:
            self._refuse(404, "ResourceNotFoundException", f"Function not found: {name}")
        except Throttled:
            self._refuse(429, "TooManyRequestsException", "Rate Exceeded.")

    def _refuse(self, status: int, kind: str, message: str) -> None:
        self._answer(status, json.dumps({"Message": message}).encode(), {"X-Amzn-ErrorType": kind})

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
