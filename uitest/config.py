"""The settings of a run, their defaults, and the variables of existing CodeBuild projects."""

import re
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from uitest.errors import UsageError
from uitest.masking import address_secrets, secrets_of
from uitest.model import BROWSERS

DEFAULT_STORE = "sqlite:.uitest/uitest.db"
DEFAULT_SITE = ".uitest/site"
DEFAULT_ARTIFACTS = ".uitest/site/artifacts"
"""Inside the site, so that one folder can be zipped, copied or served."""

DEFAULT_FUNCTION = "uitest"

RETENTION_DAYS = 90
"""How long a run is kept: by the rows' time to live, by ``uitest prune``, and by lifecycle rules in ``buildspecs/``."""

LEASE_S = 60.0
"""A worker without a heartbeat for this long loses its attempt; heartbeats are sent three times as often."""

EXECUTORS = ("local", "lambda", "stepfunctions")

STATE_MACHINE = re.compile(r"arn:[a-z-]+:states:[a-z0-9-]+:\d{12}:stateMachine:[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)?")
"""An ARN, with version or alias."""

METRICS_NAMESPACE = re.compile(r"(?!AWS/)(?=.*[A-Za-z0-9])[A-Za-z0-9._/#-][A-Za-z0-9._/#:-]{0,254}")
"""A namespace of CloudWatch; those that begin with ``AWS/`` belong to AWS.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html"""

ALIASES = {
    "BROWSER": "UITEST_BROWSER",
    "WebURL": "UITEST_URL",
    "MODULES": "UITEST_MODULES",
    "ArtifactBucket": "UITEST_ARTIFACTS",
}
"""Variables of existing CodeBuild projects, and ours; ``ModuleTable`` and ``StatusTable`` form ``UITEST_STORE``."""


@dataclass(frozen=True)
class RunSettings:
    """The settings of a run, stored in its header so that ``resume`` and ``rerun`` need only the run id."""

    cases: str = "cases"
    executor: str = "local"
    function: str = DEFAULT_FUNCTION
    state_machine: str | None = None
    """Its ARN."""
    max_concurrency: int = 100
    max_starts_per_second: float | None = None
    cases_per_invocation: int = 1
    """0 means a number that fits the known durations."""
    reuse_browser: bool = False
    workers: int = 0
    """0 means the result of ``worker_count.choose_workers``."""
    retries: int = 0
    case_timeout: float | None = None
    timeout: float | None = None
    max_failures: int = 0
    """0 means no limit."""
    failed_first: bool = False
    artifacts: str = DEFAULT_ARTIFACTS
    site: str = DEFAULT_SITE
    site_url: str | None = None
    """Public address of the site; None if people open the place itself."""
    junit: str | None = None
    topic: str | None = None
    """ARN of the SNS topic for messages about the run's end."""
    metrics: str | None = None
    """Namespace of CloudWatch metrics about the run's end; None to log none."""
    grid: str | None = None
    insecure: bool = False
    """Accept any certificate."""
    no_url_check: bool = False
    headless: str | None = None
    commands: str | None = None
    headed: bool = False
    screenshot: str | None = None
    trace: str | None = None
    mask: str | None = None
    """Comma-separated names of variables, never their values."""
    reporter: str | None = None
    """Comma-separated names of reporters from other packages."""
    fail_on_flaky: bool = False
    profile: bool = False
    lease: float = LEASE_S
    """Seconds without a heartbeat after which a worker or coordinator counts as dead."""
    section: str | None = None
    """Section of the configuration file, whose options of the pytest plugin count for the run's workers."""
    commit: str | None = None
    branch: str | None = None
    against: str | None = None
    """The branch that the change under test is for: its newest finished run is this run's base."""
    protected_branches: str | None = None
    """Comma-separated names and patterns of branches that have a card of their own on the home page."""
    base_site: str | None = None
    """The site that has that branch's runs; None for the run's own."""

    def secrets(self, environ: Mapping[str, str], url: str | None = None) -> tuple[str, ...]:
        """The values of the variables in ``--mask``, and the passwords in the addresses of site and grid."""
        return (*secrets_of(environ, (self.mask or "").split(",")), *address_secrets(url, self.grid))

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of ``to_json``; unknown names are ignored, missing ones get their default."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})


