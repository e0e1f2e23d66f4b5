"""Creates the executor and the run loop for a run's settings."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from uitest import extensions
from uitest.cli.runs.addresses import without_secrets
from uitest.cli.terminal.words import counted
from uitest.config import RunSettings
from uitest.executors import Executor, ExecutorRequest
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

RECENT_RUNS = 50
"""Number of recent runs that are searched for a load measurement."""


RunToCompletion = Callable[[Sequence[Reporter], Sequence[Reporter]], Result]
"""Runs to completion. Takes private reporters, for the user who started the run, and public ones (pages, messages)."""


@dataclass(frozen=True)
class RunLoop:
    """The function that runs a run to completion, with facts about it."""

    run_to_completion: RunToCompletion
    workers: int
    """Maximum number of cases that run at the same time."""
    about: str
    """How and where cases run, for the first line of output."""


def make_run_loop(
    store: Store, spec: str, settings: RunSettings, header: Run, machine: Machine, secrets: Sequence[str] = ()
) -> RunLoop:
    """The run loop for the run's ``--executor``; ``spec`` is the ``--store`` with which others open the store.

    ``header`` has complete addresses; ``secrets`` are masked in everything that is stored or shown.
    """
    if settings.executor == "stepfunctions":
        return _state_machine(store, spec, settings, header)
    past = store.past(row.job.key for row in store.jobs(header.id))
    invocation = Invocation.of(header, spec)
    if settings.executor == "lambda":
        executor: Executor = _lambda(settings, invocation, past)
        workers = settings.max_concurrency
        description = f"up to {workers} at once in Lambda function {settings.function}"
    elif settings.executor != "local":
        executor, workers = _extended(settings, invocation, past), settings.workers or 1
        description = f"executor {settings.executor}"
    else:
        workers, why = _workers(store, settings, header, machine)
        executor = _local(settings, invocation, past, workers, secrets)
        description = f"{counted(workers, 'worker')}{f' ({why})' if why else ''}"

    def run_to_completion(private: Sequence[Reporter], public: Sequence[Reporter]) -> Result:
        return Coordinator(store, without_secrets(header, secrets), executor, [*private, *public]).run_to_completion()

    return RunLoop(run_to_completion, workers, description)


def _extended(settings: RunSettings, invocation: Invocation, past: Mapping[str, Past]) -> Executor:
    """An executor of another package. Raises UsageError if there is none of that name, or if it is broken."""
    request = ExecutorRequest(
        invocation.assignment, invocation.url, settings.cases, settings.workers, _options(settings, invocation), past
    )
    extensions.check(extensions.EXECUTORS, settings.executor)
    executor: Executor = extensions.make(extensions.EXECUTORS, settings.executor, Executor, request)
    return executor


def _options(settings: RunSettings, invocation: Invocation) -> tuple[str, ...]:
    return (*invocation.words(), *(["--uitest-headed"] if settings.headed else []))


def _local(
    settings: RunSettings, invocation: Invocation, past: Mapping[str, Past], workers: int, secrets: Sequence[str]
) -> Executor:
    local = LocalSettings(
        settings.cases, invocation.url, workers, _options(settings, invocation),
        past=past, failed_first=settings.failed_first, mask=lambda text: masked(text, secrets),
        adds_workers=not settings.workers and settings.grid is None,  # the browsers of a grid use other machines
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
    arn, concurrency = settings.state_machine or "", settings.max_concurrency
    execution = Execution(arn, execution_name(header.id, again="execution" in header.settings))

    def run_to_completion(private: Sequence[Reporter], public: Sequence[Reporter]) -> Result:
        with closing(execution):
            return ExecutionWatcher(store, header, execution, private, public).run_to_completion(spec)

    description = f"up to {concurrency} at once in state machine {arn.rpartition(':')[2]}"
    return RunLoop(run_to_completion, concurrency, description)


def _workers(store: Store, settings: RunSettings, header: Run, machine: Machine) -> tuple[int, str]:
    """The number of workers, and the reason if it differs from the number of cores."""
    if settings.workers:
        return settings.workers, ""
    cores = machine.cores()
    if settings.grid is not None:  # its browsers use other machines
        return choose_workers(cores, machine.memory_b(), None)
    runs = store.runs(RECENT_RUNS)
    measured = (Load.from_json(run.load) for run in runs if run.load and run.browsers == header.browsers)
    before = next((load for load in measured if load.cores == cores), None)
    return choose_workers(cores, machine.memory_b(), before)
