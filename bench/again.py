"""One case again while writing it: from Enter to the prompt with a kept browser, and from a saved file to its verdict.

Beside it the same command without ``--keep-browser``, and pytest-playwright's. Here processes must outlive a command,
so no control group counts them; what is left is ended with the part.
"""

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import IO

from bench import session
from bench.part import Conditions, Found
from bench.peers import FLOWS, PYTEST_PLAYWRIGHT, UITEST, Peer, PeerMissing, install, uitest_in
from bench.report import cell, spread
from uitest.model import BROWSERS

ONE = ("-k", "test_button_shows_the_hours")
LIMIT_S = 60.0
VERDICT = re.compile(rb"uitest watch: (\w+): 1 ran.*\n")

Side = Callable[[], float]
"""Seconds of one time."""


def again(conditions: Conditions) -> Found:
    """Seconds of each side by turns, after a first time that does not count. Raises PeerMissing if it is uitest."""
    install(UITEST)
    rounds = 2 * conditions.rounds + 1
    lines = [
        "One of the six flows in a file of six, in one process. From before the process is started to its end; the "
        f"first time does not count, then by turns, times: {rounds}. Median, in parentheses the least and the most.",
        "",
        "| engine | with `--keep-browser`, s | without, s | pytest-playwright, s |",
        "|---|--:|--:|--:|",
    ]
    figures = {}
    with _scratch(conditions) as (env, folder):
        for browser in BROWSERS:
            peer = uitest_in(browser)
            sides: dict[str, Side] = {
                "kept": partial(_seconds, conditions, peer, ("--keep-browser",), env, folder),
                "fresh": partial(_seconds, conditions, peer, (), env, folder),
            }
            beside = ""
            if browser == "chrome":
                try:
                    install(PYTEST_PLAYWRIGHT)
                    sides["playwright"] = partial(_seconds, conditions, PYTEST_PLAYWRIGHT, (), env, folder)
                    sides["playwright"]()
                except PeerMissing as exc:
                    del sides["playwright"]
                    beside = f"missing: {cell(str(exc))}"
            times = _by_turns(conditions, browser, sides, rounds)
            figures[f"again.{browser}"] = median(times["kept"])
            beside = spread(times["playwright"], 2) if "playwright" in times else beside
            lines.append(f"| {browser} | {spread(times['kept'], 2)} | {spread(times['fresh'], 2)} | {beside} |")
        with _watch(conditions, env, folder) as save:
            seconds = _by_turns(conditions, "watch", {"save": save}, rounds)["save"]
    figures["again.watch"] = median(seconds)
    lines += ["", f"`uitest watch` in Chrome, from saving the file to its verdict: {spread(seconds, 2)} s."]
    return Found(lines, figures)


def _by_turns(conditions: Conditions, what: str, sides: Mapping[str, Side], rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds + 1):
        for name in list(sides)[:: 1 if number % 2 else -1]:
            seconds = sides[name]()
            conditions.tell(f"{what}, {name}: {seconds:.2f} s")
            times[name] += [seconds] if number else []
    return times


@contextmanager
def _scratch(conditions: Conditions) -> Iterator[tuple[dict[str, str], Path]]:
    """The environment of all commands, and a folder; at the end no browser is kept."""
    # A short path: Chrome's singleton socket below it must stay under 108 characters.
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as scratch:
        env = session.environment(conditions.binary, 1, Path(scratch))
        env = {name: value for name, value in env.items() if name not in ("CI", "XDG_RUNTIME_DIR")}
        for browser in BROWSERS:
            env |= session.driver_of(browser)
        try:
            yield env, Path(scratch)
        finally:
            program = str(UITEST.home / "bin" / "uitest")
            subprocess.run([program, "browsers", "--end"], env=env, stdout=subprocess.DEVNULL, check=False)


def _seconds(conditions: Conditions, peer: Peer, extra: Sequence[str], env: Mapping[str, str], folder: Path) -> float:
    """Seconds of one command. Raises PeerMissing if the case does not pass."""
    argv = session.command(peer, conditions.url, conditions.binary, (*ONE, "-p", "no:cacheprovider", *extra))
    begin = time.monotonic()
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begin
    if done.returncode or session.passed(done.stdout) != 1:
        raise PeerMissing(f"the case did not pass: {session.last_words(done.stdout)}")
    return seconds


@contextmanager
def _watch(conditions: Conditions, env: Mapping[str, str], folder: Path) -> Iterator[Side]:
    """A watcher of a copy of the flows; yields what saves their file and awaits the verdict. Raises PeerMissing."""
    flows = folder / "flows"
    shutil.copytree(FLOWS, flows)
    argv = [
        str(UITEST.home / "bin" / "uitest"),
        "watch",
        "-c",
        str(flows / "pytest.ini"),
        str(flows / UITEST.flows),
        f"--base-url={conditions.url}",
        *UITEST.arguments,
        *ONE,
    ]
    with subprocess.Popen(argv, cwd=flows, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        try:
            _await_line(process.stdout, re.compile(rb"uitest watch: watching "))
            yield partial(_save, flows / UITEST.flows / "test_flows.py", process.stdout)
        finally:
            process.terminate()


def _save(file: Path, output: IO[bytes]) -> float:
    """Save the file and await its verdict; returns the seconds between. Raises PeerMissing."""
    text = file.read_text() + "#\n"
    begin = time.monotonic()
    file.write_text(text)
    verdict = _await_line(output, VERDICT)
    seconds = time.monotonic() - begin
    if verdict[1] != b"passed":
        raise PeerMissing(f"the case did not pass while it was watched: {verdict[0].decode().strip()}")
    return seconds


def _await_line(output: IO[bytes], pattern: re.Pattern[bytes]) -> re.Match[bytes]:
    """The first line that matches. Raises PeerMissing if there is none."""
    lines = []
    while line := output.readline():
        if match := pattern.match(line):
            return match
        lines.append(line.decode(errors="replace"))
    raise PeerMissing(f"uitest watch has ended: {session.last_words(''.join(lines))}")
