"""Plugins that must not load in our own tests, and what pytest says of a project that uses them."""

import fcntl
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

PLUGINS = Path(sys.prefix) / "plugins"

DJANGO = "pytest-django==4.14.0 django==5.2.19 asgiref==3.13.0 sqlparse==0.6.1"


def installed(needs: str) -> Path:
    """A folder with these packages alone, made once for this environment; to be put on PYTHONPATH."""
    if not needs:
        return Path(sys.prefix)
    folder = PLUGINS / needs.split("==")[0]
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / "installed.txt"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists() or mark.read_text() != needs:
            argv = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--upgrade", "--target", str(folder)]
            done = subprocess.run([*argv, *needs.split()], check=False, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            mark.write_text(needs)
    return folder


def verdicts(report: Path) -> list[tuple[str, str]]:
    """Name and verdict (passed, failed or skipped) of each test in a JUnit file that pytest wrote."""
    results = []
    for case in ElementTree.parse(report).getroot().iter("testcase"):  # noqa: S314  pytest's own file
        bad = {child.tag for child in case} & {"failure", "error", "skipped"}
        word = "passed" if not bad else "skipped" if bad == {"skipped"} else "failed"
        results.append((case.get("name", ""), word))
    return results
