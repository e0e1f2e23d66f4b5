"""The browser that outlives an invocation, where the run wants that: ``--reuse-browser``.

A session's browser is handed over to the handler's process, and goes on in the next session if that asks for the same
engine and options. What keeps cases apart is what does so within a session
(``uitest.browsers.sessions.shared_browser``). Whatever was not handed over in good order is ended, and a case never
fails for it: a browser that has died, that hangs, whose
session was killed, that is spent, that was asked to be something else or that has served ``MOST_USES`` invocations is
replaced. The guard's pipe is handed over too, so that a browser still ends with the environment.

Given up: more than one browser, for memory; and certainty. An environment is frozen between two invocations, for hours
at times, and public projects that kept a browser through that gave it up. So it is not the default.
"""

import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lambda_runner import subreaper
from lambda_runner.borrowed_browser import BorrowedBrowser, Entry


class BrowserReuse:
    """What an environment keeps: nothing, or one browser with a folder for its files."""

    def __init__(self) -> None:
        self._entry: Entry | None = None
        self._folder: Path | None = None
        self._back: socket.socket | None = None

    @property
    def groups(self) -> frozenset[int]:
        """Process groups of what is kept."""
        kept = self._entry.kept if self._entry is not None else None
        return frozenset({kept.group, kept.guard} if kept is not None else ())

    @contextmanager
    def lent(self, *, wanted: bool) -> Iterator[list[BorrowedBrowser]]:
        """Plugins for the block's session. At the block's end no file is left but what is kept."""
        try:
            if wanted:
                self._folder = self._folder or Path(tempfile.mkdtemp(prefix="uitest-kept-"))
                self._back, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
                with self._back, theirs:
                    yield [BorrowedBrowser(self._folder, self._entry, theirs)]
            else:
                self._replace(None)
                yield []
        finally:
            self._back = None
            self._tidy()

    def collect(self) -> None:
        """Once the session has ended: keep what it gave back, and nothing else."""
        entry = Entry.receive(self._back) if self._back is not None else None
        self._replace(entry)
        if not self.groups <= subreaper.children():
            self._replace(None)

    def _replace(self, entry: Entry | None) -> None:
        before, self._entry = self._entry, entry
        for fd in before.kept.fds if before is not None else ():
            with contextlib.suppress(OSError):
                os.close(fd)  # where nobody else holds the pipe, the guard ends the browser now

    def _tidy(self) -> None:
        if self._folder is None:
            return
        for path in self._folder.iterdir():
            if self._entry is None or path != Path(self._entry.kept.scratch):
                shutil.rmtree(path, ignore_errors=True)
        if self._entry is None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
