"""Describes the machine, date and versions of a measurement."""

import os
import platform
import subprocess
import timeit
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from bench.peers import ROOT, PeerMissing
from uitest import browsers
from uitest.browsers.process import discovery
from uitest.errors import BrowserError


def facts(binary: str) -> list[str]:
    """Lines for the report."""
    return [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_said('git', 'describe', '--always', '--dirty')}",
        f"{len(os.sched_getaffinity(0))} cores ({_field('/proc/cpuinfo', 'model name', 'unknown')}), "
        f"{int(_field('/proc/meminfo', 'MemTotal', '0').split()[0]) / 2**20:.0f} GiB memory, "
        f"{platform.system()} {platform.release()}, load {os.getloadavg()[0]:.1f} at the start, "
        f"pace {pace():.2f} s for ten million additions in Python",
        f"{_said(binary, '--version')} ({Path(binary).name}), "
        f"{' '.join(_said(discovery.chromedriver(), '--version').split()[:2])}, Python {platform.python_version()}",
    ]


def pace() -> float:
    """Seconds, best of three: hosts that call themselves the same are not equally fast."""
    code = "sum(number + 1 for number in range(5_000_000))"
    return min(timeit.repeat(code, number=1, repeat=3))


@cache
def engine(browser: str) -> str:
    """An engine and its version, as it says itself when started: MiniBrowser has no other way. Raises PeerMissing."""
    try:
        driver = browsers.start(browser)
    except BrowserError as exc:
        raise PeerMissing(str(exc)) from exc
    try:
        return f"{browser} {driver.capabilities['browserVersion']}"
    finally:
        driver.quit()


def _field(path: str, name: str, default: str) -> str:
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return default


def _said(*argv: str) -> str:
    try:
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return done.stdout.strip() or "unknown"
