"""One pytest session of one runner, measured from outside."""

import os
import re
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from bench.group import Group
from bench.peers import FLOW_COUNT, FLOWS, WINDOW, WORK, Peer, PeerMissing
from uitest.browsers.engines.chrome import QUIET
from uitest.browsers.process import discovery
from uitest.errors import BrowserError

DRIVER_VARIABLES = {
    "chrome": "UITEST_CHROMEDRIVER",
    "firefox": "UITEST_GECKODRIVER",
    "webkit": "UITEST_WEBKITWEBDRIVER",
}

Watch = Callable[[Path | None], AbstractContextManager[object]]
"""Looks at a control group, None where there is none."""

PER_CASE_LIMIT_S = 30.0
START_LIMIT_S = 120.0


@dataclass(frozen=True)
class Measure:
    """What one command cost: wall and processor seconds, and whether no process escaped the count."""

    wall_s: float
    cpu_s: float
    exact: bool
    began_at: float = 0.0
    """The moment before its process was started, seconds since the epoch."""


def arguments() -> list[str]:
    """Chrome's arguments for every runner: those uitest uses anyway."""
    return [
        *QUIET,
        "--headless",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
        "--window-size={},{}".format(*WINDOW),
    ]


def environment(binary: str, repeats: int, scratch: Path) -> dict[str, str]:
    """The session's environment: no settings of the caller's shell, one browser and driver for all.

    Least of all Python's own: one that keeps no bytecode makes every process of some runner compile it anew.
    """
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("UITEST_", "PYTEST_", "SE_", "PYTHON"))
    }
    driver = discovery.chromedriver()
    return {
        **variables,
        "BENCH_REPEATS": str(repeats),
        "BENCH_CHROME": binary,
        "BENCH_ARGUMENTS": " ".join(arguments()),
        "UITEST_CHROME": binary,
        "UITEST_CHROMEDRIVER": driver,
        "SE_CHROMEDRIVER": driver,  # spares pytest-selenium a search by Selenium Manager for every case
        "PATH": os.pathsep.join([str(Path(driver).parent), variables["PATH"]]),  # SeleniumBase looks nowhere else
        "TMPDIR": str(scratch),
    }


def driver_of(browser: str) -> dict[str, str]:
    """The variable that names an engine's driver, found here: a peer's environment has no packaged geckodriver.

    Raises PeerMissing if there is none.
    """
    try:
        return {DRIVER_VARIABLES[browser]: discovery.driver(browser)}
    except BrowserError as exc:
        raise PeerMissing(str(exc)) from exc


def measured(
    argv: Sequence[str],
    env: Mapping[str, str],
    cwd: Path,
    log: Path,
    most_s: float,
    watch: Watch = nullcontext,
) -> tuple[int | None, Measure]:
    """Exit code (None after ``most_s`` seconds) and cost of a command, its words in ``log``. Raises PeerMissing.

    ``watch`` is entered with the control group's folder while the command runs.
    """
    try:
        with Group() as group, log.open("wb") as out, watch(group.folder):
            if group.folder is not None:
                env = {**env, "BENCH_GROUP": str(group.folder)}
            began_at, start = time.time(), time.monotonic()
            code = group.run(argv, env, cwd, out, most_s)
            return code, Measure(time.monotonic() - start, group.cpu_s(), group.exact, began_at)
    except OSError as exc:
        raise PeerMissing(f"cannot be started: {exc}") from exc


def limit_s(cases: int) -> float:
    """Seconds after which a session of so many cases is given up."""
    return START_LIMIT_S + PER_CASE_LIMIT_S * cases


def command(peer: Peer, url: str, binary: str, extra: Sequence[str]) -> list[str]:
    """The command that runs the flows. Raises PeerMissing if the peer has none."""
    program = peer.home / "bin" / "pytest"
    if not program.is_file():
        raise PeerMissing("cannot be started: its environment has no pytest")
    return [
        str(program),
        "-q",
        "-c",
        str(FLOWS / "pytest.ini"),
        str(FLOWS / peer.flows),
        f"--base-url={url}",
        *(argument.replace("{chrome}", binary) for argument in peer.arguments),
        *extra,
    ]


def run(
    peer: Peer,
    url: str,
    binary: str,
    repeats: int,
    extra: Sequence[str],
    more_env: Mapping[str, str] | None = None,
    watch: Watch = nullcontext,
) -> Measure:
    """Run the flows ``repeats`` times; raises PeerMissing with the last words of a session that is not all green."""
    argv = command(peer, url, binary, extra)
    cwd = WORK / "run" / peer.name
    cwd.mkdir(parents=True, exist_ok=True)  # not the checkout: its egg-info would make uitest a plugin of every peer
    log = WORK / f"{peer.name}.log"
    cases = FLOW_COUNT * repeats
    # A short path: Chrome's singleton socket below it must stay under 108 characters.
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as scratch:
        env = {**environment(binary, repeats, Path(scratch)), **(more_env or {})}
        code, measure = measured(argv, env, cwd, log, limit_s(cases), watch)
    output = log.read_text(errors="replace")
    if code != 0 or passed(output) != cases:
        raise PeerMissing(f"{passed(output)} of {cases} cases passed: {last_words(output)} (see {log.name})")
    return measure


def passed(output: str) -> int:
    """How many cases pytest's summary calls passed."""
    counts = re.findall(r"\b(\d+) passed\b", output)
    return int(counts[-1]) if counts else 0


def last_words(output: str) -> str:
    """The line that best says what went wrong, short enough for a table."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("E ", "ERROR", "FAILED"))]
    return (telling or lines or ["it said nothing"])[-1][:160]
