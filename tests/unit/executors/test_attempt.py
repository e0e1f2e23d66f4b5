"""One try of one job: what a worker is told, who it is, and its hand on the store."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import NOW, make_attempt, make_jobs, make_run
from tests.support.processes import eventually
from tests.support.properties import quick
from uitest.config import LEASE_S
from uitest.executors.attempt import Assignment, LeaseHolder, Task, TimeBudget, is_dead, worker_id
from uitest.jobs.scheduling import Schedule
from uitest.model import Job, RunState
from uitest.short_text import first_line
from uitest.storage.stores.sqlite import SqliteStore
from uitest.system.host import host_id

JOB = Job("m", "c", "chrome")
TASK = Task(JOB, 1)


@quick
@given(
    texts=st.lists(st.text(), min_size=3, max_size=3),
    number=st.integers(1, 99),
    timeout=st.none() | st.floats(0.1, 1e6),
    schedule=st.sampled_from([None, Schedule(((1,), (0,), ()), (0.5, 1 / 3), (1,))]),
    time_budget=st.sampled_from([None, TimeBudget("lambda:1", NOW, NOW + 0.1, 2048)]),
)
def test_assignment_survives_its_file(
    texts: list[str],
    number: int,
    timeout: float | None,
    schedule: Schedule | None,
    time_budget: TimeBudget | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Whatever ids hold, a worker reads what the coordinator wrote."""
    path = tmp_path_factory.getbasetemp() / "assignment.json"
    tasks = (Task(Job(texts[0], texts[1], texts[2], timeout), number), TASK)
    assignment = Assignment("r/1 ü", "sqlite:x", "shots", 2, tasks, timeout, schedule, 1.5, time_budget)
    assignment.write(path)
    assert Assignment.read(path) == assignment


def test_running_process_is_not_dead() -> None:
    """This process runs."""
    assert not is_dead(worker_id())


def test_ended_process_is_dead() -> None:
    """Also while nobody has taken note of its end, as in a container without init."""
    script = "from uitest.executors.attempt import worker_id; print(worker_id(), flush=True); input()"
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        owner = process.stdout.readline().strip()
        assert not is_dead(owner)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert is_dead(owner)
    finally:
        process.kill()
        process.communicate()
    assert is_dead(owner)


@pytest.mark.parametrize("owner", ["elsewhere/1/1", "", "x", "lambda:123", f"{host_id()}/x/1"])
def test_workers_of_other_machines_are_never_declared_dead(owner: str) -> None:
    """Workers of other machines, and owners in other forms, are never declared dead."""
    assert not is_dead(owner)


def test_reused_process_id_is_another_process() -> None:
    """The start time tells them apart."""
    assert is_dead(f"{host_id()}/{os.getpid()}/1")


@pytest.mark.parametrize(
    ("text", "line"),
    [("", ""), ("\n  \n say it \nmore", "say it"), ("x" * 400, "x" * 299 + "…"), ("x" * 300, "x" * 300)],
)
def test_first_line_is_cut_to_its_limit(text: str, line: str) -> None:
    """The first line with words, cut so that lists stay readable."""
    assert first_line(text) == line


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store with one run of one job."""
    store = SqliteStore(tmp_path / "uitest.db")
    store.create_run(make_run("r"), [JOB])
    yield store
    store.close()


@pytest.fixture
def holder(store: SqliteStore, tmp_path: Path) -> Iterator[LeaseHolder]:
    """A worker's hand on it."""
    assignment = Assignment("r", f"sqlite:{tmp_path / 'uitest.db'}", str(tmp_path / "shots"), 3, (TASK,))
    holder = LeaseHolder(assignment, "me", lambda: NOW)
    yield holder
    holder.close()


def test_job_is_claimed_until_it_is_reported(store: SqliteStore, holder: LeaseHolder) -> None:
    """While the block runs the job is ours; a report ends that."""
    with holder.claim(TASK) as held:
        assert held
        row = store.jobs("r")[0]
        assert (row.owner, row.attempt, row.lease_until) == ("me", 1, NOW + LEASE_S)
        holder.finish(TASK, make_attempt(1, "me"))
    row = store.jobs("r")[0]
    assert (row.owner, len(row.attempts), holder.refused, holder.layer) == (None, 1, 0, 3)


