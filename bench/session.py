"""One pytest session of one runner, measured from outside."""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.group import Group
from bench.peers import FLOW_COUNT, FLOWS, WINDOW, WORK, Peer, PeerMissing
from uitest.browsers import locate
from uitest.browsers.chrome import QUIET

PER_CASE_LIMIT_S = 30.0
START_LIMIT_S = 120.0


@dataclass(frozen=True)
class Measure:
    """What one session cost: wall and processor seconds, and whether no process escaped the count."""

    wall_s: float
    cpu_s: float
    exact: bool


def arguments() -> list[str]:
    """Chrome's arguments for every runner: those uitest uses anyway."""
    return [
        *QUIET,
        "--headless",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
        "--window-size={},{}".format(*WINDOW),
    ]


def environment(binary: str, repeats: int, scratch: Path) -> dict[str, str]:
    """The session's environment: no settings of the caller's shell, one browser and driver for all."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("UITEST_", "PYTEST_", "SE_")) and name != "PYTHONPATH"
    }
    driver = locate.chromedriver()
    return {
        **kept,
        "BENCH_REPEATS": str(repeats),
        "BENCH_CHROME": binary,
        "BENCH_ARGUMENTS": " ".join(arguments()),
        "UITEST_CHROME": binary,
        "UITEST_CHROMEDRIVER": driver,
        "SE_CHROMEDRIVER": driver,  # spares pytest-selenium a search by Selenium Manager for every case
        "TMPDIR": str(scratch),
    }


def run(
    peer: Peer,
    url: str,
    binary: str,
    repeats: int,
    extra: Sequence[str],
    more_env: Mapping[str, str] | None = None,
) -> Measure:
    """Run the flows ``repeats`` times; raises PeerMissing with the last words of a session that is not all green."""
    program = peer.home / "bin" / "pytest"
    if not program.is_file():
        raise PeerMissing("cannot be started: its environment has no pytest")
    cwd = WORK / "run" / peer.name
    cwd.mkdir(parents=True, exist_ok=True)  # not the checkout: its egg-info would make uitest a plugin of every peer
    # A short path: Chrome's singleton socket below it must stay under 108 characters.
    scratch = Path(tempfile.mkdtemp(prefix="bench-"))
    log = WORK / f"{peer.name}.log"
    argv = [
        str(program),
        "-q",
        "-c",
        str(FLOWS / "pytest.ini"),
        str(FLOWS / peer.flows),
        f"--base-url={url}",
        *peer.arguments,
        *extra,
    ]
    cases = FLOW_COUNT * repeats
    try:
        with Group() as group, log.open("wb") as out:
            env = {**environment(binary, repeats, scratch), **(more_env or {})}
            if group.folder is not None:
                env["BENCH_GROUP"] = str(group.folder)
            start = time.monotonic()
            code = group.run(argv, env, cwd, out, START_LIMIT_S + PER_CASE_LIMIT_S * cases)
            measure = Measure(time.monotonic() - start, group.cpu_s(), group.exact)
    except OSError as exc:
        raise PeerMissing(f"cannot be started: {exc}") from exc
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    said = log.read_text(errors="replace")
    if code != 0 or passed(said) != cases:
        raise PeerMissing(f"{passed(said)} of {cases} cases passed: {last_words(said)} (see {log.name})")
    return measure


def passed(said: str) -> int:
    """How many cases pytest's summary calls passed."""
    found = re.findall(r"\b(\d+) passed\b", said)
    return int(found[-1]) if found else 0


def last_words(said: str) -> str:
    """The line that best says what went wrong, short enough for a table."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("E ", "ERROR", "FAILED"))]
    return (telling or lines or ["it said nothing"])[-1][:160]
