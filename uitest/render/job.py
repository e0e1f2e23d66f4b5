"""The view model of one job's page: its attempts, newest first, and how to try it by hand."""

import re
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath

from uitest.model import Attempt, Job, JobRow, Outcome, Run
from uitest.outcome import fold, history, is_running
from uitest.render.links import artifact_href, without_secret
from uitest.render.verdict import is_live

IMAGES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})
SHOWN_INLINE = frozenset({".txt", ".log", ".json"})
"""Browsers show these as text. Everything else is downloaded: a saved page must not run its scripts here."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file an attempt left."""

    name: str
    href: str
    image: bool
    download: bool


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt."""

    number: int
    verdict: str
    layer: int
    started_at: float | None
    duration: float | None = None
    worker: str = ""
    browser_version: str = ""
    page_url: str = ""
    error: str = ""
    detail: str = ""
    warnings: tuple[str, ...] = ()
    images: tuple[Artifact, ...] = ()
    files: tuple[Artifact, ...] = ()


@dataclass(frozen=True, slots=True)
class JobPage:
    """Everything a job's page shows."""

    run_id: str
    module: str
    case: str
    browser: str
    outcome: Outcome
    now: float
    live: bool
    tries: tuple[Try, ...]
    commands: tuple[tuple[str, str], ...]
    """What each does, and the line for a shell."""


def job_page(row: JobRow, run: Run, now: float, artifacts: str, root: str) -> JobPage:
    """The page of one job; ``artifacts`` as ``links.artifacts_url``, ``root`` leads to the site's root."""
    job = row.job
    tries = [_try(attempt, job, run, artifacts, root) for attempt in history(row, now)]
    if is_running(row, now):
        tries.append(
            Try(
                number=row.attempt,
                verdict="running",
                layer=run.layer,
                started_at=row.claimed_at,
                worker=row.owner or "",
            )
        )
    return JobPage(
        run_id=run.id,
        module=job.module,
        case=job.case,
        browser=job.browser,
        outcome=fold(row, run, now),
        now=now,
        live=is_running(row, now) and is_live(run, now),
        tries=tuple(reversed(tries)),
        commands=(
            ("This case alone", pytest_command(run, job)),
            ("The whole module, as the run did", uitest_command(run, job)),
        ),
    )


def _try(attempt: Attempt, job: Job, run: Run, artifacts: str, root: str) -> Try:
    files = [
        Artifact(
            name=name,
            href=artifact_href(artifacts, root, run.id, job.key, attempt.number, name),
            image=(kind := PurePosixPath(name).suffix.lower()) in IMAGES,
            download=kind not in IMAGES | SHOWN_INLINE,
        )
        for name in attempt.artifacts
    ]
    return Try(
        number=attempt.number,
        verdict=attempt.verdict.value,
        layer=attempt.layer,
        started_at=attempt.started_at or None,
        duration=attempt.duration_s if attempt.verdict != "lost" else None,
        worker=attempt.owner,
        browser_version=attempt.browser_version or "",
        page_url=without_secret(attempt.page_url or ""),
        error=attempt.error or "",
        detail=attempt.detail or "",
        warnings=attempt.warnings,
        images=tuple(file for file in files if file.image),
        files=tuple(file for file in files if not file.image),
    )


def pytest_command(run: Run, job: Job) -> str:
    """The shell line that tries this case alone."""
    cases = str(run.settings.get("cases") or "cases")
    expression = keyword(job.case)
    chosen = ["-k", expression] if expression else []
    url = without_secret(run.url)
    return shlex.join(["pytest", cases, *chosen, "--base-url", url, "--browser", job.browser])


def uitest_command(run: Run, job: Job) -> str:
    """The shell line that runs the job's module again."""
    options = ["--url", without_secret(run.url), "--browser", job.browser]
    if job.module.startswith("-"):
        return shlex.join(["uitest", "run", *options, "--", job.module])
    return shlex.join(["uitest", "run", job.module, *options])


def keyword(case: str) -> str:
    """A ``pytest -k`` expression for a case id, within what its little language can say.

    ``-k`` knows no quotes: words of ``\\w : + - . [ ] /`` only, and ``and``, ``or``, ``not`` are operators.
    An id is cut into such words (``::`` too: no single name pytest knows holds both sides of it). The last
    bracket goes: in pytest's own name of the test the browser stands before it.
    """
    words = re.findall(r"[\w+\-.\[\]/]+", case.removesuffix("]").replace("::", " "))
    return " and ".join(dict.fromkeys(word for word in words if word.lower() not in {"and", "or", "not"}))
