"""What a job's view shows beyond its numbers: errors in full, addresses, files; and how to try it by hand."""

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
"""What the case did to its browser; the page's own viewer shows it."""
SHOWN_INLINE = frozenset({".txt", ".log", ".json"})
"""Browsers show these as text. Everything else is downloaded: a saved page must not run its scripts here."""


def has_detail(row: JobRow) -> bool:
    """Whether there is more to tell than the run's own file does; of most green jobs there is not."""
    return any(one.error or one.detail or one.warnings or one.page_url or one.artifacts for one in row.attempts)


def job_detail(row: JobRow, run: Run, now: float, artifacts: str, root: str) -> dict[str, Any]:
    """By number of the attempt; ``artifacts`` as ``links.artifacts_url``, ``root`` leads to the site's root."""
    return {str(one.number): _attempt(one, row.job, run, artifacts, root) for one in history(row, now)}


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
    """Shell lines around what a job adds.

    ``case`` tries a case alone: first part, ``case_word``, second part, browser. ``module`` runs a module as the run
    did: first part, browser, second part, ``module_word``.
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
    """A ``pytest -k`` expression for a case id, within what its little language can say.

    ``-k`` knows no quotes: words of ``\\w : + - . [ ] /`` only, and ``and``, ``or``, ``not`` are operators.
    An id is cut into such words (``::`` too: no single name pytest knows holds both sides of it). The last
    bracket goes: in pytest's own name of the test the browser stands before it.
    """
    words = re.findall(r"[\w+\-.\[\]/]+", case.removesuffix("]").replace("::", " "))
    return " and ".join(dict.fromkeys(word for word in words if word.lower() not in {"and", "or", "not"}))
