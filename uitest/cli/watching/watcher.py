"""Runs the cases that a change is about, whenever a file changes or a key is pressed."""

import contextlib
import os
import select
import time
import webbrowser
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from uitest.browsers.process.discovery import DISPLAYS
from uitest.cli.terminal.lines import say
from uitest.cli.watching import sessions
from uitest.cli.watching.affected import CONFIGURATION, Project
from uitest.cli.watching.changes import FileWatcher
from uitest.cli.watching.keys import Keys, is_terminal
from uitest.cli.watching.verdicts import NOTHING, early_end, still_broken, verdict
from uitest.compat import pytest_private
from uitest.errors import ExecutorError, UsageError
from uitest.executors.pytest_session import MISUSED
from uitest.plugin.selection import Selection, SessionResult

HELP = "Enter: all cases, f: failed ones, k: filter by -k, t: open the trace of a failed case, q: quit"

TRACING = ("--tracing", "--trace", "--uitest-trace")
KEEPING = ("--keep-browser", "--uitest-keep-browser")


def session_words(words: Sequence[str]) -> list[str]:
    """pytest's arguments for each session: those that were given, with a kept browser and traces of failed cases."""

    def given(names: Sequence[str]) -> bool:
        return any(word.partition("=")[0] in names for word in words)

    ours = ["-p", "uitest.plugin.watch", "-q", "--no-header"]
    ours += [] if given(TRACING) else ["--uitest-trace=retain-on-failure"]
    ours += [] if given(KEEPING) else ["--uitest-keep-browser"]
    return [*ours, *words]


class Watcher:
    """One ``uitest watch``.

    ``_filter`` is the expression for ``-k``, ``_broken`` has the ids of what failed when it last ran, ``_result`` is
    that of the last session, ``_span`` its begin and end in nanoseconds since the epoch.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = session_words(words)
        self._interactive = is_terminal()
        self._filter = ""
        self._broken: frozenset[str] = frozenset()
        self._result = SessionResult()
        self._span = (0, 0)

    def run(self) -> None:
        """Run all cases, then what changes are about, until somebody quits. Raises UsageError, KeyboardInterrupt."""
        sessions.warm_up(self._words)
        if self._session(Selection()) == MISUSED and not self._broken:
            raise UsageError("pytest cannot run like this; see what it says above")
        self._project = Project(Path(self._result.root or Path.cwd()))
        with FileWatcher(self._project.root) as self._files:
            self._say(f"watching {self._project.root}")
            self._run_affected(self._project.changed_since(self._span[0]))
            while self._step():
                pass

    def _step(self) -> bool:
        """Wait for a change or a key, and do what it means; False to quit."""
        if self._interactive:
            say(HELP)
        with Keys() if self._interactive else contextlib.nullcontext() as keys:
            waiting: list[FileWatcher | Keys] = [self._files, *([keys] if keys else [])]
            ready = select.select(waiting, [], [])[0]
            key = keys.read() if keys and keys in ready else None
        if key is not None:
            return self._do(key)
        try:
            self._run_affected(self._files.changed())
        except EOFError as exc:
            raise ExecutorError(str(exc)) from exc
        return True

    def _do(self, key: str) -> bool:
        """Do what a key means; False to quit."""
        actions: dict[str, Callable[[], object]] = {
            "\n": lambda: self._run(Selection()),
            "f": self._run_failed,
            "k": self._ask_for_filter,
            "t": self._open_trace,
        }
        if key in actions:
            actions[key]()
        return key not in ("q", "")

    def _run_affected(self, changed: Iterable[Path]) -> None:
        """Run what depends on changed files."""
        selection = self._selection(changed)
        if selection is not None:
            self._run(selection)

    def _selection(self, changed: Iterable[Path]) -> Selection | None:
        """What depends on changed files; None if nothing does."""
        effects = self._project.effects(path for path in changed if not self._is_of_session(path))
        if not effects:
            return None
        self._say(f"{', '.join(str(path.relative_to(self._project.root)) for path in effects)} changed")
        files: set[str] = set()
        for affected in effects.values():
            if affected is None:
                return Selection()
            files.update(map(str, affected))
        return Selection(frozenset(files))

    def _run_failed(self) -> None:
        if not self._broken:
            self._say("nothing that failed is left")
            return
        self._run(Selection(nodes=self._broken))

    def _ask_for_filter(self) -> None:
        """Ask for another filter, and run what it leaves; a wrong one is refused."""
        present = f"now {self._filter}; " if self._filter else ""
        with Keys() as keys:
            answer = keys.ask(f"-k ({present}empty for all, Esc to leave): ")
        if answer is None:
            return
        if problem := pytest_private.keywords_problem(answer):
            self._say(
                f"-k {answer} is wrong: {problem}; " + (f"-k {self._filter} stays" if self._filter else "no filter")
            )
            return
        self._filter = answer
        self._run(Selection())

    def _open_trace(self) -> None:
        """Open the first trace of a failed case in a browser of the desktop, or name it where there is none."""
        if not self._result.traces:
            self._say("no trace: no case with a browser has failed in the last session")
            return
        path = Path(self._result.traces[0]).resolve()
        has_desktop = any(map(os.environ.get, (*DISPLAYS, "BROWSER")))
        if not (has_desktop and webbrowser.open(path.as_uri())):
            self._say(f"open {path.as_uri()}")

    def _run(self, selection: Selection) -> None:
        """Run a session, and further ones for Python files that change meanwhile."""
        following: Selection | None = selection
        while following is not None:
            self._session(following)
            following = self._selection(self._files.changed(0))

    def _is_of_session(self, path: Path) -> bool:
        """Whether a file was saved during the last session, and is one that cases may write: that is no news."""
        if path.suffix == ".py" or path.name in CONFIGURATION:
            return False
        try:
            return self._span[0] <= path.stat().st_mtime_ns <= self._span[1]
        except OSError:
            return False  # it is gone

    def _session(self, selection: Selection) -> int:
        """Run one session and tell how it ended; returns pytest's exit code."""
        begin, begin_ns = time.monotonic(), time.time_ns()
        words = [*self._words, *(["-k", self._filter] if self._filter else [])]
        code, self._result = sessions.run(words, selection, interactive=self._interactive)
        self._span = begin_ns, time.time_ns()
        if end := early_end(code, self._result):
            say("")  # pytest's line of progress has no end
            self._say(end)
            self._result.failed += self._result.running
        self._broken = still_broken(self._broken, selection, self._result, is_gone=code == NOTHING and not self._filter)
        result = verdict(code, self._result) + (f" with -k {self._filter}" if self._filter else "")
        counts = f"{self._result.ran} ran, {len(self._result.failed)} failed"
        self._say(f"{result}: {counts}, {time.monotonic() - begin:.2f} s")
        return code

    @staticmethod
    def _say(text: str) -> None:
        say(f"uitest watch: {text}")
