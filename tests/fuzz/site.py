"""Serves the pages of one program on a loopback address, to one browser.

Nothing in a page happens at a time of its own: what is to happen late waits for ``Site.release``, and a slow page
is slow because the server is. So two browsers that are sent the same commands show the same pages.
"""

import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

SLOW_S = 0.15
"""How long a page below ``/slow`` takes."""

HELD_S = 3.0
"""Longest wait for what a page has announced."""

HELD_AT_ONCE = 3
"""A browser has no more than six connections to a server, and must load pages over the others."""

DONE_S = 0.5
"""Longest wait for a page to do what was released; one that shows a dialog cannot."""

PRELUDE = """<!doctype html><link rel=icon href=data:,><script>
function late(act) {
  fetch('/held').then(answer => answer.text()).then(text => {
    if (text !== 'go') return;
    navigator.sendBeacon('/done');
    act();
  });
}
</script>"""
"""``late`` in a page does something when it is released."""


class Site:
    """One server; ``begin`` gives it the next program's pages."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.site = self
        self._changed = threading.Condition()
        self._pages: Sequence[str] = ()
        self._round = 0
        """Which program is running: what is held for an earlier one is let go."""
        self._held = self._released = self._done = 0
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def begin(self, pages: Sequence[str]) -> None:
        """Serve these pages, by their number."""
        with self._changed:
            self._pages = pages
            self._round += 1
            self._held = self._released = self._done = 0
            self._changed.notify_all()

    def release(self) -> bool:
        """Let happen what pages do late; whether there was anything."""
        with self._changed:
            waiting = self._held - self._released
            expected = self._done + waiting
            self._released = self._held
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._done >= expected, DONE_S)
        if waiting:
            time.sleep(0.06)  # from the page's word to what it does there is no more than a task
        return waiting > 0

    def close(self) -> None:
        """Stop serving."""
        self.begin(())
        self._server.shutdown()
        self._server.server_close()

    def _hold(self) -> str:
        with self._changed:
            if self._held - self._released >= HELD_AT_ONCE:
                return "over"
            self._held += 1
            turn, now = self._held, self._round
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._released >= turn or self._round != now, 60)
            return "go" if self._round == now else "over"

    def _await_held(self) -> None:
        with self._changed:
            now = self._round
            self._changed.wait_for(lambda: self._held > 0 or self._round != now, HELD_S)

    def _note_done(self) -> None:
        with self._changed:
            self._done += 1
            self._changed.notify_all()

    def respond(self, path: str) -> tuple[str, str]:
        """Kind and text of what is at a path."""
        if path == "/held":
            return "text/plain", self._hold()
        if path == "/await-held":
            self._await_held()
            return "text/javascript", ""
        if path == "/done":
            self._note_done()
            return "text/plain", ""
        if path.startswith("/slow"):
            time.sleep(SLOW_S)
        number = path.rpartition("/")[2]
        if number.isdigit() and int(number) < len(self._pages):
            return "text/html; charset=utf-8", PRELUDE + self._pages[int(number)].replace(
                "{port}", self.url.rpartition(":")[2]
            )
        return "text/html; charset=utf-8", f"{PRELUDE}<title>other</title><p id=other>{path}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    site: Site

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A page that leaves hangs up: that is no error."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        kind, text = self.server.site.respond(urlsplit(self.path).path)
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""
