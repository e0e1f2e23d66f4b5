"""The options of ``uitest run``."""

from collections.abc import Callable
from typing import Any

import click

from uitest import extensions
from uitest.cli.settings.options import Seconds, option, store_option
from uitest.config import DEFAULT_ARTIFACTS, DEFAULT_FUNCTION, DEFAULT_SITE, EXECUTORS, RunSettings


class NumberOrAuto(click.ParamType):  # type: ignore[type-arg]  # a class without parameters before click 8.4
    """A number from 1 to ``most``, or ``auto`` (0)."""

    name = "N|auto"

    def __init__(self, most: int) -> None:
        self._most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Raises click's usage error for anything else."""
        if value in ("auto", 0):
            return 0
        try:
            number = int(value)
        except ValueError:
            number = 0
        if not 1 <= number <= self._most:
            self.fail(f"{value!r} is neither auto nor a number from 1 to {self._most}", param, ctx)
        return number


class ExecutorName(click.ParamType):  # type: ignore[type-arg]
    """One of uitest's own executors, or one of an installed package."""

    name = "executor"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Raises click's usage error for an unknown name."""
        if value not in EXECUTORS and value not in (others := extensions.names(extensions.EXECUTORS)):
            self.fail(f"{value!r} is not one of {', '.join(map(repr, (*EXECUTORS, *others)))}.", param, ctx)
        return str(value)


OPTIONS: tuple[Callable[[Any], Any], ...] = (
    option("--url", help="Where the site under test is.  [required]"),
    option(
        "--browser",
        multiple=True,
        metavar="NAME",
        default=("chrome",),
        help="chrome, firefox or webkit; repeatable or comma-separated.  [default: chrome]",
    ),
    option("--cases", default="cases", show_default=True, metavar="DIR", help="Folder with the case files."),
    option(
        "--executor",
        default="local",
        show_default=True,
        type=ExecutorName(),
        metavar="[local|lambda|stepfunctions|NAME]",
        help="How attempts are made to happen: on this machine, each in an AWS Lambda function, or so by "
        "Step Functions; or the NAME of one that another package brings along.",
    ),
    option(
        "--workers", type=NumberOrAuto(256), default="auto", show_default=True, help="Cases at the same time (local)."
    ),
    option(
        "--function",
        default=DEFAULT_FUNCTION,
        show_default=True,
        metavar="NAME",
        help="Name or ARN of the Lambda function (lambda).",
    ),
    option("--state-machine", metavar="ARN", help="ARN of the state machine (stepfunctions)."),
    option(
        "--max-concurrency",
        type=click.IntRange(1, 10_000),
        default=RunSettings.max_concurrency,
        show_default=True,
        metavar="N",
        help="Invocations at the same time (lambda, stepfunctions).",
    ),
    option(
        "--max-starts-per-second",
        type=Seconds(),
        metavar="N",
        help="Invocations that start in a second, to protect the site under test (lambda).  [default: no limit]",
    ),
    option(
        "--cases-per-invocation",
        type=NumberOrAuto(1_000),
        default=RunSettings.cases_per_invocation,
        show_default=True,
        help="Cases that share an invocation; auto: about 30 s of them (lambda, stepfunctions).",
    ),
    option("--reuse-browser", is_flag=True, help="Keep a browser for the next invocation in its environment (lambda)."),
    option(
        "--retries",
        type=click.IntRange(0, 10),
        default=0,
        show_default=True,
        help="Further attempts for a case that failed.",
    ),
    option(
        "--case-timeout",
        type=Seconds(zero=True),
        metavar="S",
        help="Seconds one case may take, 0 for no limit.  [default: 120]",
    ),
    option("--timeout", type=Seconds(), metavar="S", help="Seconds the whole run may take."),
    option("--max-failures", type=click.IntRange(0), default=0, metavar="N", help="Stop after so many failed cases."),
    option("--failed-first", is_flag=True, help="Begin with the cases that did not end green last time."),
    store_option,
    option(
        "--artifacts",
        default=DEFAULT_ARTIFACTS,
        show_default=True,
        metavar="DIR|s3://...",
        help="Where screenshots and logs go.",
    ),
    option(
        "--site",
        default=DEFAULT_SITE,
        show_default=True,
        metavar="DIR|s3://...",
        help="Where the status pages go.",
    ),
    option("--site-url", metavar="URL", help="Where people see the pages, for links to them.  [default: --site]"),
    option(
        "--junit",
        default=".uitest/junit.xml",
        show_default=True,
        metavar="FILE",
        help="JUnit file of the whole run.",
    ),
    option("--topic", metavar="ARN", help="SNS topic to notify when the run ends."),
    option(
        "--metrics",
        metavar="NAMESPACE",
        help="Print the outcome at the end as lines from which CloudWatch Logs makes metrics in this namespace.",
    ),
    option(
        "--run-id",
        metavar="ID",
        help="Name of the run.  [default: CODEBUILD_BUILD_ID, else one that sorts by time]",
    ),
    option("--insecure", is_flag=True, help="Accept any certificate of the site under test, in browsers too."),
    option("--no-url-check", is_flag=True, help="Do not ask the site under test for an answer before the run."),
    option("--grid", metavar="URL", help="Run the browsers on a remote Selenium Grid."),
    option("--headed", is_flag=True, help="Show the browsers' windows."),
    option(
        "--headless",
        type=click.Choice(["shell", "new"]),
        help="The small headless Chrome, or the full browser without a window.  [default: shell]",
    ),
    option(
        "--commands",
        type=click.Choice(["direct", "driver"]),
        help="Whether Chrome's plain commands are answered without chromedriver.  [default: direct]",
    ),
    option(
        "--screenshot",
        type=click.Choice(["on", "only-on-failure", "off"]),
        help="When to take one.  [default: only-on-failure]",
    ),
    option(
        "--trace",
        type=click.Choice(["on", "retain-on-failure", "off"]),
        help="Record every command, with pages and screenshots between.  [default: off]",
    ),
    option(
        "--mask",
        multiple=True,
        metavar="VARIABLE",
        help="Environment variable whose value is hidden in everything that is kept; repeatable or comma-separated.",
    ),
    option(
        "--reporter",
        multiple=True,
        metavar="NAME",
        help="A reporter that another package brings along; repeatable or comma-separated.",
    ),
    option(
        "--lease",
        type=Seconds(),
        default=RunSettings.lease,
        show_default=True,
        metavar="S",
        help="Seconds after which a worker that says nothing has lost its case.",
    ),
    option("--fail-on-flaky", is_flag=True, help="Exit with 1 when a case passed only after a failure."),
    option("--profile", is_flag=True, help="Say at the end where the time went."),
    option(
        "--against",
        metavar="BRANCH",
        help="The branch that the change is for: its newest finished run is the base that page and summaries compare "
        "with.  [default: the pull request's]",
    ),
    option("--base-site", metavar="DIR|s3://...", help="Where that branch's runs are.  [default: the run's own site]"),
    option(
        "--protected-branches",
        multiple=True,
        metavar="NAME",
        help="Branches that have a card of their own on the home page, such as main or release/*; repeatable or "
        "comma-separated.  [default: the branch that changes are for, and release/*]",
    ),
    option("--dry-run", is_flag=True, help="Show the plan, check that its cases exist, run nothing."),
)


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of ``uitest run`` to a function, in the order in which ``--help`` shows them."""
    for add in reversed(OPTIONS):
        command = add(command)
    return command
