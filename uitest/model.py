"""The nouns: frozen data without behaviour beyond reading itself to and from plain JSON values.

Times are seconds since the epoch, UTC, as floats: they compare the same way in Python, in SQLite and in a
DynamoDB condition, and become text only where a person reads them. Given up: reading a raw row without a
calculator.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

BROWSERS = ("chrome", "firefox", "webkit")
"""The engines, by the names users write."""

ID_LIMIT = 300
"""Longest module name, case id or run id accepted, in characters."""


class Verdict(StrEnum):
    """What one finished attempt came to, as its worker reported it."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"
    CANCELLED = "cancelled"
    LOST = "lost"
    """Never reported: inferred for an attempt whose lease ran out, written down only when the run ends."""


class Outcome(StrEnum):
    """What became of a job; derived from its attempts by ``outcome.fold``, never stored."""

    PASSED = "passed"
    FLAKY = "flaky"
    SKIPPED = "skipped"
    FAILED = "failed"
    ERROR = "error"
    LOST = "lost"
    CANCELLED = "cancelled"
    RUNNING = "running"
    NOT_STARTED = "not_started"


class TimeCategory(StrEnum):
    """What a worker does while it has an attempt."""

    BROWSER = "browser"
    """Starting or replacing a browser."""
    CONTEXT = "context"
    """A fresh context or session, and its end."""
    NAVIGATION = "navigation"
    COMMANDS = "commands"
    WAITS = "waits"
    """Pauses of WebDriverWait; the commands it sends are commands."""
    TRACE = "trace"
    """Recording what the case does."""
    FIXTURES = "fixtures"
    """The rest of setup and teardown."""
    TEST = "test"
    """The rest of the test itself."""


class Answered(StrEnum):
    """Who answered a command of the case."""

    DIRECT = "direct"
    """uitest by itself."""
    FORWARDED = "forwarded"
    """The engine's driver."""


class RunState(StrEnum):
    """Where a run is in its life."""

    PLANNING = "planning"
    """The header is written, not yet all of its jobs."""
    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    """Stopped by its user (Ctrl-C), a time limit or ``--max-failures``; ``resume`` takes it up again."""
    CANCELLED = "cancelled"
    """Told to stop by ``uitest cancel``."""


@dataclass(frozen=True, slots=True)
class Module:
    """A named list of cases: one row of the module table."""

    name: str
    cases: tuple[str, ...]
    browsers: tuple[str, ...] = ()
    """Engines this module is limited to; empty means whatever the run asks for."""
    timeout: float | None = None
    """Seconds one case of this module may take; None means the run's ``--case-timeout``."""
    tags: tuple[str, ...] = ()


