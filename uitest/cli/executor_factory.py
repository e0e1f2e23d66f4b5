"""From a run's settings to what sees it through."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from uitest.cli.addresses import without_secrets
from uitest.cli.words import counted
from uitest.config import RunSettings
from uitest.executors import Executor
from uitest.executors.aws.event import Invocation
from uitest.executors.aws.step_functions import Execution, execution_name
from uitest.executors.local import LocalExecutor, LocalSettings
from uitest.masking import masked
from uitest.model import Past, Run
from uitest.run.coordinator import Coordinator
from uitest.run.execution_watcher import ExecutionWatcher
from uitest.run.finalize import Result
from uitest.run.reporters import Reporter
from uitest.storage.stores import Store
from uitest.system.worker_count import Load, Machine, choose_workers

RECENT = 50
"""Runs that are looked at for one like this."""


SeeThrough = Callable[[Sequence[Reporter], Sequence[Reporter]], Result]
"""Takes reporters for whoever started the run, and others of what is public: pages, messages."""


@dataclass(frozen=True)
class RunLoop:
    """What sees a run through, and what to say about it."""

    run_to_completion: SeeThrough
    workers: int
    """Cases that run at the same time, at most."""
    about: str


def make_machinery(
    store: Store, spec: str, settings: RunSettings, header: Run, machine: Machine, secrets: Sequence[str] = ()
) -> RunLoop:
    """What the run's ``--executor`` names; ``spec`` are the words that open its store elsewhere.

    ``header`` has the addresses whole; ``secrets`` are taken out of whatever is kept or told.
    """
    if settings.executor == "stepfunctions":
        return _state_machine(store, spec, settings, header)
    past = store.past(row.job.key for row in store.jobs(header.id))
    invocation = Invocation.of(header, spec)
    if settings.executor == "lambda":
        executor: Executor = _lambda(settings, invocation, past)
        workers = settings.max_concurrency
        about = f"up to {workers} at once in Lambda function {settings.function}"
    else:
        workers, why = _workers(store, settings, header, machine)
        executor = _local(settings, invocation, past, workers, secrets)
        about = f"{counted(workers, 'worker')}{f' ({why})' if why else ''}"

    def run_to_completion(here: Sequence[Reporter], public: Sequence[Reporter]) -> Result:
        return Coordinator(store, without_secrets(header, secrets), executor, [*here, *public]).run_to_completion()

    return RunLoop(run_to_completion, workers, about)


def _local(
    settings: RunSettings, invocation: Invocation, past: Mapping[str, Past], workers: int, secrets: Sequence[str]
) -> Executor:
    words = (*invocation.words(), *(["--uitest-headed"] if settings.headed else []))
    local = LocalSettings(
        settings.cases, invocation.url, workers, words,
        past=past, failed_first=settings.failed_first, mask=lambda text: masked(text, secrets),
    )  # fmt: skip
    return LocalExecutor(local, invocation.assignment)


def _lambda(settings: RunSettings, invocation: Invocation, past: Mapping[str, Past]) -> Executor:
    from uitest.executors.aws.lambda_executor import LambdaExecutor, LambdaSettings

    return LambdaExecutor(
        LambdaSettings(
            settings.function, settings.max_concurrency, settings.max_starts_per_second, settings.cases_per_invocation,
            past=past, failed_first=settings.failed_first,
        ),
        invocation,
    )  # fmt: skip


def _state_machine(store: Store, spec: str, settings: RunSettings, header: Run) -> RunLoop:
    arn, most = settings.state_machine or "", settings.max_concurrency
    execution = Execution(arn, execution_name(header.id, again="execution" in header.settings))

    def run_to_completion(here: Sequence[Reporter], public: Sequence[Reporter]) -> Result:
        with closing(execution):
            return ExecutionWatcher(store, header, execution, here, public).run_to_completion(spec)

    return RunLoop(run_to_completion, most, f"up to {most} at once in state machine {arn.rpartition(':')[2]}")


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
