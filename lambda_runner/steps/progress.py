"""Step ``progress``: writes the pages and the heartbeat of a run, and applies its stop conditions.

Pages that cannot be written are reported in the result and never stop the run.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from lambda_runner.steps.dispatch import text
from uitest.config import RunSettings
from uitest.jobs.backoff import LATEST_S, pause_s
from uitest.jobs.outcome import count, fold, is_open
from uitest.model import JobRow, Run, RunState
from uitest.reporting.publish import RENDER_COST_FACTOR, publish
from uitest.run.stop_conditions import failures, reason_to_stop
from uitest.storage.stores import Store, open_store

LOGGER = logging.getLogger(f"uitest.{__name__}")


def handle(event: Mapping[str, Any]) -> dict[str, Any]:
    """Returns ``over`` (the run has ended or is another drive's), ``wait_s`` to the next poll, and ``problem``."""
    run_id = text(event, "run")
    with closing(open_store(text(event, "store"))) as store:
        read_at = time.monotonic()
        run, rows, now = store.run(run_id), store.jobs(run_id), time.time()
        if run.finished_at is not None or run.settings.get("drive") != text(event, "drive"):
            return {"over": True, "wait_s": 0, "problem": None}
        _update_header(store, run, rows, now)
        problem = _publish(store, run_id)
        if store.run(run_id).finished_at is not None:
            problem = _publish(store, run_id)  # the run has ended meanwhile, so its last pages must be written again
        pause = max(pause_s(run.elapsed_s(now)), RENDER_COST_FACTOR * (time.monotonic() - read_at))
        return {"over": False, "wait_s": int(min(LATEST_S, pause)), "problem": problem}


def _update_header(store: Store, run: Run, rows: Sequence[JobRow], now: float) -> None:
    settings = RunSettings.from_json(run.settings)
    counts = count(fold(row, run, now) for row in rows)
    changes: dict[str, Any] = {"beat_at": now, "counts": counts}
    if run.state is RunState.RUNNING and any(is_open(row, run, settings.retries, now) for row in rows):
        # Earlier failures stay failed, as nobody attempts them again, so their number in the header is enough.
        new = len(failures(rows, run, settings.retries, now)) - int(run.settings.get("failed_before", 0))
        began = run.settings.get("driven_at", run.started_at)
        deadline = None if settings.timeout is None else began + settings.timeout
        note = reason_to_stop(settings, new, deadline, now)
        if note:
            changes |= {"state": RunState.INTERRUPTED, "note": note}
    store.update_run(run.id, **changes)


def _publish(store: Store, run_id: str) -> str | None:
    run = store.run(run_id)
    settings = RunSettings.from_json(run.settings)
    try:
        publish(store, run, settings, time.time())
    except Exception as exc:
        LOGGER.warning("the pages could not be written", exc_info=True)
        return f"the pages could not be written: {type(exc).__name__}: {exc}"
    return None
