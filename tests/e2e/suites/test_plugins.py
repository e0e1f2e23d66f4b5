"""Other plugins in a run: each with a small project, run by plain pytest and by ``uitest run`` (``docs/plugins.md``).

They are installed one by one into folders beside this environment's packages: some would change every test there is.
"""

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.e2e.conftest import Project
from tests.e2e.suites.plugin_samples import SAMPLES
from tests.support.inner_pytest import WITH_BDD
from tests.support.plugins import installed, verdicts
from uitest.jobs.outcome import fold
from uitest.model import Module, Outcome

pytestmark = pytest.mark.slow

RANDOM = "import random\n" + "".join(
    f"def test_{name}():\n    ran(f'{name}:{{random.random():.9f}}')\n    assert {name not in 'cf'}, '{name} itself'\n"
    for name in "abcdefgh"
)
"""Each remembers its name and a random number; two of them fail, each with its own words."""


def test_pytest_randomly_sets_seeds_and_leaves_the_order_of_a_run_alone(project: Project) -> None:
    """With a seed plain pytest runs in another order, the same each time; a run in its own, with that seed.

    Each result is that of its own case.
    """
    project.environ["PYTHONPATH"] = str(installed("pytest-randomly==5.1.0"))
    project.cases(RANDOM)
    (project.folder / "pytest.ini").write_text("[pytest]\naddopts = --randomly-seed=3\n")
    project.modules(Module("m", tuple(f"test_it::test_{name}" for name in "hgfedcba")))

    def twice(make: Callable[[], object]) -> list[str]:
        """The two orders of the cases, which get the same numbers when it is done again."""
        seen = []
        for _ in range(2):
            make()
            seen.append(project.ran())
            (project.folder / "cases" / "ran.txt").unlink()
        assert sorted(seen[0]) == sorted(seen[1])
        return ["".join(line[0] for line in lines) for lines in seen]

    [shuffled, again] = twice(lambda: plain(project))
    assert "abcdefgh" != shuffled == again
    assert sorted(shuffled) == list("abcdefgh")
    # In the second run those that failed come first, as without the plugin.
    runs = twice(lambda: project.run("run", "--run-id", f"r{len(project.started)}", code=1))
    assert runs[0] == "hgfedcba"
    errors = {case[-1]: row.attempts[0].error for case, row in project.rows("r1").items()}
    assert {name: error and error.splitlines()[0] for name, error in errors.items()} == {
        name: f"AssertionError: {name} itself" if name in "cf" else None for name in "abcdefgh"
    }


def plain(project: Project) -> tuple[int, dict[str, str] | None]:
    """pytest's exit code, and what it says of each test; None if it wrote no report."""
    report = project.folder / "plain.xml"
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", "cases"]
    done = subprocess.run(
        [*argv, f"--base-url={project.url}"], cwd=project.folder, env=project.environ,
        stdin=subprocess.DEVNULL, capture_output=True, check=False, text=True, timeout=120,
    )  # fmt: skip
    results: dict[str, str] = {}
    if not report.exists():
        return done.returncode, None
    for test, word in verdicts(report):
        name = test.partition("[")[0].removeprefix("test_")
        results[name] = word if results.get(name) != "failed" else "failed"
    return done.returncode, results


@pytest.mark.parametrize("name", SAMPLES)
def test_plugin_works_as_the_table_of_plugins_says(project: Project, name: str) -> None:
    """What the table of plugins promises."""
    sample = SAMPLES[name]
    if sample.needs:
        project.environ["PYTHONPATH"] = str(installed(sample.needs))
    if name == "pytest-bdd":
        project.environ["PYTEST_ADDOPTS"] += f" {WITH_BDD}"
    project.cases(sample.cases)
    for path, text in sample.files.items():
        (project.folder / path).write_text(text)
    (project.folder / "pytest.ini").write_text(f"[pytest]\naddopts = {sample.options}\n")
    code, results = plain(project)
    assert code == min(sample.code, 1)
    assert (results is None) == sample.ends_plain_pytest
    if results is not None:
        expected = {**{case.partition("[")[0]: word for case, word in sample.run.items()}, **sample.plain}
        assert {case: results.get(case, "absent") for case in expected} == expected
    (project.folder / "cases" / "ran.txt").unlink(missing_ok=True)

    project.modules(Module("m", tuple(f"test_it::test_{case}" for case in sample.run)))
    project.run("run", "--run-id", "r", "--workers", "2", code=sample.code)
    with project.store() as store:
        run, rows = store.run("r"), store.jobs("r")
    outcomes = {row.job.case.removeprefix("test_it::test_"): fold(row, run, 0.0) for row in rows}
    assert outcomes == {case: Outcome(word) for case, word in sample.run.items()}
    sample.check(project.folder)
