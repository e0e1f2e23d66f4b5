"""What a run knows of earlier ones decides which worker makes which attempt, and when."""

import pytest

from tests.e2e.conftest import Project
from uitest.model import Job, Module, Past


@pytest.mark.slow
def test_second_run_begins_with_the_longest_cases_and_nobody_waits(project: Project) -> None:
    """The second run begins with the longest cases, and what stands behind one that hangs is run by the other worker.

    A case that a worker passes over leaves the fixtures of its neighbours in order.
    """
    project.cases("""
@pytest.fixture(scope="module")
def shared():
    ran("set-up")
    yield
    ran("end")

def test_a(shared): ran("a")
def test_b(shared): ran("b")
def test_c(shared): ran("c")
def test_gate(shared):
    ran("gate")
    if (HERE / "closed").exists():
        wait_for("go")
""")
    project.cases("""
def test_x(): ran("x")
def test_y(): ran("y")
def test_open():
    ran("open")
    (HERE / "go").touch()
""", "test_other.py")  # fmt: skip
    cases = [*(f"test_it::test_{name}" for name in ("a", "b", "c", "gate")), "test_other::test_x", "test_other::test_y"]
    project.modules(Module("m", (*cases, "test_other::test_open")))
    project.run("run", "--run-id", "first", "--workers", "2")
    rows = project.rows("first")
    with project.store() as store:
        past = store.past([row.job.key for row in rows.values()])
        assert {earlier.failed for earlier in past.values()} == {False}
        assert len(past) == 7
        order = ["test_it::test_gate", "test_it::test_b", "test_other::test_x", "test_other::test_open"]
        store.remember({rows[case].job.key: Past(90.0 - n, False) for n, case in enumerate(order)})
    (project.folder / "cases" / "go").unlink()
    project.open_gate("closed")
    before = len(project.ran())
    project.run("run", "--run-id", "second", "--workers", "2")
    ran = [name for name in project.ran()[before:] if name not in ("set-up", "end")]
    assert sorted(ran) == sorted(["a", "b", "c", "gate", "open", "x", "y"])
    assert project.ran()[before:].count("set-up") == project.ran()[before:].count("end")
    second = {case: row.attempts[0] for case, row in project.rows("second").items()}
    in_order = sorted(second, key=lambda case: second[case].started_at)
    firsts = {second[case].owner: case for case in reversed(in_order)}
    assert set(firsts.values()) == {"test_it::test_gate", "test_it::test_b"}
    assert second["test_it::test_gate"].owner != second["test_other::test_open"].owner


@pytest.mark.slow
def test_failed_first_begins_with_what_was_not_green(project: Project) -> None:
    """What did not end green last time comes first when asked, on the command line or in the environment."""
    project.cases("""
def test_a(): ran("a")
def test_b(): ran("b")
def test_c():
    ran("c")
    assert False
def test_d(): ran("d")
""")
    cases = [f"test_it::test_{name}" for name in "abcd"]
    project.modules(Module("m", tuple(cases)))
    with project.store() as store:
        store.remember({Job("m", case, "chrome").key: Past(1.0, case == cases[2]) for case in cases})
    for n, words in enumerate([{"UITEST_FAILED_FIRST": "1"}, {}]):
        before = len(project.ran())
        option = () if words else ("--failed-first",)
        project.run("run", "--run-id", f"again{n}", *option, code=1, environ=words)
        assert project.ran()[before] == "c"


@pytest.mark.slow
def test_auto_workers_follow_the_load_of_the_last_run(project: Project) -> None:
    """A run measures what it does to the machine, and the next one says why its number of workers is another."""
    project.cases("\n".join(f"def test_{n}(): time.sleep(0.5)" for n in range(12)))
    project.modules(Module("m", tuple(f"test_it::test_{n}" for n in range(12))))
    project.run("run", "--run-id", "first", "--workers", "1")
    with project.store() as store:
        load = store.run("first").load
        assert load["workers"] == 1
        assert 0 < load["busy"] <= load["cores"]
        store.update_run("first", load={**load, "busy": load["cores"] / 2})
    first_line = project.run("run", "--run-id", "second", environ={"UITEST_WORKERS": "auto"}).stderr.splitlines()[0]
    assert "2 workers" in first_line
    assert ("(1 kept " in first_line) == (round(load["cores"]) != 2)


def test_tests_that_share_a_driver_stay_together(project: Project) -> None:
    """One worker runs those of a class or file, in the file's order, whatever order modules and durations call for.

    Each test needs what the one before it has left in their browser, retries aside.
    """
    project.cases("""
@pytest.mark.parametrize("n", range(4))
def test_file(driver_module, base_url, n):
    ran(f"file{n}")
    if n == 0: driver_module.get(base_url)
    assert len(driver_module.get_cookies()) == n
    driver_module.add_cookie({"name": str(n), "value": "1"})

class TestClass:
    @pytest.mark.parametrize("n", range(4))
    def test_class(self, driver_class, base_url, n):
        ran(f"class{n}")
        if n == 0: driver_class.get(base_url)
        assert len(driver_class.get_cookies()) == n
        driver_class.add_cookie({"name": str(n), "value": "1"})

def test_alone(): pass
""")
    names = [f"test_it::{name}[{n}]" for name in ("test_file", "TestClass::test_class") for n in (2, 0, 3, 1)]
    project.modules(Module("m", (*names, "test_it::test_alone")))
    project.run("run", "--run-id", "r", "--workers", "2")
    rows = project.rows("r")
    assert {len({rows[name].attempts[-1].owner for name in part}) for part in (names[:4], names[4:])} == {1}
    assert [name for name in project.ran() if "file" in name] == [f"file{n}" for n in range(4)]
    assert [name for name in project.ran() if "class" in name] == [f"class{n}" for n in range(4)]
