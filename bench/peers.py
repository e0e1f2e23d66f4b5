"""The runners compared, and a virtual environment for each.

Runners that start a browser for each case take part in some rounds only: they take most of the time and vary least.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from uitest.browsers.engines.chrome import QUIET

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".bench"
SITE = ROOT / "cases" / "site"
FLOWS = ROOT / "bench" / "flows"
PLUGINS = ROOT / "bench" / "plugins"
"""pytest plugins, in a folder of their own that can be on a peer's path: the checkout would make uitest one of its."""

FLOW_COUNT = 6
WINDOW = (1280, 720)
"""Playwright's default viewport, given to everyone."""

INSTALL_LIMIT_S = 900


class PeerMissing(Exception):
    """A runner that cannot be measured; the message is what the table says instead of numbers."""


@dataclass(frozen=True)
class Peer:
    """A runner: its name, which flows it runs, its own pytest arguments, and the packages worth naming."""

    name: str
    flows: str
    arguments: tuple[str, ...]
    """``{chrome}`` in them stands for Chrome's binary."""
    packages: tuple[str, ...]
    every: int = 1
    """Takes part in the first of so many rounds."""

    @property
    def requirements(self) -> Path:
        """The pinned packages."""
        return ROOT / "bench" / f"requirements-{self.name}.txt"

    @property
    def home(self) -> Path:
        """The virtual environment."""
        return WORK / "venv" / self.name


UITEST = Peer(
    "uitest",
    "selenium",
    ("--browser", "chrome", "--window-size", "{}x{}".format(*WINDOW)),
    ("uitest", "selenium", "pytest", "pytest-xdist"),
)
PYTEST_SELENIUM = Peer(
    "pytest-selenium",
    "selenium",
    # Its guard skips every case on any site unless told which sites are sensitive: none here.
    ("--driver", "Chrome", "--sensitive-url", "(?!)"),
    ("pytest-selenium", "selenium", "pytest", "pytest-xdist"),
    every=2,
)
PYTEST_PLAYWRIGHT = Peer(
    "pytest-playwright",
    "playwright",
    ("--browser", "chromium"),
    ("pytest-playwright", "playwright", "pytest", "pytest-xdist"),
)
SELENIUMBASE = Peer(
    "seleniumbase",
    "selenium",
    (
        "--browser=chrome",
        "--headless",
        "--binary-location={chrome}",
        "--window-size={},{}".format(*WINDOW),
        "--chromium-arg=" + ",".join(QUIET),
    ),
    ("seleniumbase", "selenium", "pytest", "pytest-xdist"),
    every=3,
)


def uitest_in(browser: str) -> Peer:
    """uitest in another engine than Chrome."""
    return replace(UITEST, arguments=("--browser", browser, *UITEST.arguments[2:]))


def install(peer: Peer) -> None:
    """Make the peer's environment, unless it is there and nothing it depends on has changed. Raises PeerMissing."""
    stamp = peer.home / "made-from"
    wanted = _digest(peer)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    shutil.rmtree(peer.home, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(peer.home)])
    pip = [str(peer.home / "bin" / "python"), "-m", "pip"]
    _run([*pip, "install", "--quiet", "--requirement", str(peer.requirements)])
    stamp.write_text(wanted)


def versions(peer: Peer) -> Mapping[str, str]:
    """Installed versions of the packages worth naming. Raises PeerMissing."""
    listed = _run([str(peer.home / "bin" / "python"), "-m", "pip", "list", "--format=json"])
    installed = {entry["name"].lower(): entry["version"] for entry in json.loads(listed)}
    return {name: installed[name] for name in peer.packages if name in installed}


def _digest(peer: Peer) -> str:
    sources = [peer.requirements, *((ROOT / "constraints.txt", ROOT / "setup.cfg") if peer.name == UITEST.name else ())]
    content = b"".join(path.read_bytes() for path in sources)
    return hashlib.sha256(sys.version.encode() + content).hexdigest()


def _run(argv: list[str]) -> str:
    try:
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=INSTALL_LIMIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise PeerMissing(f"cannot be installed: {exc}") from exc
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith("WARNING")]
        raise PeerMissing(f"cannot be installed: {lines[-1].strip() if lines else f'exit code {done.returncode}'}")
    return done.stdout
