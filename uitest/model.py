"""The data classes of uitest: frozen, and convertible to and from JSON values.

Times are floats, in seconds since the epoch (UTC): they compare equally in Python, SQLite and DynamoDB conditions, and
become text only where people read them.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

from uitest.quarantine import Quarantine

BROWSERS = ("chrome", "firefox", "webkit")
"""The engines, by the names that users write."""

ID_LIMIT = 300
"""Maximum length of a module name, case id or run id."""


def elapsed_s(since: float, until: float) -> float:
    """Seconds between two moments of a clock that somebody may have set meanwhile; never below 0.

    Where one process measures, it uses a monotonic clock instead.
    """
    return max(0.0, until - since)


class Verdict(StrEnum):
    """The result of an attempt, as its worker reported it."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"
    CANCELLED = "cancelled"
    LOST = "lost"
    """Never reported: inferred for an attempt whose lease expired, stored only at the end of the run."""


class Outcome(StrEnum):
    """The result of a job, derived from its attempts by ``outcome.fold`` and never stored."""

    PASSED = "passed"
    FLAKY = "flaky"
    SKIPPED = "skipped"
    QUARANTINED = "quarantined"
    """Failed, but a quarantine in the run's header excuses it."""
    FAILED = "failed"
    ERROR = "error"
    LOST = "lost"
    CANCELLED = "cancelled"
    RUNNING = "running"
    NOT_STARTED = "not_started"


class TimeCategory(StrEnum):
    """Categories of the time that a worker spends on an attempt."""

    BROWSER = "browser"
    """Starting or replacing a browser."""
    CONTEXT = "context"
    """Creating and disposing of a context or session."""
    NAVIGATION = "navigation"
    COMMANDS = "commands"
    WAITS = "waits"
    """Pauses of WebDriverWait; the commands that it sends count as commands."""
    TRACE = "trace"
    """Recording the trace."""
    FIXTURES = "fixtures"
    """The rest of setup and teardown."""
    TEST = "test"
    """The rest of the test itself."""


class Answered(StrEnum):
    """How a command of the case was handled."""

    DIRECT = "direct"
    """By uitest itself."""
    FORWARDED = "forwarded"
    """By the engine's driver."""


class RunState(StrEnum):
    """The state of a run."""

    PLANNING = "planning"
    """The header is written, but not yet all of its jobs."""
    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    """Stopped by Ctrl-C, a time limit or ``--max-failures``; ``resume`` continues it."""
    CANCELLED = "cancelled"
    """Stopped by ``uitest cancel``."""


@dataclass(frozen=True, slots=True)
class Module:
    """A named list of cases: one row of the module table."""

    name: str
    cases: tuple[str, ...]
    browsers: tuple[str, ...] = ()
    """Engines that this module is limited to; empty means those of the run."""
    timeout: float | None = None
    """Seconds one case of this module may take; None means the run's ``--case-timeout``."""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """One case of one module in one browser: the unit of planning, running and reporting."""

    module: str
    case: str
    browser: str
    timeout: float | None = None
    """Seconds; None means the run's ``--case-timeout``."""

    @cached_property
    def key(self) -> str:
        """A key that is unique in a run, and safe in paths, URLs and databases for any ids.

        Ids are free text, so keys made with a separator could collide. The digest of all three ids makes the key
        unique; the words before it are for people.
        """
        parts = json.dumps([self.module, self.case, self.browser])
        stem = re.sub(r"[^A-Za-z0-9_]+", "-", f"{self.module} {self.case} {self.browser}").strip("-")[:60]
        return f"{stem}~{hashlib.sha256(parts.encode()).hexdigest()[:16]}"


