"""A worker with an assignment: what it leaves out, and what it does when a case is not there."""

from collections.abc import Callable

import pytest

from tests.support.builders import NOW, make_run
from tests.support.inner_pytest import FEW_PLUGINS
from uitest.executors.attempt import Assignment, Task
from uitest.jobs.scheduling import Schedule
from uitest.model import Job, JobRow, Verdict
from uitest.storage.stores.sqlite import SqliteStore

Work = Callable[..., dict[str, JobRow]]

CASES = """
import pytest

@pytest.fixture(scope="module")
def shared():
    yield
    print("shared ended")
    assert {sound}

def test_a(shared): pass
def test_b(shared): pass
"""


@pytest.fixture
def work(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Work:
    """Runs these cases in pytest; cases in ``taken`` are another worker's. The rows afterwards, by case."""
    monkeypatch.setenv("PYTEST_ADDOPTS", FEW_PLUGINS)

    def work(
        *cases: str, taken: str = "", sound: bool = True, words: tuple[str, ...] = (), error: str | None = None
    ) -> dict[str, JobRow]:
        pytester.makepyfile(test_one=CASES.format(sound=sound), test_two="def test_x(): pass")
        jobs = [Job("m", case, "chrome") for case in cases]
        path = pytester.path / "uitest.db"
        store = SqliteStore(path)
        store.create_run(make_run(), jobs)
        for job in jobs:
            if job.case == taken:
                assert store.claim("r1", job.key, 1, "another", NOW, 60)
        schedule = Schedule((tuple(range(len(jobs))),), (1.0,) * len(jobs))
        tasks = tuple(Task(job, 1) for job in jobs)
        Assignment("r1", f"sqlite:{path}", "shots", 0, tasks, schedule=schedule).write(pytester.path / "work.json")
        result = pytester.runpytest_subprocess("--uitest-assignment=work.json", *words)
        assert result.ret == 0, result.stdout.str()
        rows = {row.job.case: row for row in store.jobs("r1")}
        assert store.run("r1").error == error
        store.close()
        return rows

    return work


def verdicts(rows: dict[str, JobRow]) -> dict[str, list[Verdict]]:
    """What the attempts of each case came to."""
    return {case: [attempt.verdict for attempt in row.attempts] for case, row in rows.items()}


@pytest.mark.parametrize("sound", [True, False], ids=["sound", "broken-fixture"])
def test_passing_over_leaves_fixtures_in_order(work: Work, sound: bool) -> None:
    """A fixture that was kept for a case that another worker has ends before a case of another file begins.

    What breaks in it is no case's fault, but plain pytest would not be green, so the run is not.
    """
    error = None if sound else "a fixture broke after its last case: AssertionError: assert False"
    rows = work(
        "test_one::test_a", "test_one::test_b", "test_two::test_x", taken="test_one::test_b", sound=sound, error=error
    )
    assert verdicts(rows) == {
        "test_one::test_a": [Verdict.PASSED],
        "test_one::test_b": [],
        "test_two::test_x": [Verdict.PASSED],
    }
    assert rows["test_one::test_b"].owner == "another"


def test_missing_case_is_a_final_error_and_others_run(work: Work) -> None:
    """It is an error that names the case and is not tried again; its neighbours run."""
    rows = work("test_one::test_a", "ghost", "test_one::test_b")
    assert [of_case[0] for of_case in verdicts(rows).values()] == [Verdict.PASSED, Verdict.ERROR, Verdict.PASSED]
    [attempt] = rows["ghost"].attempts
    assert attempt.final
    assert attempt.error == "no case 'ghost' in the case files; correct module 'm' or the case's id"


@pytest.mark.parametrize("words", [("-p", "no:xdist"), ("-n0",), ("-n2",)], ids=" ".join)
def test_with_and_without_xdist(work: Work, words: tuple[str, ...]) -> None:
    """An assignment needs no pytest-xdist, and more workers than it has queues for."""
    rows = work("test_one::test_a", "test_one::test_b", "test_two::test_x", words=words)
    assert set(map(tuple, verdicts(rows).values())) == {(Verdict.PASSED,)}


def test_plain_xdist_is_left_alone(pytester: pytest.Pytester) -> None:
    """Without an assignment pytest -n distributes as ever."""
    pytester.makepyfile("def test_a(): pass\ndef test_b(): pass\n")
    result = pytester.runpytest_subprocess("-n1", "-v", *FEW_PLUGINS.split())
    result.stdout.fnmatch_lines(["*scheduling tests via LoadScheduling*"])
