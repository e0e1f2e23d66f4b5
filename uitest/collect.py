"""Which cases are there? Asked of pytest in a process of its own, so that case files touch nothing here."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from uitest.errors import UsageError

LIMIT_S = 120


def collect_cases(folder: str) -> list[str]:
    """Ids of all cases in a folder, sorted. Raises UsageError naming the file that cannot be collected."""
    with tempfile.TemporaryDirectory(prefix="uitest-collect-") as scratch:
        out = Path(scratch) / "cases.json"
        try:
            subprocess.run(
                [sys.executable, "-m", "uitest.plugin.collect", folder, str(out)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=LIMIT_S,
                check=False,
            )
            found = json.loads(out.read_text())
        except (OSError, ValueError, subprocess.TimeoutExpired) as exc:
            raise UsageError(
                f"the cases in {folder!r} cannot be collected; see: pytest --collect-only {folder}"
            ) from exc
    if found["problems"]:
        raise UsageError("; ".join(found["problems"]))
    return sorted(set(found["cases"]))
