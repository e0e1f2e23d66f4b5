"""From a run's settings to what makes its attempts."""

from collections.abc import Mapping
from dataclasses import dataclass

from uitest.config import RunSettings
from uitest.executors import Executor
from uitest.executors.local import LocalExecutor, LocalSettings
from uitest.invocation import Invocation
from uitest.machine import Load, Machine, choose_workers
from uitest.model import Past, Run
from uitest.stores import Store

RECENT = 50
"""Runs that are looked at for one like this."""


@dataclass(frozen=True)
class Machinery:
    """An executor, and what to say about it."""

    executor: Executor
    workers: int
    """Cases that run at the same time, at most."""
    about: str


def make_machinery(store: Store, spec: str, settings: RunSettings, header: Run, machine: Machine) -> Machinery:
    """What the run's ``--executor`` names; ``spec`` are the words that open its store elsewhere."""
    past = store.past(row.job.key for row in store.jobs(header.id))
    invocation = Invocation.of(header, spec)
    if settings.executor == "lambda":
        return _lambda(settings, invocation, past)
    workers, why = _workers(store, settings, header, machine)
    words = (*invocation.words(), *(["--uitest-headed"] if settings.headed else []))
    local = LocalSettings(settings.cases, header.url, workers, words, past=past, failed_first=settings.failed_first)
    return Machinery(
        LocalExecutor(local, invocation.assignment), workers, f"{workers} workers{f' ({why})' if why else ''}"
    )


def _lambda(settings: RunSettings, invocation: Invocation, past: Mapping[str, Past]) -> Machinery:
    from uitest.executors.aws_lambda import LambdaExecutor, LambdaSettings

    most = settings.max_concurrency
    executor = LambdaExecutor(
        LambdaSettings(
            settings.function, most, settings.max_starts_per_second, settings.cases_per_invocation,
            past=past, failed_first=settings.failed_first,
        ),
        invocation,
    )  # fmt: skip
    return Machinery(executor, most, f"up to {most} at once in Lambda function {settings.function}")


def _workers(store: Store, settings: RunSettings, header: Run, machine: Machine) -> tuple[int, str]:
    """The number of workers, and why it is not what one would expect."""
    if settings.workers:
        return settings.workers, ""
    cores = machine.cores()
    if settings.grid is not None:  # its browsers are busy elsewhere
        return choose_workers(cores, machine.memory_b(), None)
    measured = (Load.from_json(run.load) for run in store.runs(RECENT) if run.load and run.browsers == header.browsers)
    before = next((load for load in measured if load.cores == cores), None)
    return choose_workers(cores, machine.memory_b(), before)
