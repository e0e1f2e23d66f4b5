"""The image as Lambda uses it: under its limits, driven through AWS's own runtime interface emulator."""

import json
import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.containers.conftest import Tell
from tests.e2e.suites.test_suites import VERDICTS
from tests.support.aws.servers import FAKE_AWS, fake_client
from tests.support.builders import make_run
from tests.support.builds.containers import MEMORY_MB, ROOT, Engine, LambdaContainer, settings
from uitest.deploy import image_context, project_files
from uitest.executors.attempt import Assignment, Task
from uitest.executors.aws.event import Invocation
from uitest.local_aws.emulator import emulator
from uitest.local_aws.endpoint import Endpoint
from uitest.local_aws.environments import Delivery
from uitest.local_aws.service import Function, Service
from uitest.model import BROWSERS, Job, RunState, TimeCategory
from uitest.storage.stores.dynamodb import DynamoStore, create_tables

TIMES = 50
SETTLED = 10
"""Invocations after which nothing is new to an environment any more."""

STORE, ARTIFACTS = "dynamodb:mods,stat", "s3://shots/artifacts"


@dataclass(frozen=True)
class Account:
    """Tables and a bucket."""

    store: DynamoStore
    environ: dict[str, str]
    """What containers need to reach it."""


@pytest.fixture
def account(tmp_path: Path, limited: None) -> Iterator[Account]:
    """An emulated one."""
    with ExitStack() as cleanup:
        endpoint = cleanup.enter_context(emulator())
        tables, bucket = fake_client("dynamodb", endpoint), fake_client("s3", endpoint)
        cleanup.callback(tables.close)
        cleanup.callback(bucket.close)
        create_tables(tables, "mods", "stat")
        bucket.create_bucket(Bucket="shots", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield Account(DynamoStore("mods", "stat", tables), {**FAKE_AWS, "AWS_ENDPOINT_URL": endpoint})


def test_sample_cases_pass_in_every_engine(
    account: Account, engine: Engine, rie: Path, sample_site: str, tell: Tell
) -> None:
    """The sample cases pass in all three, sent by a coordinator in a container of the same image."""
    service = Service([Function("uitest", lambda: LambdaContainer(engine, rie, account.environ), concurrency=2)])
    try:
        with Endpoint(service) as endpoint:
            environ = {
                **account.environ,
                "AWS_ENDPOINT_URL_LAMBDA": endpoint.url,
                "UITEST_STORE": STORE,
                "UITEST_ARTIFACTS": ARTIFACTS,
                "UITEST_SITE": "s3://shots",
                "UITEST_EXECUTOR": "lambda",
                "UITEST_MAX_CONCURRENCY": "2",
                "UITEST_RETRIES": "1",
                "UITEST_BROWSER": ",".join(BROWSERS),
                "UITEST_URL": sample_site,
            }
            began = time.monotonic()
            engine.run("uitest", "modules", "load", "/work/cases/modules.json", options=settings(environ))
            engine.run("uitest", "run", "--run-id", "r", options=settings(environ))
            duration = time.monotonic() - began
    finally:
        service.close()
    run, rows = account.store.run("r"), account.store.jobs("r")
    tell(f"in Lambda's place: {duration:.0f} s; {run.counts}; {dict(service.counts)}")
    assert run.state is RunState.FINISHED
    assert set(run.counts) <= {"passed", "flaky"}
    assert {row.job.browser for row in rows} == set(BROWSERS)
    attempts = [attempt for row in rows for attempt in row.attempts]
    assert {attempt.memory_mb for attempt in attempts} == {MEMORY_MB}
    assert all(attempt.owner.startswith("lambda:") for attempt in attempts)


def test_suite_with_page_objects_finds_its_repository(
    account: Account, engine: Engine, rie: Path, sample_site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cases that need what is beside their folder, and options that write a report, work in the suite's own image."""
    suite, context = tmp_path / "suite", tmp_path / "context"
    shutil.copytree(ROOT / "tests" / "suites" / "page_objects", suite, ignore=shutil.ignore_patterns("__pycache__"))
    settings_file = suite / "pytest.ini"
    settings_file.write_text(settings_file.read_text().replace("addopts =", "addopts = --junitxml=reports/junit.xml"))
    image_context.write(image_context.project_context(project_files.read(suite, "tests")), context)
    monkeypatch.setenv("DOCKER_BUILDKIT", "1")
    words = ("build", "--quiet", "--network", "host", "-t", "uitest-suite", "-f", str(context / "cases.Dockerfile"))
    engine.call(*words, str(context))
    with closing(LambdaContainer(engine, rie, account.environ, "uitest-suite")) as container:
        event = json.dumps({"uitest": 1, "step": "discover"}).encode()
        modules = json.loads(container.invoke(Delivery("0", event, time.time() + 120)).payload)["modules"]
        jobs = [Job("m", case, "chrome") for cases in modules.values() for case in cases]
        account.store.create_run(make_run("r", planned=len(jobs), started_at=time.time()), jobs)
        tasks = tuple(Task(job, 1) for job in jobs)
        event = Invocation(sample_site, Assignment("r", STORE, ARTIFACTS, 0, tasks)).to_event()
        answer = json.loads(container.invoke(Delivery("1", event, time.time() + 300)).payload)
    assert answer["problem"] is None, answer
    verdicts = {attempt["case"].partition("::")[2]: attempt["verdict"] for attempt in answer["attempts"]}
    assert verdicts == VERDICTS["page_objects"]


def test_fifty_invocations_leave_nothing_behind(
    account: Account, engine: Engine, rie: Path, sample_site: str, tell: Tell
) -> None:
    """One environment, fifty invocations: as many processes, files and megabytes as before, nothing of root's.

    Each engine by turns; what an invocation with a fresh Chrome takes beside its case is printed.
    """
    jobs = [Job(f"m{n:02}", "tc001", BROWSERS[n % len(BROWSERS)]) for n in range(TIMES)]
    account.store.create_run(make_run("r", planned=TIMES, started_at=time.time()), jobs)
    beside, result = [], []
    with closing(LambdaContainer(engine, rie, account.environ)) as container:
        for n, job in enumerate(jobs):
            event = Invocation(sample_site, Assignment("r", STORE, ARTIFACTS, 0, (Task(job, 1),))).to_event()
            began = time.time()
            answer = container.invoke(Delivery(str(n), event, began + 120))
            duration = time.time() - began
            output = json.loads(answer.payload)
            assert answer.error is None, output
            assert [attempt["verdict"] for attempt in output["attempts"]] == ["passed"], (
                account.store.job("r", job.key),
                container.output(),
            )
            if n + 1 in (SETTLED, TIMES):
                result.append(container.probe())
            if n >= SETTLED and job.browser == "chrome":
                beside.append(duration - _own_s(account, job))
    settled, last = result
    tell(
        f"{TIMES} invocations; after {SETTLED} and at the end: "
        f"{settled['processes']} and {last['processes']} processes, "
        f"{len(settled['files'])} and {len(last['files'])} files in /tmp, "
        f"{settled['memory_mb']} and {last['memory_mb']} MB"
    )
    tell(
        f"warm invocation with a fresh Chrome, over its case's own time: {statistics.median(beside):.2f} s "
        f"({min(beside):.2f}-{max(beside):.2f}, {len(beside)} of them, one core); processor time of an invocation, all "
        f"engines: {(last['processor_s'] - settled['processor_s']) / (TIMES - SETTLED):.2f} s"
    )
    assert last["users"] == [993]
    assert last["writable"] == []
    assert last["processes"] == settled["processes"]
    assert last["files"] == settled["files"]
    assert last["memory_mb"] < settled["memory_mb"] + 10


def _own_s(account: Account, job: Job) -> float:
    """What the case takes by itself, with a browser at hand."""
    row = account.store.job("r", job.key)
    assert row is not None
    spent = row.attempts[0].spent
    return row.attempts[0].duration_s - spent.get(TimeCategory.BROWSER, 0.0) - spent.get(TimeCategory.CONTEXT, 0.0)
