"""Short ways to make the nouns, with values that no test cares about filled in."""

from typing import Any

from uitest.model import Attempt, Job, Run, RunState, Verdict

NOW = 1_795_000_000.25


def make_run(run_id: str = "r1", **fields: Any) -> Run:
    """A run that has started."""
    return Run(run_id, "http://127.0.0.1/", **{"started_at": NOW, "state": RunState.RUNNING, **fields})


def make_jobs(count: int) -> list[Job]:
    """That many different jobs, in an order that is not the order of their keys."""
    return [Job(f"mod{n % 7}", f"tc{count - n:05}", "chrome", None if n % 2 else 1.5) for n in range(count)]


def make_attempt(number: int = 1, owner: str = "me", verdict: Verdict = Verdict.PASSED, **more: Any) -> Attempt:
    """A finished attempt."""
    return Attempt(number, owner, verdict, more.pop("started_at", NOW), more.pop("duration_s", 0.1), **more)
