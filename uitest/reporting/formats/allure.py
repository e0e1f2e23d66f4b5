"""Converts a run into Allure results: JSON files and attachments as Allure's own adapters write them.

Every attempt is a result; those of one job share their ``historyId``, so that Allure shows them as retries. A job
without a report is *broken* or *unknown* and never left out, because a missing job must not look green.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from uitest.jobs.outcome import fold, history, quarantine_of
from uitest.masking import masked
from uitest.model import Attempt, JobRow, Outcome, Run, Verdict, digest

STATUS = {
    Verdict.PASSED: "passed",
    Verdict.FAILED: "failed",
    Verdict.SKIPPED: "skipped",
    Verdict.ERROR: "broken",
    Verdict.LOST: "broken",
    Verdict.CANCELLED: "unknown",
}
TYPES = {".png": "image/png", ".txt": "text/plain", ".log": "text/plain", ".json": "application/json"}


def allure_files(
    run: Run, rows: Iterable[JobRow], now: float, artifact: Callable[[str, int, str], bytes | None]
) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each file.

    ``artifact`` reads an artifact by job key, attempt number and name, and returns None if it does not exist.
    """
    facts = {
        "run": run.id,
        "url": masked(run.url),
        "branch": run.settings.get("branch"),
        "commit": run.settings.get("commit"),
    }
    lines = [f"{name}={' '.join(str(value).split())}" for name, value in facts.items() if value]
    yield "environment.properties", ("\n".join(lines) + "\n").encode("utf-8", "replace")
    for row in rows:
        attempts = history(row, now)
        outcome = fold(row, run, now)
        excuse = quarantine_of(row, run, now) if outcome is Outcome.QUARANTINED else None
        for attempt in attempts:
            result = _result(run, row, attempt.number, STATUS[attempt.verdict])
            result.update(_details(attempt, flaky=outcome is Outcome.FLAKY))
            if excuse is not None and attempt.verdict is not Verdict.PASSED:
                result["status"] = "skipped"
                message = f"quarantined {masked(excuse.terms)}\n{result['statusDetails']['message']}"
                result["statusDetails"] |= {"message": message, "known": True, "muted": True}
            for name in attempt.artifacts:
                content = artifact(row.job.key, attempt.number, name)
                if content is not None:
                    suffix = PurePosixPath(name).suffix.lower()
                    source = (
                        f"{uuid5(NAMESPACE_URL, result['uuid'] + name)}-attachment{suffix if suffix in TYPES else ''}"
                    )
                    result["attachments"].append(
                        {"name": name, "source": source, "type": TYPES.get(suffix, "application/octet-stream")}
                    )
                    yield source, content
            yield _file(result)
        if not attempts:
            yield _file(_result(run, row, 1, "unknown"))


def _result(run: Run, row: JobRow, number: int, status: str) -> dict[str, Any]:
    job = row.job
    labels = {"parentSuite": job.module, "suite": job.browser, "framework": "uitest", "language": "python"}
    return {
        "uuid": str(uuid5(NAMESPACE_URL, json.dumps([run.id, job.key, number]))),
        "historyId": digest(job.key),
        "testCaseId": digest(job.key),
        "fullName": f"{job.module}.{job.case}[{job.browser}]",
        "name": job.case,
        "status": status,
        "stage": "finished",
        "start": round(run.started_at * 1000),
        "stop": round(run.started_at * 1000),
        "labels": [{"name": name, "value": value} for name, value in labels.items()],
        "parameters": [{"name": "browser", "value": job.browser}],
        "attachments": [],
    }


def _details(attempt: Attempt, *, flaky: bool) -> dict[str, Any]:
    start = round(attempt.started_at * 1000)
    details = {"message": masked(attempt.error or ""), "trace": masked(attempt.detail or ""), "flaky": flaky}
    return {"start": start, "stop": start + round(attempt.duration_s * 1000), "statusDetails": details}


def _file(result: dict[str, Any]) -> tuple[str, bytes]:
    return f"{result['uuid']}-result.json", json.dumps(result).encode()