def safe_name(text: str) -> str:
    """A name for ``text`` that is safe in paths, URLs and keys, and different for different texts.

    Plain short names stay as they are. Everything else becomes a readable stem, ``~`` (which no plain name
    holds) and 16 hex digits of its SHA-256.
    """
    if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", text):
        return text
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-")[:60]
    return f"{stem}~{hashlib.sha256(text.encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class Job:
    """One case of one module in one browser: the unit that is planned, run and judged."""

    module: str
    case: str
    browser: str
    timeout: float | None = None
    """Seconds; None means the run's ``--case-timeout``."""

    @cached_property
    def key(self) -> str:
        """Unique in a run, safe in paths, URLs and database keys whatever the ids hold.

        Ids are free text, so joining them with any separator would let two jobs meet; the digest over the
        three of them keeps them apart, the words in front are for people.
        """
        parts = json.dumps([self.module, self.case, self.browser])
        words = re.sub(r"[^A-Za-z0-9_]+", "-", f"{self.module} {self.case} {self.browser}").strip("-")[:60]
        return f"{words}~{hashlib.sha256(parts.encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One finished try of a job."""

    number: int
    """From 1, in the job; numbers that are missing below a later one belong to lost attempts."""
    owner: str
    """The worker that held the lease."""
    verdict: Verdict
    started_at: float
    duration_s: float
    layer: int = 0
    """0 for the run itself, 1 for its first ``rerun``, and so on."""
    error: str | None = None
    """First line of what went wrong, for lists."""
    detail: str | None = None
    """The traceback or message in full, cut to ``DETAIL_LIMIT`` (the whole text is an artifact)."""
    artifacts: tuple[str, ...] = ()
    """File names below ``<run>/<job key>/<number>/`` in the artifacts place."""
    reruns: tuple[str, ...] = ()
    """Why tries inside this attempt failed that a plugin repeated (pytest-rerunfailures), if it passed at last."""
    warnings: tuple[str, ...] = ()
    """What could not be captured or cleaned up; never changes the verdict."""
    browser_version: str | None = None
    page_url: str | None = None
    """Where the browser was when the case failed."""
    spent: Mapping[str, float] = field(default_factory=dict)
    """Seconds by ``TimeCategory``; what is missing to ``duration_s`` is reports and pictures."""
    commands: Mapping[str, int] = field(default_factory=dict)
    """How many commands there were by ``Answered``."""
    billed_s: float | None = None
    """Its part of the function's time in a Lambda environment; None where nobody bills."""
    memory_mb: int | None = None
    """What that environment had."""
    peak_mb: int | None = None
    """The most that its worker, browser included, took meanwhile; known where memory is billed."""
    final: bool = False
    """Trying again cannot help (the case does not exist), so no retry budget applies."""

    def to_json(self) -> dict[str, Any]:
        """Plain values, empty ones left out."""
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
    """What earlier runs left to know about a job: how long to plan for, and whether to look at it first."""

    duration_s: float | None
    """Of the last attempt that passed or failed; None while there was none: errors and skips say nothing."""
    failed: bool
    """The job did not end green the last time it ended."""

    def after(self, older: "Past | None") -> "Past":
        """This one, with the duration of an ``older`` one where it has none of its own."""
        if self.duration_s is not None or older is None:
            return self
        return Past(older.duration_s, self.failed)


DETAIL_LIMIT = 8_000
"""Characters of an attempt's detail kept in its row: ten attempts stay far below DynamoDB's 400 KB an item."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as the status table has it."""

    job: Job
    attempt: int = 0
    """Number of the newest attempt that was claimed; 0 before the first."""
    owner: str | None = None
    """Worker that holds the newest attempt; None once it finished."""
    lease_until: float | None = None
    claimed_at: float | None = None
    """When the newest attempt was claimed."""
    attempts: tuple[Attempt, ...] = ()
    """Finished ones, by number."""


@dataclass(frozen=True, slots=True)
class Run:
    """The header of a run: what was asked for, and where it is in its life."""

    id: str
    url: str
    started_at: float
    state: RunState = RunState.PLANNING
    planned: int = 0
    """Jobs in the plan; a green run has that many good outcomes, so a missing row can never be green."""
    layer: int = 0
    """Raised by each ``rerun``; retries and outcomes count within the newest layer of a job."""
    modules: tuple[str, ...] = ()
    browsers: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What ``resume`` and ``rerun`` need to go on with nothing but the run id (plain JSON values)."""
    finished_at: float | None = None
    beat_at: float | None = None
    """Last sign of life of the coordinator; an old one on a running run means that it died."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Cache of the folded outcomes for lists of runs; the jobs are the truth."""
    note: str | None = None
    """Why the run stopped early, when it did."""
    error: str | None = None
    """What makes the run red whatever its jobs say: a pytest session that ended badly though no case explains it."""
    load: Mapping[str, Any] = field(default_factory=dict)
    """What the run did to its machine, as ``worker_count.Load`` writes it; empty where it was not measured."""

    @property
    def remark(self) -> str | None:
        """Why the run stopped early, and what makes it red besides its jobs; None if there is nothing to say."""
        return "; ".join(filter(None, [self.note, self.error])) or None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of ``to_json``; fields of newer versions are ignored."""
        rest = {k: v for k, v in data.items() if k in cls.__dataclass_fields__}
        return cls(
            **{
                **rest,
                "state": RunState(data["state"]),
                "modules": tuple(data.get("modules", ())),
                "browsers": tuple(data.get("browsers", ())),
            }
        )
