"""The base of the web servers."""

import socket

from uitest.system import http_server


class Echo(http_server.Handler):
    """Answers with the body of the request."""

    def do_PUT(self) -> None:  # noqa: N802 - the name http.server looks for
        """Answer with the body."""
        body = self.body()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def test_client_that_expects_100_is_told_to_continue_before_it_sends_the_body() -> None:
    """A PUT with ``Expect: 100-continue``, as botocore sends it to S3, does not wait for its time-out."""
    head = b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    with http_server.Server(Echo) as server, socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(head)
        assert client.recv(1000).startswith(b"HTTP/1.1 100 Continue\r\n")
        client.sendall(b"ok")
        answer = b""
        while not answer.endswith(b"ok"):
            answer += client.recv(1000)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


def test_open_connection_is_closed_at_the_end() -> None:
    """A client that keeps its connection alive is not waited for."""
    with http_server.Server(Echo) as server:
        client = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        client.sendall(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")
        assert client.recv(1000)
    with client:
        while client.recv(1000):
            pass
