"""The main job on this machine, from nothing: ``make demo``.

Serves the sample site, loads the module table, runs every module in three browsers at once, and tells where to
look. Everything it does is done by the ``uitest`` command, as a user would.
"""

import os
import subprocess
import sys
from pathlib import Path

from uitest.reporting.web_server import SiteServer

HERE = Path(__file__).parent

LEAN = "-p no:hypothesispytest"
"""This checkout's environment has a property-testing plugin that no case uses; it takes each pytest 1.5 s to load."""


def uitest(*words: str) -> int:
    """Run the command as a user would; its exit code."""
    print(f"$ uitest {' '.join(words)}", flush=True)
    return subprocess.run([sys.executable, "-m", "uitest", *words], check=False).returncode


def main() -> int:
    """The demo; the exit code of the run."""
    browsers = os.environ.get("UITEST_BROWSER", "chrome,firefox,webkit")
    os.environ.setdefault("PYTEST_ADDOPTS", LEAN)
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
