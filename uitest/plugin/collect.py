"""Lists the cases of a folder as JSON; ``uitest.collect`` runs this in a process of its own."""

import json
import sys
from pathlib import Path

import pytest

from uitest.plugin.cases import Ids, ambiguity


def import_problem(report: pytest.CollectReport) -> str:
    """One line for a file that cannot be collected."""
    lines = [line.removeprefix("E").strip() for line in str(report.longrepr).splitlines() if line.strip()]
    said = next((line for line in reversed(lines) if "Error" in line), lines[-1] if lines else "no reason given")
    return f"{report.nodeid or 'the cases'} cannot be collected: {said}"


class _Collector:
    def __init__(self) -> None:
        self.ids = Ids((), {}, {})
        self.problems: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problems.append(import_problem(report))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        try:
            self.ids = Ids.of(items)
        except pytest.UsageError as exc:
            self.problems.append(str(exc))


def _main(folder: str, out: str) -> None:
    collector = _Collector()
    pytest.main([folder, "--collect-only", "-q", "-p", "no:cacheprovider"], plugins=[collector])
    ids = collector.ids
    found = {
        "accepted": dict(ids.accepted),
        "ambiguous": {short: ambiguity(short, candidates) for short, candidates in ids.ambiguous.items()},
        "problems": collector.problems,
    }
    Path(out).write_text(json.dumps(found))


if __name__ == "__main__":
    _main(*sys.argv[1:])
