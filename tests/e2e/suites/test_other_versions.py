"""A run with a pytest-xdist whose private names are others."""

from tests.e2e.conftest import Project
from tests.support.renamed import rename
from uitest.model import Module

XDIST = {rf"\b{name}\b": f"{name}_of_another_version" for name in ("_send_tests", "node2pending", "WorkerInteractor")}


def test_unknown_xdist_runs_every_case_with_a_warning(project: Project) -> None:
    """Every case is run by two workers, and the first attempts of the run say what was done instead."""
    rename("xdist", XDIST, project.folder / "packages")
    cases = [f"test_{number}" for number in range(8)]
    project.cases("\n".join(f"def {case}(): ran('{case}')" for case in cases))
    project.modules(Module("m", tuple(f"test_it::{case}" for case in cases)))
    path = f"{project.folder / 'packages'}:{project.environ.get('PYTHONPATH', '')}"
    project.run("run", "--run-id", "other", "--workers", "2", environ={"PYTHONPATH": path})
    assert sorted(project.ran()) == cases
    attempts = [row.attempts[0] for row in project.rows("other").values()]
    assert len({attempt.owner for attempt in attempts}) == 2
    names = {warning.partition("(")[2].partition(")")[0] for attempt in attempts for warning in attempt.warnings}
    assert names == {"work stealing", "workers' reports"}
