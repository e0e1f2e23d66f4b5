"""Base class of the request handlers of both local AWS APIs."""

from uuid import uuid4

from uitest.system import http_server


class ApiHandler(http_server.Handler):
    """Base class of the request handlers."""

    def answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        """Send a response, with the request id that some AWS clients require."""
        self.send_response(status)
        always = {"Content-Type": "application/json", "x-amzn-RequestId": str(uuid4())}
        for name, value in {**always, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
