"""Whatever Lambda loses, doubles, refuses, kills or delays: one outcome for each job, and the right one."""

import random
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.aws.fake_function import FakeFunction, Ledger, check, plan
from tests.support.aws.servers import fake_client
from tests.support.builders import make_run
from tests.support.coordinate import executor
from tests.support.inner_pytest import FEW_PLUGINS
from uitest.jobs.outcome import ERROR_BUDGET, fold
from uitest.local_aws.emulator import emulator
from uitest.local_aws.endpoint import Endpoint
from uitest.local_aws.environments import InProcess
from uitest.local_aws.faults import Faults
from uitest.local_aws.process import Image, ProcessEnvironment
from uitest.local_aws.service import Function, Service
from uitest.model import Job, Outcome, Run, RunState, Verdict
from uitest.run.coordinator import Coordinator
from uitest.storage.stores import Store
from uitest.storage.stores.dynamodb import DynamoStore, create_tables
from uitest.storage.stores.sqlite import SqliteStore

pytestmark = pytest.mark.slow

RETRIES = 1
FAULTS = Faults(throttle=0.10, lose=0.10, twice=0.10, kill=0.05, late=0.05, seed=20)
KILLS = 20


@pytest.fixture(params=["sqlite", "ministack"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Stores whose conditional writes are atomic."""
    with ExitStack() as cleanup:
        if request.param == "sqlite":
            store: Store = SqliteStore(tmp_path / "uitest.db")
        else:
            client = fake_client("dynamodb", cleanup.enter_context(emulator()), 64)
            names = f"m-{uuid.uuid4().hex}", f"s-{uuid.uuid4().hex}"
            create_tables(client, *names)
            store = DynamoStore(*names, client)
        cleanup.callback(store.close)
        yield store


@contextmanager
def deployed(function: FakeFunction, faults: Faults) -> Iterator[tuple[str, Service]]:
    """An endpoint with the function, and what it counted."""
    service = Service([Function("f", lambda: InProcess(function), concurrency=100)], faults)
    with Endpoint(service) as endpoint:
        yield endpoint.url, service
    service.close()


def begin(store: Store, count: int) -> Run:
    """A run of so many jobs, written down."""
    jobs = plan(count)
    run = make_run("r", planned=count, settings={"retries": RETRIES}, started_at=time.time())
    store.create_run(run, jobs)
    return run


def test_each_job_has_the_right_outcome_whatever_lambda_does(
    store: Store, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of them at once; the figures are printed."""
    kind = request.node.callspec.params["store"]
    count = 1_000 if kind == "sqlite" else 200
    run, ledger = begin(store, count), Ledger()
    started = time.monotonic()
    with deployed(FakeFunction(store, ledger), FAULTS) as (url, service):
        machinery = executor("not opened by the fake", url, run, 100)
        result = Coordinator(store, run, machinery, []).run_to_completion()
        took = time.monotonic() - started
    figures = check(store.run(run.id), store.jobs(run.id), ledger, RETRIES)
    summary = ", ".join(f"{number} {word}" for word, number in {**service.counts, **figures}.items())
    with capsys.disabled():
        print(f"\n{kind}: {took:.1f} s; {summary}")
    assert result.run.state is RunState.FINISHED
    assert result.exit_code == (3 if figures["jobs lost for good"] else 1)
    assert figures["lost attempts"] > 0
    for word in ("throttled", "lost", "delivered twice", "killed", "late"):
        assert service.counts[word] > 0


def test_cases_of_killed_and_frozen_handlers_pass_or_are_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In processes that are killed or stand still in the middle of a case: it passes in the end, or is told as lost.

    A report that is late to the moment may come between another worker's look and its claim, and the case passes twice.
    """
    (tmp_path / "test_it.py").write_text(
        'import time\nimport pytest\n@pytest.mark.parametrize("n", range(16))\ndef test_a(n): time.sleep(0.8)\n'
    )
    store, jobs = SqliteStore(tmp_path / "uitest.db"), [Job("m", f"test_it::test_a[{n}]", "chrome") for n in range(16)]
    run = make_run("r", planned=len(jobs), started_at=time.time())
    store.create_run(run, jobs)
    environ = {"UITEST_CASES": str(tmp_path), "PYTEST_ADDOPTS": FEW_PLUGINS}
    image = Image("f", environ=environ, fault_after_s=0.6, late_s=3.0)
    faults = Faults(throttle=0.1, lose=0.1, twice=0.1, kill=0.15, late=0.15, seed=3)
    service = Service([Function("f", lambda: ProcessEnvironment(image), concurrency=3)], faults)
    try:
        with Endpoint(service) as endpoint:
            machinery = executor(f"sqlite:{tmp_path / 'uitest.db'}", endpoint.url, run, 3)
            result = Coordinator(store, run, machinery, []).run_to_completion()
            service.close()
        now, rows = time.time(), store.jobs(run.id)
        for row in rows:
            passed = any(attempt.verdict is Verdict.PASSED for attempt in row.attempts)
            outcome = fold(row, result.run, now)
            assert (outcome, passed) in [(Outcome.PASSED, True), (Outcome.LOST, False)], row
            assert passed or row.attempt == 1 + ERROR_BUDGET, row
        with capsys.disabled():
            print(f"\nreal handler: {dict(service.counts)}, {sum(row.attempt for row in rows)} attempts")
        assert service.counts["killed"] + service.counts["late"] > 0
        assert {row.job.key: fold(row, result.run, now) for row in rows} == {
            row.job.key: fold(row, result.run, now) for row in result.rows
        }
    finally:
        store.close()


def test_run_survives_many_kills_of_its_coordinator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """kill -9 at random moments, resumed each time: nothing is lost, doubled or green by mistake."""
    path = tmp_path / "uitest.db"
    store, ledger, chance = SqliteStore(path), Ledger(), random.Random(4)  # noqa: S311  repeatable
    run = begin(store, 200)
    store.update_run(run.id, settings={"retries": RETRIES}, finished_at=time.time())  # nobody has it yet
    kills, code = 0, ""
    try:
        with deployed(FakeFunction(store, ledger, work_s=0.05), FAULTS) as (url, _):
            while not code:
                process = subprocess.Popen(
                    [sys.executable, "-m", "tests.support.coordinate", str(path), url, run.id],
                    stdout=subprocess.PIPE, text=True,
                )  # fmt: skip
                assert process.stdout is not None
                assert process.stdout.readline() == "at work\n"
                if kills < KILLS:
                    time.sleep(chance.uniform(0, 0.6))
                    process.kill()  # on a fast machine the run may be over, which the loop sees
                    kills += 1
                code = process.communicate()[0].strip()
        figures = check(store.run(run.id), store.jobs(run.id), ledger, RETRIES)
        with capsys.disabled():
            print(f"\n{kills} kills; {', '.join(f'{number} {word}' for word, number in figures.items())}")
        assert store.run(run.id).state is RunState.FINISHED
        assert code == ("3" if figures["jobs lost for good"] else "1")
    finally:
        store.close()
