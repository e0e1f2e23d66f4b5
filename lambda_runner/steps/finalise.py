"""Step ``finalise``: ends a run as a coordinator would.

Lambda or a redrive may repeat it: pages and JUnit file are then written again, but a message is sent and metrics are
logged only once per drive. A run whose jobs have all ended is finished, even if its map failed; one with jobs left is
interrupted.
"""

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from lambda_runner.steps.dispatch import mapping, reason, text
from uitest.config import RunSettings
from uitest.jobs.outcome import count, fold, is_open
from uitest.model import JobRow, Run, RunState
from uitest.reporting.metrics import MetricsReporter
from uitest.reporting.notify import TopicReporter, words
from uitest.reporting.publish import JunitReporter, SiteReporter
from uitest.run.finalize import Result, end, exit_code_of
from uitest.run.reporters import Reporter, Reporters
from uitest.short_text import safe_name
from uitest.storage.files import open_place
from uitest.storage.stores import Store, open_store

JOBS_LEFT = "the state machine ended with work left"
TAKEN_OVER = "another execution has taken the run over; nothing was written"


def handle(event: Mapping[str, Any]) -> dict[str, Any]:
    """Returns ``run``, ``state``, ``exit_code``, ``unfinished`` (jobs are left), ``summary`` and ``problems``."""
    run_id, error = text(event, "run"), reason(mapping(event, "error"))
    with closing(open_store(text(event, "store"))) as store:
        run, rows, now = store.run(run_id), store.jobs(run_id), time.time()
        settings = RunSettings.from_json(run.settings)
        if run.settings.get("drive") != text(event, "drive"):
            return _answer(run, rows, now, problems=[TAKEN_OVER])
        is_left = any(is_open(row, run, settings.retries, now) for row in rows)
        state, note = _state(run, error, is_left=is_left)
        artifacts = open_place(settings.artifacts)
        site = SiteReporter(open_place(settings.site), artifacts.spec, settings.secrets(os.environ), settings.base_site)
        reporters = Reporters([site, JunitReporter(artifacts, f"{safe_name(run_id)}/junit.xml")])
        began = float(run.settings.get("driven_at", 0))
        result = end(store, run, state, note, reporters, time.time, lambda row: _is_new(row, began))
        problems = [*result.problems, *_notify(store, result, settings, site)]
        _save_problems(store, result.run, problems)
        return _answer(result.run, result.rows, now, problems, unfinished=is_left)


def _answer(
    run: Run, rows: Sequence[JobRow], now: float, problems: list[str], *, unfinished: bool = False
) -> dict[str, Any]:
    summary = words(count(fold(row, run, now) for row in rows))
    return {
        "run": run.id,
        "state": run.state.value,
        "exit_code": exit_code_of(run, rows, now),
        "unfinished": unfinished,
        "summary": f"{summary} - {run.remark}" if run.remark else summary,
        "problems": problems,
    }


def _state(run: Run, error: str | None, *, is_left: bool) -> tuple[RunState, str | None]:
    if run.state is not RunState.RUNNING:
        return run.state, run.note
    return (RunState.INTERRUPTED, error or JOBS_LEFT) if is_left else (RunState.FINISHED, None)


def _is_new(row: JobRow, began: float) -> bool:
    return any(attempt.started_at >= began for attempt in row.attempts)


def _notify(store: Store, result: Result, settings: RunSettings, site: SiteReporter) -> list[str]:
    """Send the message and log the metrics, unless this drive has done so; returns problems."""
    if result.run.settings.get("told"):
        return []
    wanted: list[Reporter] = []
    if settings.topic:
        wanted.append(TopicReporter(settings.topic, settings.site_url or settings.site, store, site))
    if settings.metrics:
        wanted.append(MetricsReporter(settings.metrics, print))
    reporters = Reporters(wanted)
    reporters.finish(result.run, result.rows, time.time())
    return reporters.problems


def _save_problems(store: Store, run: Run, problems: list[str]) -> None:
    """Save the problems in the header, for ``ExecutionWatcher``."""
    store.update_run(run.id, settings={**run.settings, "told": True, "problems": problems})
