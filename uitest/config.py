"""The words of one run, and where its defaults come from."""

import re
import shutil
from collections.abc import Mapping, MutableMapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from uitest.errors import UsageError
from uitest.masking import address_secrets, secrets_of
from uitest.model import BROWSERS

DEFAULT_STORE = "sqlite:.uitest/uitest.db"
DEFAULT_SITE = ".uitest/site"
DEFAULT_ARTIFACTS = ".uitest/site/artifacts"
"""Inside the site, so that the folder can be zipped, copied or served as it is."""

DEFAULT_FUNCTION = "uitest"

RETENTION_DAYS = 90
"""How long a run is kept: by the rows' time to live, by ``uitest prune``, and by lifecycle rules in ``buildspecs/``."""

LEASE_S = 60.0
"""A worker that is silent for so long has lost its attempt; one at work says so three times as often."""

EXECUTORS = ("local", "lambda", "stepfunctions")

STATE_MACHINE = re.compile(r"arn:[a-z-]+:states:[a-z0-9-]+:\d{12}:stateMachine:[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)?")
"""An ARN, with version or alias."""

ALIASES = {
    "BROWSER": "UITEST_BROWSER",
    "WebURL": "UITEST_URL",
    "MODULES": "UITEST_MODULES",
    "ArtifactBucket": "UITEST_ARTIFACTS",
}
"""Names that CodeBuild projects set already; ``ModuleTable`` and ``StatusTable`` together are ``UITEST_STORE``."""


@dataclass(frozen=True)
class RunSettings:
    """What ``resume`` and ``rerun`` need to go on with nothing but the run id."""

    cases: str = "cases"
    executor: str = "local"
    function: str = DEFAULT_FUNCTION
    state_machine: str | None = None
    """Its ARN."""
    max_concurrency: int = 100
    max_starts_per_second: float | None = None
    cases_per_invocation: int = 1
    """0: as many as known durations make sensible."""
    reuse_browser: bool = False
    workers: int = 0
    """0 means as many as ``worker_count.choose_workers`` says."""
    retries: int = 0
    case_timeout: float | None = None
    timeout: float | None = None
    max_failures: int = 0
    """0 means no limit."""
    failed_first: bool = False
    artifacts: str = DEFAULT_ARTIFACTS
    site: str = DEFAULT_SITE
    site_url: str | None = None
    """Where people see the site; None: at the place itself."""
    junit: str | None = None
    topic: str | None = None
    """ARN of the SNS topic that is told of the run's end."""
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
    """Names of variables, a comma between them; never a value."""
    fail_on_flaky: bool = False
    profile: bool = False
    lease: float = LEASE_S
    """Seconds after which a worker or coordinator that says nothing is taken for dead."""
    commit: str | None = None
    branch: str | None = None

    def secrets(self, environ: Mapping[str, str], url: str | None = None) -> tuple[str, ...]:
        """The values of the variables that ``--mask`` names, and the passwords in the addresses of site and grid."""
        return (*secrets_of(environ, (self.mask or "").split(",")), *address_secrets(url, self.grid))

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of ``to_json``; unknown names are ignored, missing ones get their default."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})


def check_executor(settings: RunSettings, store: str) -> None:
    """Raises UsageError for words that do not go together with the run's executor."""
    if settings.topic and not settings.topic.startswith("arn:"):
        raise UsageError(f"--topic takes the ARN of an SNS topic, not {settings.topic!r}")
    if settings.site_url and not settings.site_url.startswith(("https://", "http://")):
        raise UsageError(f"--site-url takes an address that people can open, not {settings.site_url!r}")
    if settings.executor == "local":
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
            raise UsageError(f"--{name} is about this machine; leave it out with --executor {settings.executor}")
    if settings.executor == "stepfunctions":
        _check_state_machine(settings)


def _check_state_machine(settings: RunSettings) -> None:
    if not STATE_MACHINE.fullmatch(settings.state_machine or ""):
        raise UsageError(
            f"--executor stepfunctions needs --state-machine with the ARN of one, not {settings.state_machine!r}"
        )
    if settings.max_starts_per_second is not None:
        raise UsageError(
            "--max-starts-per-second cannot be kept by a state machine; use --max-concurrency, or --executor lambda"
        )


def apply_aliases(environ: MutableMapping[str, str]) -> dict[str, str]:
    """Let the names of existing CodeBuild projects stand for ours, where ours are not set; which did, by our name.

    Raises UsageError if one of the two tables is missing: the results would stay in a container that is thrown away.
    """
    applied: dict[str, str] = {}
    for theirs, ours in ALIASES.items():
        text = environ.get(theirs)
        if text and ours not in environ and not _is_foreign(theirs, text):
            applied[ours] = theirs
            environ[ours] = f"s3://{text}/artifacts" if theirs == "ArtifactBucket" and "://" not in text else text
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


def _is_foreign(name: str, text: str) -> bool:
    """Whether a variable is meant for other programs: desktops and editors name a program in ``BROWSER``."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return name == "BROWSER" and any(
        part not in BROWSERS and (not part.isalpha() or shutil.which(part) is not None) for part in parts
    )


def source_version(environ: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Commit and branch under test as CodeBuild, GitHub Actions, GitLab or Jenkins name them, else None.

    A build that CodePipeline starts knows its branch from ``UITEST_BRANCH`` only.
    """
    commit = next(
        (
            environ[n]
            for n in ("CODEBUILD_RESOLVED_SOURCE_VERSION", "GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT")
            if environ.get(n)
        ),
        None,
    )
    branch = next(
        (
            environ[n]
            for n in (
                "UITEST_BRANCH",
                "CODEBUILD_WEBHOOK_HEAD_REF",
                "GITHUB_REF_NAME",
                "CI_COMMIT_REF_NAME",
                "GIT_BRANCH",
            )
            if environ.get(n)
        ),
        None,
    )
    return commit, branch.removeprefix("refs/heads/") if branch else None


def build_url(environ: Mapping[str, str]) -> str | None:
    """Where people see the build that this process is part of, as the same services name it; None outside of one."""
    for name in ("CODEBUILD_BUILD_URL", "CI_JOB_URL", "BUILD_URL"):
        if environ.get(name):
            return environ[name]
    github = [environ.get(f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    return "{}/{}/actions/runs/{}".format(*github) if all(github) else None
