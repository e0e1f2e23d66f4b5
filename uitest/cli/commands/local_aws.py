"""``uitest local-aws``: an emulated AWS account with tables, bucket and Lambda function, until the command ends."""

import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from uitest.cli.settings.options import Seconds, option
from uitest.config import RunSettings
from uitest.errors import UsageError
from uitest.local_aws import account
from uitest.local_aws.emulator import check_packages, emulator
from uitest.local_aws.endpoint import Endpoint
from uitest.local_aws.faults import Faults
from uitest.local_aws.process import Image, ProcessEnvironment
from uitest.local_aws.service import Function, Service
from uitest.reporting.site import SERVED
from uitest.reporting.web_server import SiteServer
from uitest.storage.files import S3Place
from uitest.system.worker_count import Machine, choose_workers

SHARE = click.FloatRange(0, 1)


@click.command("local-aws", context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND]...")
@option("--cases", default=RunSettings.cases, show_default=True, metavar="DIR", help="Case files of the function.")
@click.option(
    "--concurrency",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Environments of the function, at most.  [default: one for each core]",
)
@click.option(
    "--timeout",
    type=Seconds(),
    default=900.0,
    show_default=True,
    metavar="S",
    help="Seconds after which the function is stopped.",
)
@click.option(
    "--memory",
    type=click.IntRange(128, 10_240),
    default=2048,
    show_default=True,
    metavar="MB",
    help="Memory that the function is billed for; it is not limited.",
)
@click.option(
    "--retry-attempts",
    type=click.IntRange(0, 2),
    default=0,
    show_default=True,
    metavar="N",
    help="Lambda's own repeats of an event that failed.",
)
@click.option("--throttle", type=SHARE, default=0.0, metavar="SHARE", help="Refuse this share of events, from 0 to 1.")
@click.option("--lose", type=SHARE, default=0.0, metavar="SHARE", help="Accept and never deliver.")
@click.option("--duplicate", type=SHARE, default=0.0, metavar="SHARE", help="Deliver twice.")
@click.option("--kill", type=SHARE, default=0.0, metavar="SHARE", help="Kill the environment midway.")
@click.option("--late", type=SHARE, default=0.0, metavar="SHARE", help="Stand still midway, for longer than a lease.")
@click.option(
    "--asleep",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    metavar="N",
    help="Refuse the first N requests with 409, as a function that was idle for weeks does.",
)
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Of the dice that deal these out.")
def local_aws(
    command: tuple[str, ...],
    cases: str,
    concurrency: int | None,
    timeout: float,
    memory: int,
    retry_attempts: int,
    duplicate: float,
    asleep: int,
    seed: int,
    **shares: float,
) -> int:
    """Serve an emulated AWS account with uitest in it on 127.0.0.1 until Ctrl-C. No real account is used.

    It has DynamoDB tables, an S3 bucket, and a Lambda function whose environments are processes of this machine. Prints
    the variables for clients; with a COMMAND, runs it with these variables and exits with its exit code. Nothing is
    kept.
    """
    check_packages()
    if not Path(cases).is_dir():
        raise UsageError(f"the cases folder {cases!r} does not exist; say where it is with --cases DIR")
    machine = Machine()
    environments = concurrency or choose_workers(machine.cores(), machine.memory_b(), None)[0]
    image = Image(account.FUNCTION, memory_mb=memory, environ={"UITEST_CASES": str(Path(cases).resolve())}, freeze=True)
    function = Function(
        account.FUNCTION, lambda: ProcessEnvironment(image), environments, timeout_s=timeout, retries=retry_attempts
    )
    faults = Faults(twice=duplicate, asleep=asleep, seed=seed, **shares)
    with emulator() as url, serving(Service([function], faults)) as lambda_url:
        variables = account.activate(url, lambda_url)
        topic = account.create_resources()
        with SiteServer(S3Place(account.BUCKET), policy=SERVED) as site:
            variables |= account.run_variables(environments, site.url, topic)
            if command:
                return run(command, variables)
            for name, value in variables.items():
                click.echo(f"export {name}={shlex.quote(value)}")
            click.echo(
                f"\nSet these in another terminal; uitest run then uses {environments} Lambda environments here.\n"
                f"Status pages  {site.url}/\nCtrl-C ends everything; nothing is kept.",
                err=True,
            )
            threading.Event().wait()
    return 0


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """The address of the service's endpoint; leaving the block also ends running invocations."""
    try:
        with Endpoint(service) as endpoint:
            yield endpoint.url
    finally:
        service.stop()
        if service.counts:
            counts = ", ".join(f"{number} {word}" for word, number in service.counts.items())
            click.echo(f"Lambda events: {counts}", err=True)


def run(command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run the command and return its exit code, or 128 plus the number of a signal.

    Ctrl-C, which a terminal sends to both processes, is left to the command. SIGTERM is forwarded to it, even one that
    arrives while it is being started. Raises UsageError if it cannot be started.
    """
    process: subprocess.Popen[bytes] | None = None
    terminated = threading.Event()

    def forward(_signal: int, _frame: object) -> None:
        terminated.set()
        if process is not None:
            process.terminate()

    handlers = {
        signal.SIGINT: signal.signal(signal.SIGINT, lambda *_: None),
        signal.SIGTERM: signal.signal(signal.SIGTERM, forward),
    }
    try:
        process = subprocess.Popen(command, env={**os.environ, **variables})
        if terminated.is_set():
            process.terminate()
        code = process.wait()
    except OSError as exc:
        raise UsageError(f"cannot run {command[0]!r}: {exc.strerror}") from exc
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code
