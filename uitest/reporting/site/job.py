"""The detail of a job's view: full errors, addresses, files, and the commands that run the case by hand."""

import re
import shlex
from pathlib import PurePosixPath
from typing import Any

from uitest.jobs.outcome import history
from uitest.model import Attempt, Job, JobRow, Run
from uitest.reporting.site.links import artifact_href
from uitest.reporting.site.wording import clean

IMAGES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})
TRACE = "trace.js"
"""Name of a trace, which the page shows in its own viewer."""
SHOWN_INLINE = frozenset({".txt", ".log", ".json"})
"""Suffixes shown as text. Other files are downloaded, because a saved page must not run its scripts here."""


def has_detail(row: JobRow) -> bool:
    """Whether a job has any detail; most green jobs have none."""
    return any(
        attempt.error or attempt.detail or attempt.warnings or attempt.page_url or attempt.artifacts
        for attempt in row.attempts
    )


def job_detail(row: JobRow, run: Run, now: float, artifacts: str, root: str) -> dict[str, Any]:
    """Details by number of the attempt.

    ``artifacts`` is the result of ``links.artifacts_url``, ``root`` the relative address of the site's root.
    """
    return {str(attempt.number): _attempt(attempt, row.job, run, artifacts, root) for attempt in history(row, now)}


def _attempt(attempt: Attempt, job: Job, run: Run, artifacts: str, root: str) -> dict[str, Any]:
    return {
        "error": clean(attempt.error or ""),
        "detail": clean(attempt.detail or ""),
        "url": clean(attempt.page_url or ""),
        "warnings": [clean(warning) for warning in attempt.warnings],
        "files": [
            {
                "name": name,
                "href": artifact_href(artifacts, root, run.id, job.key, attempt.number, name),
                "kind": file_kind(name),
            }
            for name in attempt.artifacts
        ],
    }


def file_kind(name: str) -> str:
    """``image``, ``text``, ``trace`` or ``other``."""
    if name == TRACE:
        return "trace"
    suffix = PurePosixPath(name).suffix.lower()
    return "image" if suffix in IMAGES else "text" if suffix in SHOWN_INLINE else "other"


def commands(run: Run) -> dict[str, list[str]]:
    """The constant parts of the shell commands that a job's view shows.

    ``case`` runs one case: first part, ``case_word``, second part, browser. ``module`` runs a module as in the run:
    first part, browser, second part, ``module_word``.
    """
    cases, url = shlex.quote(str(run.settings.get("cases") or "cases")), shlex.quote(clean(run.url))
    return {
        "case": [f"pytest {cases} -k ", f" --base-url {url} --browser "],
        "module": [f"uitest run --url {url} --browser ", " "],
    }


def case_word(case: str) -> str:
    """A case in a shell line, after ``-k``."""
    return shlex.quote(keyword(case))


def module_word(module: str) -> str:
    """A module at the end of a shell line."""
    return ("-- " if module.startswith("-") else "") + shlex.quote(module)


def keyword(case: str) -> str:
    """A ``pytest -k`` expression that selects a case id.

    ``-k`` has no quotes: its words consist of ``\\w : + - . [ ] /``, and ``and``, ``or``, ``not`` are operators. An id
    is split into such words, also at ``::``, whose two sides are different names to pytest. The last bracket is
    removed, because in pytest's name of the test the browser stands before it.
    """
    words = re.findall(r"[\w+\-.\[\]/]+", case.removesuffix("]").replace("::", " "))
    return " and ".join(dict.fromkeys(word for word in words if word.lower() not in {"and", "or", "not"}))
