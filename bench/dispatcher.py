"""One measurement of ``fanout`` in a separate process, so that its memory can be measured.

``python -m bench.dispatcher KIND COUNT STORE`` prints its figures as JSON. Kinds:

- ``run``: a run of so many jobs, from modules to its end, by the coordinator that ``uitest run`` has;
- ``scale``: the same with its pages, and how long polls take;
- ``dispatch``: the executor alone, until Lambda has accepted every job;
- ``bare``: as many invocations by boto3 itself, from as many threads.
"""

import json
import resource
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, cast

from bench.polls import TimedEnd, TimedPolls
from bench.units import Units
from uitest import aws
from uitest.cli.runs.executor_factory import make_run_loop
from uitest.config import RunSettings
from uitest.executors.attempt import Assignment, Task
from uitest.executors.aws.event import Invocation
from uitest.executors.aws.lambda_executor import THREADS, LambdaExecutor, LambdaSettings
from uitest.jobs.plan import make_plan
from uitest.model import Job, Module, Run, RunState
from uitest.reporting.publish import SiteReporter
from uitest.run.reporters import Reporter
from uitest.storage.files import FolderPlace
from uitest.storage.stores import Store, open_store
from uitest.storage.stores.dynamodb import DynamoStore
from uitest.system.worker_count import Machine

URL = "http://127.0.0.1/"
CASES = 100
"""In a module."""
AT_ONCE = 1_000
"""An account's concurrency in Lambda unless it asks for more."""


def modules(count: int) -> list[Module]:
    """Modules with so many cases between them."""
    names = [f"test_shop::test_case[{number}]" for number in range(count)]
    return [Module(f"m{start // CASES:04}", tuple(names[start : start + CASES])) for start in range(0, count, CASES)]


def counted_store(spec: str) -> tuple[Store, Callable[[], dict[str, float]]]:
    """A store, and what it has asked of DynamoDB so far: nothing if it is another."""
    kind, _, tables = spec.partition(":")
    if kind != "dynamodb":
        return open_store(spec), dict
    client = aws.client("dynamodb")
    return DynamoStore(*tables.split(","), client), Units(client).so_far


def run(count: int, spec: str) -> dict[str, float]:
    """Seconds of the run's parts and of all, units of DynamoDB, and the exit code."""
    store, units = counted_store(spec)
    return {**complete(count, spec, store, [], []), **units()}


def scale(count: int, spec: str) -> dict[str, float]:
    """The same of a run with its pages, and seconds of the coordinator's polls and of the last pages."""
    store, units = counted_store(spec)
    polls = TimedPolls(store)
    with TemporaryDirectory(prefix="bench-pages-") as folder:
        pages = TimedEnd(SiteReporter(FolderPlace(folder), str(Path(folder, "artifacts"))))
        figures = complete(count, spec, cast("Store", polls), [polls], [pages])
    return {
        **figures,
        **units(),
        "longest_poll_s": max(polls.durations_s),
        "median_poll_s": median(polls.durations_s),
        "pages_s": pages.duration_s,
    }


def complete(
    count: int, spec: str, store: Store, private: Sequence[Reporter], public: Sequence[Reporter]
) -> dict[str, float]:
    """Make and run the run; seconds of its parts, its exit code and how many jobs passed."""
    settings = RunSettings(executor="lambda", max_concurrency=AT_ONCE)
    began = time.monotonic()
    plan = make_plan(modules(count), ("chrome",))
    planned = time.monotonic()
    now = time.time()
    header = Run(
        f"fanout-{count}", URL, started_at=now, state=RunState.RUNNING, planned=len(plan), browsers=("chrome",),
        settings=settings.to_json(), beat_at=now,
    )  # fmt: skip
    store.create_run(header, plan)
    written = time.monotonic()
    result = make_run_loop(store, spec, settings, header, Machine()).run_to_completion(private, public)
    ended = time.monotonic()
    store.close()
    return {
        "plan_s": planned - began,
        "write_s": written - planned,
        "rest_s": ended - written,
        "wall_s": ended - began,
        "passed": result.run.counts.get("passed", 0),
        "code": result.exit_code,
    }


class Counted:
    """A client that signals when a number of events were accepted."""

    def __init__(self, client: Any, count: int) -> None:
        self._client, self._left, self._lock = client, count, threading.Lock()
        self.all_accepted = threading.Event()

    def invoke(self, **request: Any) -> Any:
        """As boto3's."""
        answer = self._client.invoke(**request)
        if request["InvocationType"] == "Event":
            with self._lock:
                self._left -= 1
                if not self._left:
                    self.all_accepted.set()
        return answer

    def close(self) -> None:
        """As boto3's."""
        self._client.close()


def client() -> Any:
    """As the executor's own."""
    return aws.client("lambda", attempts=1, connections=THREADS)


def invocation() -> Invocation:
    """One without tasks."""
    return Invocation(URL, Assignment("fanout", "dynamodb:modules,status", "s3://bucket/artifacts", 0, ()))


def tasks(count: int) -> list[Task]:
    """First attempts at so many jobs."""
    return [Task(Job(f"m{n // CASES:04}", f"test_shop::test_case[{n}]", "chrome"), 1) for n in range(count)]


def dispatch(count: int, _spec: str) -> dict[str, float]:
    """Seconds until all were accepted."""
    counted, work = Counted(client(), count), tasks(count)
    executor = LambdaExecutor(LambdaSettings("uitest", count), invocation(), counted)
    began = time.monotonic()
    executor.submit(work)
    counted.all_accepted.wait()
    duration = time.monotonic() - began
    executor.stop()
    return {"wall_s": duration}


def bare(count: int, _spec: str) -> dict[str, float]:
    """The same with boto3 alone."""
    event = invocation().to_event()
    lambdas = client()
    began = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        for answer in pool.map(
            lambda _: lambdas.invoke(FunctionName="uitest", InvocationType="Event", Payload=event), range(count)
        ):
            assert answer["StatusCode"] == 202
    duration = time.monotonic() - began
    lambdas.close()
    return {"wall_s": duration}


KINDS: Mapping[str, Callable[[int, str], dict[str, float]]] = {
    "run": run,
    "scale": scale,
    "dispatch": dispatch,
    "bare": bare,
}


def main(kind: str, count: str, spec: str) -> None:
    """Measure and print."""
    figures = KINDS[kind](int(count), spec)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({**figures, "cpu_s": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024}))


if __name__ == "__main__":
    main(*sys.argv[1:])
