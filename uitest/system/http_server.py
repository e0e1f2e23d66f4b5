"""A web server with a thread per connection and keep-alive: the base of the site's server and of the local AWS APIs."""

import socket
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from threading import Thread
from typing import Any, Self


class Handler(BaseHTTPRequestHandler):
    """Base class of the request handlers: it logs nothing."""

    protocol_version = "HTTP/1.1"
    server_version = "uitest"
    sys_version = ""
    wbufsize = -1  # headers and body leave in one packet; http.server flushes after each request
    disable_nagle_algorithm = True

    def body(self) -> bytes:
        """The body of the request."""
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def handle_expect_100(self) -> bool:
        """Tell a client that waits before it sends the body of its request, as those of AWS do, to send it."""
        proceeds = super().handle_expect_100()
        self.wfile.flush()
        return proceeds

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


class Server(ThreadingMixIn, TCPServer):
    """A server, as a context manager; connections that are open at its end are closed.

    It is not an ``HTTPServer``, which looks up its own name in the DNS.
    """

    daemon_threads = True
    allow_reuse_address = True
    allow_reuse_port = False  # a port in use must be an error, not shared
    request_queue_size = 128

    def __init__(self, handler: type[Handler], host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; ``port`` 0 means any free port. Raises OSError, and OverflowError for an impossible port."""
        self._connections: set[socket.socket] = set()
        super().__init__((host, port), handler)
        self.port: int = self.server_address[1]
        self.url = f"http://{host}:{self.port}"
        # The polling interval is the longest time that __exit__ takes.
        self._thread = Thread(target=self.serve_forever, args=(0.05,), name="http-server", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def wait(self) -> None:
        """Block until the server is closed or the user interrupts (KeyboardInterrupt)."""
        self._thread.join()

    def __exit__(self, *exc_info: object) -> None:
        self.shutdown()
        self.server_close()
        for connection in list(self._connections):
            with suppress(OSError):  # closed by the other side already
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection."""
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def close_request(self, request: Any) -> None:
        """Close a connection."""
        self._connections.discard(request)
        super().close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that close the connection in the middle of a response, as browsers and killed processes do."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)