def test_task_that_is_done_or_taken_is_not_claimed(store: SqliteStore, holder: LeaseHolder) -> None:
    """A task delivered twice runs once."""
    assert store.claim("r", JOB.key, 1, "other", NOW, 60)
    with holder.claim(TASK) as held:
        assert not held
    store.finish("r", JOB.key, make_attempt(1, "other"))
    with holder.claim(TASK) as held:
        assert not held


def test_late_pass_makes_the_next_attempt_unnecessary(store: SqliteStore, holder: LeaseHolder) -> None:
    """The second attempt was sent because the first was silent; then that one passed after all."""
    assert store.claim("r", JOB.key, 1, "other", NOW - 61, 60)
    store.finish("r", JOB.key, make_attempt(1, "other"))
    with holder.claim(Task(JOB, 2)) as held:
        assert not held
    assert store.jobs("r")[0].attempt == 1


@pytest.mark.parametrize("state", [RunState.CANCELLED, RunState.INTERRUPTED])
def test_stopped_run_hands_out_no_tasks(store: SqliteStore, holder: LeaseHolder, state: RunState) -> None:
    """Workers see it before their next case."""
    store.update_run("r", state=state)
    with holder.claim(TASK) as held:
        assert not held
    assert store.jobs("r")[0].attempt == 0


def test_superseded_report_is_counted(store: SqliteStore, holder: LeaseHolder) -> None:
    """It is never merged into what came after it."""
    with holder.claim(TASK):
        assert store.claim("r", JOB.key, 2, "other", NOW + 61, 60)
        holder.finish(TASK, make_attempt(1, "me"))
    assert (holder.refused, store.jobs("r")[0].attempts) == (1, ())


def test_lease_is_renewed_while_the_worker_lives(store: SqliteStore, tmp_path: Path) -> None:
    """A case may take longer than a lease: as long as its worker lives, nobody else gets it."""
    times = iter(range(1_000_000))
    assignment = Assignment("r", f"sqlite:{tmp_path / 'uitest.db'}", str(tmp_path), 0, (TASK,), lease_s=0.03)
    holder = LeaseHolder(assignment, "me", lambda: NOW + next(times))
    try:
        with holder.claim(TASK) as held:
            assert held
            eventually(lambda: (store.jobs("r")[0].lease_until or 0) > NOW + 3, "two heartbeats")
    finally:
        holder.close()


def test_artifacts_lie_under_their_attempt(holder: LeaseHolder, tmp_path: Path) -> None:
    """Run, job and number name the folder; odd file names become safe ones."""
    holder.save(TASK, "screenshot.png", b"x")
    holder.save(TASK, "../up", b"y")
    files = sorted(path.relative_to(tmp_path / "shots").as_posix() for path in (tmp_path / "shots").rglob("*.png"))
    assert files == [f"r/{JOB.key}/1/screenshot.png"]
    assert len(list((tmp_path / "shots" / "r" / JOB.key / "1").iterdir())) == 2


def test_durations_do_not_follow_a_clock_that_is_set(tmp_path: Path) -> None:
    """Somebody sets the clock back by an hour while a case runs: it still took as long as it took."""
    path = tmp_path / "u.db"
    store, wall, steady = SqliteStore(path), iter([NOW, NOW - 3600]), iter([10.0, 10.0, 12.5])
    job = make_jobs(1)[0]
    store.create_run(make_run(state=RunState.RUNNING), [job])
    assignment = Assignment("r1", f"sqlite:{path}", str(tmp_path), 0, (Task(job, 1),))
    holder = LeaseHolder(assignment, "me", lambda: next(wall), lambda: next(steady))
    with holder.claim(Task(job, 1)) as held:
        assert held
        assert holder.took == 2.5
    holder.close()
    store.close()
