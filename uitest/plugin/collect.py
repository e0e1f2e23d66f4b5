"""Which cases are there? Collected by pytest in a process of its own, so that case files touch nothing here."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from uitest.errors import UsageError
from uitest.plugin.cases import case_id, check_unique

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


def import_problem(report: pytest.CollectReport) -> str:
    """One line for a file that cannot be collected."""
    lines = [line.removeprefix("E").strip() for line in str(report.longrepr).splitlines() if line.strip()]
    said = next((line for line in reversed(lines) if "Error" in line), lines[-1] if lines else "no reason given")
    return f"{report.nodeid or 'the cases'} cannot be collected: {said}"


class _Collector:
    def __init__(self) -> None:
        self.cases: list[str] = []
        self.problems: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problems.append(import_problem(report))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        try:
            check_unique(items, marked_only=False)
            self.cases = [case_id(item) for item in items]
        except pytest.UsageError as exc:
            self.problems.append(str(exc))


def _main(folder: str, out: str) -> None:
    collector = _Collector()
    pytest.main([folder, "--collect-only", "-q", "-p", "no:cacheprovider"], plugins=[collector])
    Path(out).write_text(json.dumps({"cases": collector.cases, "problems": collector.problems}))


if __name__ == "__main__":
    _main(*sys.argv[1:])
