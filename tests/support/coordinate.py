"""A coordinator in a process of its own: ``python -m tests.support.coordinate DATABASE ENDPOINT RUN``.

Says ``at work`` once it has the run, and at the end the exit code of the run.
"""

import sys
import time

from tests.support.aws.servers import fake_client
from uitest.executors.attempt import Assignment
from uitest.executors.aws.event import Invocation
from uitest.executors.aws.lambda_executor import THREADS, LambdaExecutor, LambdaSettings
from uitest.model import Run
from uitest.run.coordinator import Coordinator, take_over
from uitest.storage.stores import Store, open_store

LEASE_S = 2.0
"""Of a worker: short, so that what is lost is found soon."""


def executor(store: str, endpoint: str, run: Run, at_once: int) -> LambdaExecutor:
    """One that invokes the function ``f`` at the endpoint, and soon takes an invocation for lost."""
    client = fake_client("lambda", endpoint, THREADS, {"total_max_attempts": 1})
    assignment = Assignment(run.id, store, "nowhere", run.layer, (), lease_s=LEASE_S)
    settings = LambdaSettings("f", at_once, claim_within_s=LEASE_S)
    return LambdaExecutor(settings, Invocation(run.url, assignment), client)


def main(path: str, endpoint: str, run_id: str) -> None:
    """Take the run over and see it through."""
    spec = f"sqlite:{path}"
    store: Store = open_store(spec)
    run = take_over(store, run_id, time.time())
    print("at work", flush=True)
    result = Coordinator(store, run, executor(spec, endpoint, run, 5), []).run_to_completion()
    store.close()
    print(result.exit_code, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
