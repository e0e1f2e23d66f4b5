"""Pages for browsers to visit: static files, a realm that asks for a password, and an address that never answers."""

import base64
import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from uitest.reporting.web_server import SiteServer

FILES = {
    "page.html": "<!doctype html><meta charset=utf-8><title>Page</title><link rel=icon href='data:,'>"
    "<h1 id=words>Hello</h1><input id=text><input id=file type=file>"
    "<a id=download href=data.bin download=data.bin>download</a>"
    "<a id=popup href=page.html target=_blank>popup</a>"
    "<button id=button onclick='this.textContent = \"pressed\"'>press</button>",
    "worker.js": "self.addEventListener('fetch', () => {});",
    "data.bin": "0123456789",
}

CREDENTIALS = "Basic " + base64.b64encode(b"ann:secret").decode()


class _Realm(BaseHTTPRequestHandler):
    """``/realm/ask`` wants a password; ``/realm/seen`` shows which one came along unasked."""

    def do_GET(self) -> None:
        sent = self.headers["Authorization"]
        if self.path == "/realm/ask" and sent != CREDENTIALS:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="realm"')
        else:
            self.send_response(200)
        body = f"<!doctype html><title>{sent or 'nothing'}</title>".encode()
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # a browser may leave before the answer is there
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


@dataclass(frozen=True)
class Pages:
    """Where the pages are."""

    url: str
    realm: str
    """Host and port of the realm."""
    silent: str
    """Takes connections and never says a word."""
    requests: list[str]
    """Lines of the site's log, one for each request."""

    @property
    def environ(self) -> dict[str, str]:
        """The same for a project in another process."""
        return {"PAGES": self.url, "REALM": self.realm, "SILENT": self.silent}


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[Pages]:
    """Serve the pages from ``folder`` while the block runs."""
    for name, text in FILES.items():
        (folder / name).write_text(text)
    with contextlib.ExitStack() as stack:
        requests: list[str] = []
        site = stack.enter_context(SiteServer(folder, log=requests.append))
        realm = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), _Realm))
        thread = threading.Thread(target=realm.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        stack.callback(thread.join)
        stack.callback(realm.shutdown)
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=50))
        yield Pages(
            site.url,
            f"127.0.0.1:{realm.server_address[1]}",
            f"http://127.0.0.1:{silent.getsockname()[1]}/",
            requests,
        )
