"""``make demo``: serves the sample site, loads the module table and runs every module in three browsers.

It calls the ``uitest`` command as a user would.
"""

import os
import subprocess
import sys
from pathlib import Path

from uitest.reporting.web_server import SiteServer

HERE = Path(__file__).parent

PYTEST_OPTIONS = "-p no:hypothesispytest"
"""Turns off hypothesis, which is installed in this checkout's environment and takes each pytest 1.5 s to load."""


def uitest(*arguments: str) -> int:
    """Run the ``uitest`` command; returns its exit code."""
    print(f"$ uitest {' '.join(arguments)}", flush=True)
    return subprocess.run([sys.executable, "-m", "uitest", *arguments], check=False).returncode


def main() -> int:
    """Run the demo; returns the exit code of the run."""
    browsers = os.environ.get("UITEST_BROWSER", "chrome,firefox,webkit")
    os.environ.setdefault("PYTEST_ADDOPTS", PYTEST_OPTIONS)
    with SiteServer(HERE / "site") as site:
        code = uitest("modules", "load", "cases/modules.json")
        code = code or uitest("run", "--url", site.url, "--browser", browsers, "--retries", "1")
    print("\nLook at the pages   .venv/bin/uitest serve")
    print("Run your own site   .venv/bin/uitest modules sync your/cases/modules.json --cases your/cases")
    print("                    .venv/bin/uitest run --cases your/cases --url https://your.site")
    return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
