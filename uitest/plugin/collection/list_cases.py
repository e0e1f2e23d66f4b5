"""Lists the cases of a folder as JSON; a program that ``case_discovery`` runs."""

import json
import os
import sys
from pathlib import Path

import pytest

from uitest.executors.pytest_session import own_cache
from uitest.plugin.collection.absent import Absences
from uitest.plugin.collection.case_ids import Ids, ambiguity, case_id, file_id, module_name
from uitest.plugin.worker.import_notes import UNLOADABLE, ImportNotes


def import_problem(report: pytest.CollectReport) -> str:
    """The one-line message for a file that cannot be collected."""
    lines = [line for line in str(report.longrepr).splitlines() if line.strip()]
    raised = [line for line in lines if line.startswith("E ")] or lines
    texts = [line.removeprefix("E ").strip() for line in raised]
    message = next((text for text in reversed(texts) if "Error" in text), texts[-1] if texts else "no reason given")
    return message if UNLOADABLE in message else f"{report.nodeid or 'the cases'} cannot be collected: {message}"


def _test(item: pytest.Item) -> str:
    names = item.nodeid.partition("::")[2].partition("[")[0]
    return f"{os.path.relpath(item.path)}::{names}"


class _Collector:
    def __init__(self) -> None:
        self.ids = Ids((), {}, {})
        self.problems: list[str] = []
        self.modules: dict[str, list[str]] = {}
        """Case ids by module, of the tests that pytest would run."""
        self.tests: dict[str, str] = {}
        """How pytest is asked for the test, from the working directory and without parameters, by case id."""
        self.config: pytest.Config | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problems.append(import_problem(report))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        try:
            self.ids = Ids.of(items)
        except pytest.UsageError as exc:
            self.problems.append(str(exc))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        try:
            for item in session.items:
                cases = self.modules.setdefault(module_name(item), [])
                self.tests[case_id(item)] = _test(item)
                if (case := case_id(item)) not in cases:  # once for all engines
                    cases.append(case)
        except pytest.UsageError as exc:
            self.problems.append(str(exc))


def _main(folder: str, out: str) -> None:
    collector = _Collector()
    absences, imports = Absences(), ImportNotes(Path(out).parent)
    arguments = [
        folder, "--collect-only", "-q",
        *own_cache(Path(out).parent),
        # This process has imported uitest before pytest loads it as a plugin; the project may make errors of warnings.
        "-W", "ignore::pytest.PytestAssertRewriteWarning",
    ]  # fmt: skip
    code = pytest.main(arguments, plugins=[collector, absences, imports])
    ids = collector.ids
    result = {
        "accepted": dict(ids.accepted),
        "ambiguous": {short: ambiguity(short, candidates) for short, candidates in ids.ambiguous.items()},
        "modules": collector.modules,
        "tests": collector.tests,
        "problems": collector.problems,
        "skipped": [str(file.path) for file in absences.skipped],
        "left_out": [
            (str(file.path), file.reason, file_id(file.path, collector.config))
            for file in imports.left_out
            if collector.config is not None
        ],
        "is_misused": code == pytest.ExitCode.USAGE_ERROR,
    }
    Path(out).write_text(json.dumps(result))


if __name__ == "__main__":
    _main(*sys.argv[1:])
