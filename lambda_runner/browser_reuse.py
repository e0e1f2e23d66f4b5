"""Keeps a browser between the invocations of an environment, for ``--reuse-browser``.

A session hands its browser over to the handler's process, and the next session continues it if it needs the same engine
and options. Cases are isolated as within one session (``uitest.browsers.sessions.shared_browser``). The guard's pipe is
handed over as well, so that the browser still ends with the environment.

Self-check: a kept browser is asked for the window that was kept, and must answer in time. Fallback: a new browser. A
browser that has died, hangs, needs replacement, has other options or has served ``MAX_USES`` invocations, or whose
session was killed, is ended and replaced, and never fails a case.

Trade-off: only one browser is kept, for memory. It is not the default, because environments are frozen between
invocations, sometimes for hours, and other public projects abandoned keeping a browser through that.
"""

import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lambda_runner import subreaper
from lambda_runner.borrowed_browser import BorrowedBrowser
from uitest.browsers.process.handover import KeptBrowser


class BrowserReuse:
    """The browser that an environment keeps, if any, with a folder for its files."""

    def __init__(self) -> None:
        self._entry: KeptBrowser | None = None
        self._folder: Path | None = None
        self._back: socket.socket | None = None

    @property
    def groups(self) -> frozenset[int]:
        """Process groups of the kept browser and its guard."""
        processes = self._entry.running.processes if self._entry is not None else ()
        return frozenset(pid for process in processes for pid in (process.group, process.guard))

    @contextmanager
    def lent(self, *, wanted: bool) -> Iterator[list[BorrowedBrowser]]:
        """Yields plugins for the session in the block; at the end only files of a kept browser are left."""
        try:
            if wanted:
                self._folder = self._folder or Path(tempfile.mkdtemp(prefix="uitest-kept-"))
                self._back, other_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
                with self._back, other_end:
                    yield [BorrowedBrowser(self._folder, self._entry, other_end)]
            else:
                self._replace(None)
                yield []
        finally:
            self._back = None
            self._clean_up()

    def collect(self) -> None:
        """After the end of the session, keep the browser that it returned, if any."""
        entry = KeptBrowser.receive(self._back) if self._back is not None else None
        self._replace(entry)
        if not self.groups <= subreaper.children():
            self._replace(None)

    def _replace(self, entry: KeptBrowser | None) -> None:
        before, self._entry = self._entry, entry
        if before is not None:
            before.running.abandon()

    def _clean_up(self) -> None:
        if self._folder is None:
            return
        kept = {Path(process.scratch) for process in self._entry.running.processes} if self._entry is not None else ()
        for path in self._folder.iterdir():
            if path not in kept:
                shutil.rmtree(path, ignore_errors=True)
        if self._entry is None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