def digest(key: str) -> str:
    """The unique part of a job's key; the words before it are for people."""
    return key.rpartition("~")[2]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One finished try of a job."""

    number: int
    """From 1 within the job; a missing number below a later one belongs to a lost attempt."""
    owner: str
    """The worker that held the lease."""
    verdict: Verdict
    started_at: float
    duration_s: float
    layer: int = 0
    """0 for the run itself, 1 for its first ``rerun``, and so on."""
    error: str | None = None
    """First line of the error, for lists."""
    detail: str | None = None
    """Traceback or message, cut to ``DETAIL_LIMIT`` (the whole text is an artifact)."""
    artifacts: tuple[str, ...] = ()
    """File names below ``<run>/<job key>/<number>/`` in the artifacts place."""
    reruns: tuple[str, ...] = ()
    """Errors of tries that a plugin repeated within this attempt (pytest-rerunfailures), if it passed in the end."""
    warnings: tuple[str, ...] = ()
    """Problems of capturing and cleaning up, which never change the verdict."""
    browser_version: str | None = None
    page_url: str | None = None
    """Address of the page on which the case failed."""
    spent: Mapping[str, float] = field(default_factory=dict)
    """Seconds by ``TimeCategory``; the rest of ``duration_s`` is reports and screenshots."""
    commands: Mapping[str, int] = field(default_factory=dict)
    """Number of commands by ``Answered``."""
    billed_s: float | None = None
    """Its share of the billed time in Lambda; None elsewhere."""
    memory_mb: int | None = None
    """Memory of the Lambda environment."""
    peak_mb: int | None = None
    """Peak memory of its worker and browser; known only in Lambda."""
    final: bool = False
    """Another attempt cannot help (the case does not exist), so no retry budget applies."""
    failed_at: str | None = None
    """File and number of the suite's line that failed, as ``cases/test_shop.py:12``."""
    failed_line: str | None = None
    """Text of this line."""
    locator: str | None = None
    """The element that was searched or waited for in vain."""

    def to_json(self) -> dict[str, Any]:
        """JSON values, without empty ones."""
        return {k: v for k, v in asdict(self).items() if v is not None and v is not False and v not in ((), {})}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of ``to_json``."""
        rest = {k: v for k, v in data.items() if k in cls.__dataclass_fields__}
        return cls(
            **{
                **rest,
                "verdict": Verdict(data["verdict"]),
                "artifacts": tuple(data.get("artifacts", ())),
                "reruns": tuple(data.get("reruns", ())),
                "warnings": tuple(data.get("warnings", ())),
            }
        )


@dataclass(frozen=True, slots=True)
class Past:
    """The record of a job from earlier runs, for scheduling."""

    duration_s: float | None
    """Of the last attempt that passed or failed; None if there was none."""
    failed: bool
    """Whether the job did not end green the last time."""

    def after(self, older: "Past | None") -> "Past":
        """This record, with the duration of the ``older`` one if it has none."""
        if self.duration_s is not None or older is None:
            return self
        return Past(older.duration_s, self.failed)


DETAIL_LIMIT = 8_000
"""Characters of an attempt's detail in its row, so that ten attempts stay far below DynamoDB's 400 KB per item."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """The row of a job in the status table."""

    job: Job
    attempt: int = 0
    """Number of the newest attempt that was claimed; 0 before the first."""
    owner: str | None = None
    """Worker that holds the newest attempt; None when it has finished."""
    lease_until: float | None = None
    claimed_at: float | None = None
    """When the newest attempt was claimed."""
    attempts: tuple[Attempt, ...] = ()
    """Finished attempts, by number."""


@dataclass(frozen=True, slots=True)
class Run:
    """The header of a run: its settings and its state."""

    id: str
    url: str
    started_at: float
    state: RunState = RunState.PLANNING
    planned: int = 0
    """Number of jobs in the plan; a green run has as many green outcomes, so a missing row is never green."""
    layer: int = 0
    """Increased by each ``rerun``; retries and outcomes count within the newest layer of a job."""
    modules: tuple[str, ...] = ()
    browsers: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    """``RunSettings`` and further facts as JSON values, so that ``resume`` and ``rerun`` need only the run id."""
    finished_at: float | None = None
    beat_at: float | None = None
    """Last heartbeat of the coordinator; an old one in a running run means that it died."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Number of jobs by outcome, cached for lists of runs; the rows are authoritative."""
    note: str | None = None
    """Why the run stopped early, or None."""
    error: str | None = None
    """A reason that makes the run red besides its jobs: a pytest session whose bad end no case explains."""
    load: Mapping[str, Any] = field(default_factory=dict)
    """Processor load of the run, as ``worker_count.Load`` writes it; empty if not measured."""
    quarantine: tuple[Quarantine, ...] = ()
    """The rows that may concern its jobs, as they were when it began."""

    def elapsed_s(self, now: float) -> float:
        """Seconds from its start to its end, or to ``now`` if it goes on."""
        return elapsed_s(self.started_at, now if self.finished_at is None else self.finished_at)

    @property
    def remark(self) -> str | None:
        """``note`` and ``error`` in one line; None if there is neither."""
        return "; ".join(filter(None, [self.note, self.error])) or None

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of ``to_json``; fields of newer versions are ignored."""
        fields = {k: v for k, v in data.items() if k in cls.__dataclass_fields__}
        fields |= {name: tuple(data.get(name, ())) for name in ("modules", "browsers")}
        fields["state"] = RunState(data["state"])
        fields["quarantine"] = tuple(map(Quarantine.from_json, data.get("quarantine", ())))
        return cls(**fields)