def check_executor(settings: RunSettings, store: str) -> None:
    """Raises UsageError for settings that do not fit the executor."""
    if settings.topic and not settings.topic.startswith("arn:"):
        raise UsageError(f"--topic takes the ARN of an SNS topic, not {settings.topic!r}")
    if settings.metrics and not METRICS_NAMESPACE.fullmatch(settings.metrics):
        raise UsageError(
            f"--metrics takes a namespace of CloudWatch, such as uitest or Shop/Tests, not {settings.metrics!r}"
        )
    if settings.site_url and not settings.site_url.startswith(("https://", "http://")):
        raise UsageError(f"--site-url takes an address that people can open, not {settings.site_url!r}")
    if settings.executor not in ("lambda", "stepfunctions"):
        return
    if not store.startswith("dynamodb:"):
        raise UsageError(
            f"the Lambda function cannot reach the store {store!r}; name tables with "
            "--store dynamodb:MODULE_TABLE,STATUS_TABLE"
        )
    for name in ("artifacts", "site"):
        place = getattr(settings, name)
        if not place.startswith("s3://"):
            raise UsageError(
                f"with --executor {settings.executor}, --{name} must be in a bucket: s3://BUCKET/PREFIX, not {place!r}"
            )
    for name in ("headed", "profile"):
        if getattr(settings, name):
            raise UsageError(f"--{name} applies to this machine only; remove it with --executor {settings.executor}")
    if settings.executor == "stepfunctions":
        _check_state_machine(settings)


def _check_state_machine(settings: RunSettings) -> None:
    if not STATE_MACHINE.fullmatch(settings.state_machine or ""):
        raise UsageError(
            f"--executor stepfunctions needs --state-machine with the ARN of one, not {settings.state_machine!r}"
        )
    if settings.max_starts_per_second is not None:
        raise UsageError(
            "a state machine does not support --max-starts-per-second; use --max-concurrency, or --executor lambda"
        )


def apply_aliases(environ: MutableMapping[str, str]) -> dict[str, str]:
    """Set our variables from those of existing CodeBuild projects, where ours are not set.

    Returns the aliases that were used, by our name. Raises UsageError if only one of the two tables is set, because the
    results would be lost with the container.
    """
    applied: dict[str, str] = {}
    for alias, variable in ALIASES.items():
        text = environ.get(alias)
        if text and variable not in environ and not (alias == "BROWSER" and is_foreign_browser(text)):
            applied[variable] = alias
            environ[variable] = f"s3://{text}/artifacts" if alias == "ArtifactBucket" and "://" not in text else text
    tables = environ.get("ModuleTable"), environ.get("StatusTable")
    if any(tables) and "UITEST_STORE" not in environ:
        if not all(tables):
            raise UsageError("ModuleTable and StatusTable go together: set both, or neither")
        environ["UITEST_STORE"] = f"dynamodb:{tables[0]},{tables[1]}"
        applied["UITEST_STORE"] = "ModuleTable and StatusTable"
    if environ.get("ArtifactBucket") and "UITEST_SITE" not in environ:
        root = environ["UITEST_ARTIFACTS"].removesuffix("/artifacts")
        environ["UITEST_SITE"] = root if root != environ["UITEST_ARTIFACTS"] else f"{root}/site"
        applied["UITEST_SITE"] = "ArtifactBucket"
    return applied


def is_foreign_browser(text: str) -> bool:
    """Whether this value of ``BROWSER`` is meant for other programs: desktops and editors name a program in it.

    PhantomJS is a browser for tests, so it is not ignored: the message about it says that it does not exist here.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return any(part not in (*BROWSERS, "phantomjs") for part in parts)


COMMIT = ("CODEBUILD_RESOLVED_SOURCE_VERSION", "GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT")
BRANCH = (
    "UITEST_BRANCH",
    "CODEBUILD_WEBHOOK_HEAD_REF",
    "GITHUB_HEAD_REF",
    "GITHUB_REF_NAME",
    "CI_COMMIT_REF_NAME",
    "CHANGE_BRANCH",
    "GIT_BRANCH",
)
BASE_BRANCH = (
    "CODEBUILD_WEBHOOK_BASE_REF",
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "CHANGE_TARGET",
)
"""Variables of CodeBuild, GitHub Actions, GitLab and Jenkins; those that only pull requests have come first."""


def source_version(environ: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Commit and branch under test from the variables of CodeBuild, GitHub Actions, GitLab or Jenkins, else None.

    In a build started by CodePipeline only ``UITEST_BRANCH`` has the branch.
    """
    return _first(environ, COMMIT), _branch(environ, BRANCH)


def base_branch(environ: Mapping[str, str]) -> str | None:
    """The branch that the pull request under test is for, from the same services; None outside of one."""
    return _branch(environ, BASE_BRANCH)


def _branch(environ: Mapping[str, str], names: Sequence[str]) -> str | None:
    branch = _first(environ, names)
    return branch.removeprefix("refs/heads/").removeprefix("origin/") if branch else None


def _first(environ: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((environ[name] for name in names if environ.get(name)), None)


def build_url(environ: Mapping[str, str]) -> str | None:
    """Address of the build that this process is part of, from the same services; None outside of a build."""
    for name in ("CODEBUILD_BUILD_URL", "CI_JOB_URL", "BUILD_URL"):
        if environ.get(name):
            return environ[name]
    github = [environ.get(f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    return "{}/{}/actions/runs/{}".format(*github) if all(github) else None
