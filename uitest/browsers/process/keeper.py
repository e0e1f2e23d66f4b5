"""Holds a browser between two sessions, until a session takes it or nobody needs it any more.

It is a script of its own that uses the standard library only, so that it starts at once and stays small. It owns what
keeps the browser alive, the pipes of the guards: when it ends in any way, ``kill -9`` included, they end the browser.
It ends by itself when nobody has taken the browser for some minutes, when the shell of the session has ended, and when
one of the browser's processes has died.

It listens on a socket that only its user can reach, and answers one of two requests for each connection:

    take    the message of ``handover.KeptBrowser`` with its descriptors; the browser is the client's from then on
    show    what is known about the browser, as JSON
"""

import contextlib
import json
import os
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

TAKE, SHOW = b"take", b"show"

CLIENT_TIMEOUT_S = 1.0
"""Seconds that a client has for its request."""


def peer_user(connection: socket.socket) -> int:
    """The user of the process at the other end of a Unix socket."""
    layout = struct.Struct("3i")  # process, user, group
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, layout.size)
    return int(layout.unpack(credentials)[1])


class Keeper:
    """Keeps one browser."""

    def __init__(self, order: dict[str, Any]) -> None:
        self._listener = socket.socket(fileno=order["listener"])
        self._path = Path(order["path"])
        self._message: bytes = order["message"].encode()
        self._fds: list[int] = order["fds"]
        self._about: dict[str, Any] = order["about"]
        self._leaders: list[int] = order["groups"]
        self._start = time.monotonic()
        self._seconds = float(order["minutes"]) * 60
        self._ends = list(_descriptors([*order["groups"], *order["guards"], *order["shell"]]))

    def run(self) -> None:
        """Serve until the browser is taken or has to end."""
        poll = select.poll()
        for fd in (self._listener.fileno(), *(end for end in self._ends if end is not None)):
            poll.register(fd, select.POLLIN)
        while None not in self._ends and (left := self._left()) > 0:
            ready = {fd for fd, _ in poll.poll(left * 1000)}
            if ready - {self._listener.fileno()}:
                break
            if ready and self._serve():
                self._remove_socket()
                return
        self._end()

    def _left(self) -> float:
        return self._start + self._seconds - time.monotonic()

    def _serve(self) -> bool:
        """Answer one client; whether it has taken the browser."""
        with contextlib.suppress(OSError), self._listener.accept()[0] as client:
            client.settimeout(CLIENT_TIMEOUT_S)
            if peer_user(client) != os.geteuid():
                return False
            request = client.recv(16)
            if request == TAKE:
                socket.send_fds(client, [self._message], self._fds)
                return True
            if request == SHOW:
                client.send(json.dumps({**self._about, "idle_s": self._seconds - self._left()}).encode())
        return False

    def _end(self) -> None:
        """End the browser; the guards do so too, and remove its files, when this process has ended."""
        self._remove_socket()
        for group in self._leaders:
            with contextlib.suppress(OSError):
                os.killpg(group, signal.SIGKILL)

    def _remove_socket(self) -> None:
        with contextlib.suppress(OSError):
            self._path.unlink()


def _descriptors(pids: Iterable[int]) -> Iterable[int | None]:
    """A descriptor for each process that becomes readable when it ends; None for one that has ended."""
    for pid in pids:
        try:
            yield os.pidfd_open(pid)
        except OSError:
            yield None


def main() -> None:
    """Read what is to be kept from standard input, and keep it."""
    os.chdir("/")
    Keeper(json.load(sys.stdin)).run()


if __name__ == "__main__":
    main()
