"""A Lambda endpoint whose function answers at once: ``python -m bench.instant STORE``.

The function claims and reports each case as passed, without a browser or pytest; with ``-`` for the store it does not
even that. The endpoint tells its address on standard output and serves until standard input ends; then it tells, as
JSON, what it has asked of DynamoDB.
"""

import json
import sys
import time

from bench.dispatcher import counted_store
from uitest.executors.aws.event import Invocation
from uitest.local_aws.endpoint import Endpoint
from uitest.local_aws.environments import Delivery, InProcess
from uitest.local_aws.service import Function, Service
from uitest.model import Attempt, Verdict
from uitest.storage.stores import Store

ENVIRONMENTS = 16
"""More of them only wait for each other: what they do is Python and the store."""


class Instant:
    """The function."""

    def __init__(self, store: Store | None) -> None:
        self._store = store

    def __call__(self, delivery: Delivery) -> dict[str, object]:
        """As the handler answers."""
        if self._store is not None:
            assignment = Invocation.from_event(json.loads(delivery.payload)).assignment
            for task in assignment.tasks:
                key, now, owner = task.job.key, time.time(), f"lambda:{delivery.request}"
                if self._store.claim(assignment.run, key, task.number, owner, now, assignment.lease_s):
                    attempt = Attempt(task.number, owner, Verdict.PASSED, now, 0.0, assignment.layer)
                    self._store.finish(assignment.run, key, attempt)
        return {"problem": None}


def main(spec: str) -> None:
    """Serve."""
    store, units = (None, dict) if spec == "-" else counted_store(spec)
    service = Service([Function("uitest", lambda: InProcess(Instant(store)), ENVIRONMENTS)])
    with Endpoint(service) as endpoint:
        print(endpoint.url, flush=True)
        sys.stdin.read()
    print(json.dumps(units()))


if __name__ == "__main__":
    main(sys.argv[1])
