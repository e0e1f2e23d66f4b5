"""A function without pytest: claims and reports through the store's own code, and lives up to its fate.

What a job comes to is in its case id: ``pass-7``, ``fail-7``, ``skip-7``, and ``flaky-7``, whose first reported attempt
fails. The function keeps a ledger of what truly happened, from which ``expected`` says again, without the code under
test, what each job must have come to.
"""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from uitest.executors.attempt import Task
from uitest.executors.aws.event import Invocation
from uitest.jobs.outcome import ERROR_BUDGET, GREEN, fold, history, wants_attempt
from uitest.local_aws.environments import Delivery
from uitest.local_aws.faults import Fate
from uitest.model import Attempt, Job, JobRow, Run, RunState, Verdict
from uitest.storage.stores import Store

WORDS = ("pass", "pass", "pass", "pass", "pass", "pass", "flaky", "flaky", "fail", "skip")
"""Kinds of cases, by turns."""


def plan(count: int) -> list[Job]:
    """So many jobs of all kinds."""
    return [Job(f"m{n % 5}", f"{WORDS[n % len(WORDS)]}-{n}", "chrome") for n in range(count)]


@dataclass
class Ledger:
    """What truly happened."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    claims: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Numbers of the attempts that were begun, by job."""
    reports: dict[str, dict[int, Verdict]] = field(default_factory=lambda: defaultdict(dict))
    """Verdicts that the store took, by job and number."""
    refused: int = 0
    """Reports that it did not take."""
    idle: int = 0
    """Deliveries whose task others had."""


class FakeFunction:
    """Called for each delivery."""

    def __init__(self, store: Store, ledger: Ledger, work_s: float = 0.01) -> None:
        self._store, self._ledger, self._work_s = store, ledger, work_s

    def __call__(self, delivery: Delivery) -> dict[str, Any]:
        """As the handler answers."""
        invocation = Invocation.from_event(json.loads(delivery.payload))
        for task in invocation.assignment.tasks:
            self._attempt(invocation, task, delivery.fate)
        return {"problem": None}

    def _attempt(self, invocation: Invocation, task: Task, fate: Fate) -> None:
        run, lease_s, ledger = invocation.assignment.run, invocation.assignment.lease_s, self._ledger
        key, owner, now = task.job.key, f"lambda:{uuid4().hex}", time.time()
        header, row = self._store.run(run), self._store.job(run, key)
        if (
            header.state is not RunState.RUNNING
            or row is None
            or not wants_attempt(row, header, header.settings["retries"], now)
            or not self._store.claim(run, key, task.number, owner, now, lease_s)
        ):
            with ledger.lock:
                ledger.idle += 1
            return
        with ledger.lock:
            ledger.claims[key].append(task.number)
        verdict = self._verdict(run, task)
        if fate is Fate.KILLED:
            return
        time.sleep(lease_s * 1.3 if fate is Fate.LATE else self._work_s)
        attempt = Attempt(task.number, owner, verdict, now, time.time() - now, invocation.assignment.layer)
        taken = self._store.finish(run, key, attempt)
        with ledger.lock:
            ledger.refused += not taken
            if taken:
                ledger.reports[key][task.number] = verdict

    def _verdict(self, run: str, task: Task) -> Verdict:
        word = task.job.case.partition("-")[0]
        if word == "flaky":
            row = self._store.job(run, task.job.key)
            failed = row is not None and any(attempt.verdict is Verdict.FAILED for attempt in row.attempts)
            return Verdict.PASSED if failed else Verdict.FAILED
        return {"pass": Verdict.PASSED, "fail": Verdict.FAILED, "skip": Verdict.SKIPPED}[word]


def expected(begun: Sequence[int], reported: Mapping[int, Verdict], retries: int) -> str:
    """What a job must have come to, by the rules in the README."""
    failures = lost = 0
    outcome = "not_started"
    for number in sorted(begun):
        verdict = reported.get(number)
        if verdict is None:
            lost += 1
            outcome = "lost"
            if lost > ERROR_BUDGET:
                return outcome
        elif verdict is Verdict.FAILED:
            failures += 1
            outcome = "failed"
            if failures > retries:
                return outcome
        else:
            outcome = "skipped" if verdict is Verdict.SKIPPED else "flaky" if failures else "passed"
    return outcome


def check(run: Run, rows: Sequence[JobRow], ledger: Ledger, retries: int) -> dict[str, int]:
    """Every job has one final outcome and it is the right one, every attempt is counted; figures of what happened."""
    now = time.time()
    for row in rows:
        key, outcome = row.job.key, fold(row, run, now)
        written_off = {attempt.number for attempt in row.attempts if attempt.verdict is Verdict.LOST}
        begun = ledger.claims[key]
        reported = {number: verdict for number, verdict in ledger.reports[key].items() if number not in written_off}
        assert outcome.value == expected(begun, reported, retries), (row, begun, reported)
        assert sorted(begun) == list(range(1, row.attempt + 1)), (row, begun)
        assert {a.number: a.verdict for a in row.attempts if a.verdict is not Verdict.LOST} == reported
        assert len(history(row, now)) == row.attempt
        if outcome in GREEN:
            assert reported[max(reported)] in (Verdict.PASSED, Verdict.SKIPPED)
        word = row.job.case.partition("-")[0]
        right = {"pass": "passed", "fail": "failed", "skip": "skipped", "flaky": "flaky"}[word]
        assert outcome.value in (right, "lost")
    attempts = sum(row.attempt for row in rows)
    reports = sum(map(len, ledger.reports.values()))
    return {
        "jobs": len(rows),
        "attempts": attempts,
        "lost attempts": attempts - reports,
        "refused reports": ledger.refused,
        "deliveries in vain": ledger.idle,
        "jobs lost for good": sum(fold(row, run, now).value == "lost" for row in rows),
    }
