"""The log of a whole run: the command's own lines and those of its workers."""

from tests.e2e.conftest import Project
from uitest.model import Module, Verdict

CASES = """
import logging

def test_log():
    logging.getLogger("uitest.of.a.module").warning("the answer was hunter2-is")
"""


def test_run_shows_what_workers_log_without_secrets(project: Project) -> None:
    """On standard error, without secrets; what costs a case something is a warning of its attempt."""
    project.cases(CASES)
    project.modules(Module("m", ("test_it::test_log",)))
    environ = {"SHOP_PASSWORD": "hunter2-is", "UITEST_MASK": "SHOP_PASSWORD"}
    ended = project.run("run", "-v", "--run-id", "r", "--url", project.url, environ=environ)
    lines = ended.stderr.splitlines()
    assert any(line.endswith("uitest.executors.local: pytest session 1 starts: 1 tasks, 1 workers") for line in lines)
    assert any(line.endswith("m/test_it::test_log/chrome 1 uitest.executors.attempt: claimed") for line in lines), lines
    assert any(line.endswith("uitest.of.a.module: the answer was ***") for line in lines)
    assert any(line.endswith("uitest.run.finalize: run r has ended: finished") for line in lines)
    assert "uitest." not in ended.stdout
    with project.store() as store:
        (attempt,) = store.jobs("r")[0].attempts
    assert (attempt.verdict, attempt.warnings) == (Verdict.PASSED, ("the answer was ***",))
