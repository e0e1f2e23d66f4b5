"""``uitest watch`` with real changes of files, with and without a terminal."""

import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.plugin.conftest import Session
from tests.support.processes import LIMIT_S, eventually

PAGE = 'TITLE = "Shop"\n'

CASES = """
from pages.home import TITLE

def test_home(driver):
    driver.get(f"data:text/html,<title>{TITLE}</title>")
    assert driver.title == "Shop"
"""

OTHERS = """
import pathlib

def test_writes():
    pathlib.Path("written.txt").write_text("")  # a name that this file has, too
"""

Start = Callable[..., "Watch"]


class Watch:
    """A running ``uitest watch``, and what it prints."""

    def __init__(self, folder: Path, words: tuple[str, ...], *, terminal: bool) -> None:
        self.folder, self.shown, self._seen = folder, "", 0
        argv = [sys.executable, "-m", "uitest", "watch", *words]
        if terminal:
            self.fd, theirs = pty.openpty()
            self.process = subprocess.Popen(
                argv, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            )  # fmt: skip
            self.theirs = theirs
        else:
            self.fd, theirs = os.pipe()
            self.process = subprocess.Popen(argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs)
            os.close(theirs)

    def until(self, pattern: str) -> str:
        """What it prints until this pattern, after what was awaited before."""
        deadline = time.monotonic() + LIMIT_S
        while (match := re.compile(pattern).search(self.shown, self._seen)) is None:
            ready = select.select([self.fd], [], [], max(0.0, deadline - time.monotonic()))[0]
            assert ready, f"never: {pattern}\n{self.shown}"
            text = os.read(self.fd, 65536).decode()
            assert text, f"it has ended without {pattern}\n{self.shown}"
            self.shown += text.replace("\r\n", "\n")
        before, self._seen = self._seen, match.end()
        return self.shown[before : match.end()]

    def save(self, name: str, text: str) -> str:
        """Save a file as editors do, by another file that takes its place; returns what is printed until a verdict."""
        part = self.folder / f".{name.replace('/', '-')}.part"
        part.write_text(text)
        part.replace(self.folder / name)
        return self.until(r"uitest watch: \w[\w -]*: \d+ ran.*\n")

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self.fd, keys.encode())

    def close(self) -> None:
        """End it if the test has not."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.fd)


@pytest.fixture
def start(pytester: pytest.Pytester, session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a watcher in a project with a page object; nothing of it is left at the end."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(session.scratch))
    monkeypatch.delenv("CI", raising=False)
    pytester.mkpydir("pages")
    pytester.makepyfile(test_home=CASES, test_others=OTHERS, **{"pages/home": PAGE})
    watches = []

    def start(*words: str, terminal: bool = False) -> Watch:
        watches.append(Watch(pytester.path, words, terminal=terminal))
        return watches[-1]

    yield start
    for watch in watches:
        watch.close()
    subprocess.run([sys.executable, "-m", "uitest", "browsers", "--end"], check=True, capture_output=True)
    assert session.left() == []


def test_change_runs_the_cases_it_is_about(start: Start, session: Session) -> None:
    """All at first, then those of the file and of what imports it, with the browser of the session before."""
    watch = start()
    assert "2 passed" in watch.until("uitest watch: passed: 2 ran, 0 failed, .* s\n")
    watch.until(f"uitest watch: watching {re.escape(str(watch.folder))}\n")
    shown = watch.save("pages/home.py", 'TITLE = "Closed"\n')
    assert "uitest watch: pages/home.py changed\n" in shown
    assert "FAILED test_home.py::test_home[chrome]" in shown
    assert "trace: .uitest/pytest/" in shown
    assert "uitest watch: failed: 1 ran, 1 failed" in shown
    # Saved within the same second with the same size: a compiled file would hide it.
    for title in ("Shut", "Shop", "Shut", "Shop"):
        verdict = "passed" if title == "Shop" else "failed"
        assert f"uitest watch: {verdict}: 1 ran" in watch.save("pages/home.py", f'TITLE = "{title}"\n')
    assert "warning" not in watch.shown
    (watch.folder / "notes.txt").write_text("no case has this")
    (watch.folder / "written.txt").write_text("one case has this")
    shown = watch.until(r"uitest watch: passed: 1 ran.*\n")
    assert "notes" not in shown
    assert "uitest watch: written.txt changed\n" in shown
    shown = watch.save("conftest.py", "import pages\n")
    assert "uitest watch: conftest.py changed\n" in shown
    assert "passed: 2 ran" in shown
    assert "uitest watch: failed: 0 ran, 1 failed" in watch.save("conftest.py", "import nowhere\n")
    assert "uitest watch: failed: 0 ran, 1 failed" in watch.save("test_others.py", "import nowhere\n" + OTHERS)
    watch.save("test_others.py", OTHERS)
    assert "passed: 2 ran" in watch.save("conftest.py", "")
    assert len([line for line in session.processes() if "chromedriver" in line]) == 1
    watch.process.terminate()
    watch.until("uitest: interrupted\n")
    assert watch.process.wait() == 130
    argv = [sys.executable, "-m", "uitest", "browsers", "--end"]
    assert subprocess.run(argv, check=True, capture_output=True, text=True).stdout.endswith("\nended 1 browser\n")


@pytest.mark.slow
@pytest.mark.parametrize(("browser", "program"), [("firefox", "geckodriver"), ("webkit", "webkit/host.py")])
def test_browser_of_every_engine_is_kept(start: Start, session: Session, browser: str, program: str) -> None:
    """The one of the first session serves the later ones."""

    def programs() -> list[str]:
        return [line for line in session.processes() if program in line]

    watch = start("--browser", browser, "test_home.py")
    watch.until("uitest watch: passed: 1 ran")
    watch.until("watching")
    first = programs()
    assert len(first) == 1
    assert f"FAILED test_home.py::test_home[{browser}]" in watch.save("pages/home.py", 'TITLE = "Closed"\n')
    assert "uitest watch: passed: 1 ran" in watch.save("pages/home.py", PAGE)
    assert programs() == first


def test_keys(start: Start, monkeypatch: pytest.MonkeyPatch, pytester: pytest.Pytester) -> None:
    """At a terminal keys run all cases, failed ones, those of a filter, open a trace, and quit."""
    opened = pytester.path / "opened"
    program = pytester.path / "browse"
    program.write_text(f"#!/bin/sh\necho $1 > {opened}.part; mv {opened}.part {opened}\n")
    program.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{program} %s")
    (pytester.path / "pages" / "home.py").write_text('TITLE = "Closed"\n')
    watch = start("--color=no", terminal=True)
    before = termios.tcgetattr(watch.theirs)
    watch.until("uitest watch: failed: 2 ran, 1 failed")
    waiting = "q: quit\n"
    watch.until(waiting)
    watch.press("f")
    watch.until("uitest watch: failed: 1 ran, 1 failed")
    watch.until(waiting)
    watch.press("t")
    eventually(opened.exists, "the trace is opened")
    address = opened.read_text().strip()
    assert address.startswith("file:///")
    assert address.endswith("/trace.html")
    watch.until(waiting)
    watch.press("\n")
    watch.until("uitest watch: failed: 2 ran, 1 failed")
    watch.until(waiting)
    watch.press("k")
    watch.until("-k .empty for all, Esc to leave.: ")
    watch.press("writez\x7fs\n")
    watch.until("uitest watch: passed with -k writes: 1 ran, 0 failed")
    watch.until(waiting)
    present = "-k .now writes; empty for all, Esc to leave.: "
    for keys, shown in (("((\n", "uitest watch: -k .. is wrong: .*; -k writes stays\n"), ("x\x1b", ""), ("x\x03", "")):
        watch.press("k")
        watch.until(present)
        watch.press(keys)
        watch.until(shown)
        watch.until(waiting)
    (watch.folder / "test_home.py").write_text(CASES)
    watch.until("uitest watch: nothing to run with -k writes: 0 ran")
    watch.until(waiting)
    watch.press("x")
    watch.until(waiting)
    watch.press("q")
    assert watch.process.wait() == 0
    assert termios.tcgetattr(watch.theirs) == before


def test_ctrl_c_ends_the_session_then_the_watcher(start: Start, pytester: pytest.Pytester) -> None:
    """The terminal sends it to both; a case may also ask the developer something."""
    pytester.makepyfile(test_home="def test_long():\n    print('now', flush=True)\n    __import__('time').sleep(600)\n")
    watch = start("-s", terminal=True)
    watch.until("now")
    watch.press("\x03")
    watch.until("uitest watch: interrupted")
    watch.until("q: quit\n")
    (watch.folder / "test_home.py").write_text("def test_asks():\n    assert input('name? ') == 'Ada'\n")
    watch.until(re.escape("name? "))
    watch.press("Ada\n")
    watch.until("uitest watch: passed: 1 ran")
    watch.until("q: quit\n")
    watch.press("\x03")
    watch.until("uitest: interrupted")
    assert watch.process.wait() == 130


@pytest.mark.slow
def test_file_saved_while_cases_run_makes_another_session(start: Start, pytester: pytest.Pytester) -> None:
    """In the first session, when nothing is watched yet, and in each later one."""
    pytester.makepyfile(
        test_home="""
        import pathlib
        from pages.home import TITLE

        def test_title():
            if TITLE == "Shop":
                pathlib.Path("pages/home.py").write_text("TITLE = 'Mine'")
            assert TITLE == "Mine"
        """
    )
    watch = start("test_home.py")
    watch.until("uitest watch: failed: 1 ran")
    assert "uitest watch: pages/home.py changed\n" in watch.until("uitest watch: passed: 1 ran")
    assert "uitest watch: failed: 1 ran" in watch.save("pages/home.py", PAGE)
    assert "uitest watch: pages/home.py changed\n" in watch.until("uitest watch: passed: 1 ran")


@pytest.mark.slow
def test_workers_run_what_is_selected(start: Start) -> None:
    """Those of pytest-xdist, and nothing else."""
    watch = start("-n", "1", "-k", "writes")
    watch.until("uitest watch: passed: 1 ran")
    watch.until("watching")
    assert "passed: 1 ran" in watch.save("test_others.py", OTHERS + "\ndef test_other(): pass\n")
    assert "nothing to run: 0 ran" in watch.save("pages/home.py", PAGE + "\n")


def test_failures_are_remembered_until_they_pass(start: Start, pytester: pytest.Pytester) -> None:
    """Key f runs what failed when it last ran, whatever else has run since."""
    pytester.makepyfile(test_home="def test_home():\n    assert 0\n", test_others="def test_other():\n    pass\n")
    watch = start("--color=no", terminal=True)
    watch.until("uitest watch: failed: 2 ran, 1 failed")
    watch.until("q: quit\n")
    assert "passed: 1 ran" in watch.save("test_others.py", "def test_other():\n    assert 1\n")
    watch.until("q: quit\n")
    watch.press("f")
    assert "FAILED test_home.py::test_home" in watch.until("uitest watch: failed: 1 ran, 1 failed")
    watch.until("q: quit\n")
    assert "passed: 1 ran" in watch.save("test_home.py", "def test_home():\n    pass\n")
    watch.until("q: quit\n")
    watch.press("f")
    watch.until("uitest watch: nothing that failed is left\n")


@pytest.mark.slow
def test_case_that_ends_the_session_has_failed(start: Start, pytester: pytest.Pytester) -> None:
    """Whatever the exit code is; a line of its own names the case."""
    pytester.makepyfile(test_home="def test_first(): pass\n\ndef test_exit():\n    __import__('os')._exit(0)\n")
    watch = start("test_home.py")
    expected = "\nuitest watch: pytest ended with exit code 0 while test_home.py::test_exit was running\n"
    assert expected in watch.until("uitest watch: failed: 1 ran, 1 failed, .*\n")
    watch.until("watching")
    text = "def test_kill():\n    import os\n    os.kill(os.getpid(), 9)\n"
    expected = "\nuitest watch: pytest was killed by signal 9 (Killed) while test_home.py::test_kill was running\n"
    shown = watch.save("test_home.py", text)
    assert expected in shown
    assert "uitest watch: failed: 0 ran, 1 failed" in shown


@pytest.mark.slow
def test_warnings_may_be_errors(start: Start, pytester: pytest.Pytester) -> None:
    """pytest marks the packages of installed plugins for rewriting, here uitest, which is imported already."""
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    pytester.makeconftest("import pytest\n\npytest.register_assert_rewrite('uitest')\n")
    watch = start("test_others.py")
    assert "uitest watch: passed: 1 ran, 0 failed" in watch.until(r"uitest watch: .*\n")
    assert "arning" not in watch.shown


def test_wrong_words_end_it(start: Start) -> None:
    """With pytest's own message, and the exit code of wrong use."""
    watch = start("--no-such-option")
    shown = watch.until("uitest: pytest cannot run like this; see what it says above\n")
    assert "unrecognized arguments: --no-such-option" in shown
    assert watch.process.wait() == 2


@pytest.mark.slow
def test_killed_watcher_leaves_nothing(start: Start, session: Session) -> None:
    """Neither the process that looks for changes, nor a browser."""
    watch = start()
    watch.until("uitest watch: watching")
    os.kill(watch.process.pid, signal.SIGKILL)
    watch.process.wait()
    eventually(lambda: not [line for line in session.processes() if " watch" in line], "the watcher's processes end")
