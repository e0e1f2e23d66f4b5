"""The view model of a run: one JSON document for its page, compact enough for ten thousand jobs.

All decisions (verdict, outcomes, new failures, groups of errors) are taken here; the page's scripts only sort, filter
and draw.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from uitest.jobs.outcome import count, fold, history, is_running
from uitest.model import Attempt, JobRow, Outcome, Run, TimeCategory, Verdict, digest, elapsed_s
from uitest.reporting.site.comparison import BAD, TITLES, Comparison, Group, failed_attempt
from uitest.reporting.site.forecast import time_left_s
from uitest.reporting.site.grouping import attempt_key, error_id
from uitest.reporting.site.history import LETTERS, Past, is_new
from uitest.reporting.site.job import case_word, commands, has_detail, module_word
from uitest.reporting.site.links import run_folder, safe_href
from uitest.reporting.site.met_before import MetIn
from uitest.reporting.site.quarantined import quarantined
from uitest.reporting.site.verdict import ACTIVE, STALE_AFTER_S, headline, last_beat, missing, stale_headline
from uitest.reporting.site.wording import ORDER, SYMBOLS, clean, label
from uitest.reporting.usage.cost import estimate

_VOLATILE = ("now", "beat", "left_s", "duration_s")
"""Fields that change with time alone."""


def duration_s(run: Run, now: float) -> float:
    """Seconds from start to finish; to now for a live run, to the last heartbeat for a dead one."""
    end = run.finished_at
    if end is None:
        end = min(now, last_beat(run) + STALE_AFTER_S) if run.state in ACTIVE else last_beat(run)
    return elapsed_s(run.started_at, end)


def outcome_legend() -> list[list[str]]:
    """Outcome, letter, symbol and label of each outcome, worst first."""
    return [[outcome.value, LETTERS[outcome], SYMBOLS[outcome], label(outcome)] for outcome in ORDER]


def fact(run: Run, name: str) -> str:
    """``commit`` or ``branch`` from the run's settings, or an empty text."""
    value = run.settings.get(name)
    return clean(str(value)) if value else ""


def header_view(run: Run, counts: dict[str, int], now: float) -> dict[str, Any]:
    """The header of a run, for the home page and the run's page."""
    url = clean(run.url)
    return {
        "id": clean(run.id),
        "folder": run_folder(run.id),
        "headline": headline(run, counts, now).to_json(),
        "stale": stale_headline(run, counts).to_json() if run.state in ACTIVE else None,
        "state": run.state.value,
        "active": run.state in ACTIVE,
        "beat": last_beat(run),
        "started": run.started_at,
        "finished": run.finished_at,
        "duration_s": round(duration_s(run, now), 2),
        "planned": run.planned,
        "missing": missing(run, counts),
        "counts": counts,
        "url": url,
        "link": safe_href(url),
        "branch": fact(run, "branch"),
        "commit": fact(run, "commit"),
        "browsers": list(run.browsers),
    }


def run_view(
    run: Run,
    rows: Sequence[JobRow],
    past: Past,
    now: float,
    comparison: Comparison | None = None,
    met: Mapping[str, MetIn] | None = None,
) -> dict[str, Any]:
    """The run's page. Jobs are in plan order; ``m``, ``b``, ``e`` and owners are indexes into the lists beside them.

    ``met`` has the earlier run to name for each error that is not new, by its key.
    """
    comparison = comparison or Comparison()
    quarantine = quarantined(rows, run, past, now)
    outcomes = [fold(row, run, now) for row in rows]
    counts = count(outcomes)
    cost = estimate(run, rows)
    modules, browsers, owners, versions, errors = Places(), Places(run.browsers), Places(), Places(), Places()
    tags = run.settings.get("tags") or {}
    lasting = past if comparison.base.run is None else comparison.base.past
    jobs = []
    for row, outcome in zip(rows, outcomes, strict=True):
        job = row.job
        past_strip = past.strip(job.key)
        entry: dict[str, Any] = {
            "k": job.key,
            "m": modules.of(job.module),
            "c": clean(job.case),
            "b": browsers.of(job.browser),
            "o": outcome.value,
        }
        attempts = history(row, now)
        if attempts:
            entry["a"] = [_attempt(attempt, run, owners, versions) for attempt in attempts]
        if is_running(row, now):
            entry["r"] = [row.attempt, _offset(row.claimed_at or now, run), owners.of(row.owner or "")]
        if past_strip.strip():
            entry["h"], entry["u"] = past_strip, past.usual_s(job.key)
        failed = failed_attempt(row, now)
        if failed and failed.error:
            entry["e"], entry["x"] = errors.of(clean(attempt_key(failed))), _first_line(clean(failed.error))
            if failed.failed_at:
                entry["f"] = clean(failed.failed_at)
        compared = comparison.jobs.get(job.key)
        if compared:
            fields = {"g": compared.group.value, "w": compared.note, "s": compared.strip.strip() and compared.strip}
            entry |= {name: value for name, value in fields.items() if value}
        is_known = compared.group is Group.RED_ON_BASE if compared else not is_new(past_strip)
        if outcome in BAD and not is_known:
            entry["n"] = 1
        if job.key in quarantine:
            note, link = quarantine[job.key].note, clean(quarantine[job.key].rule.link)
            entry["q"] = [note, safe_href(link)] if note.endswith(link) else [note]
        record = lasting.record(job.key)
        if record is not None:
            entry["z"] = record
        if has_detail(row):
            entry["d"] = 1
        jobs.append(entry)
    return {
        **header_view(run, counts, now),
        "now": now,
        "stale_after_s": STALE_AFTER_S,
        "left_s": time_left_s(run, rows, past.usual_s, now) if run.state in ACTIVE else None,
        "cost_usd": round(cost.usd, 6) if cost else None,
        "executor": str(run.settings.get("executor") or "local"),
        "workers": workers_at_once(rows, now),
        "legend": outcome_legend(),
        "modules": [
            {"name": clean(name), "word": module_word(name), "tags": [clean(str(tag)) for tag in tags.get(name, ())]}
            for name in modules
        ],
        "browsers": list(browsers),
        "owners": [clean(owner) for owner in owners],
        "versions": [clean(version) for version in versions],
        "errors": list(errors),
        "error_ids": [error_id(key) for key in errors],
        **same_as_view(errors, met or {}),
        "base": base_view(comparison),
        "compared": comparison.sentence(),
        "past": [{"id": clean(earlier.id), "folder": run_folder(earlier.id)} for earlier in past.runs],
        "commands": commands(run),
        "words": {job["c"]: word for job in jobs if (word := case_word(job["c"])) != job["c"]},
        "jobs": jobs,
    }


def same_as_view(errors: Sequence[str], met: Mapping[str, MetIn]) -> dict[str, Any]:
    """The earlier runs that met errors of this one, each once, and for each error the index of its run or None."""
    runs = list(dict.fromkeys(met[key] for key in errors if key in met))
    places = {run: place for place, run in enumerate(runs)}
    return {
        "same_runs": [run.view() for run in runs],
        "same_as": [places[met[key]] if key in met else None for key in errors],
    }


def base_view(comparison: Comparison) -> dict[str, Any] | None:
    """The run that a run is compared with, and the groups of its jobs; None without one."""
    run = comparison.base.run
    if run is None:
        return None
    return {
        "id": clean(run.id),
        "folder": None if comparison.base.is_elsewhere else run_folder(run.id),
        "branch": fact(run, "branch"),
        "commit": fact(run, "commit"),
        "started": run.started_at,
        "groups": [[group.value, TITLES[group], number] for group, number in comparison.counts.items()],
    }


def workers_at_once(rows: Sequence[JobRow], now: float) -> int:
    """The largest number of workers that were at work at the same time; one that replaces another is not one more."""
    spans: dict[str, tuple[float, float]] = {}

    def note(owner: str, begin: float, end: float) -> None:
        first, last = spans.get(owner, (begin, end))
        spans[owner] = min(first, begin), max(last, end)

    for row in rows:
        for attempt in row.attempts:
            if attempt.verdict is not Verdict.LOST:
                note(attempt.owner, attempt.started_at, attempt.started_at + attempt.duration_s)
        if row.owner and is_running(row, now):
            note(row.owner, row.claimed_at or now, now)
    # At one moment a worker ends before another begins.
    changes = sorted([(begin, 1) for begin, _ in spans.values()] + [(end, -1) for _, end in spans.values()])
    return max(accumulate(change for _, change in changes), default=0)


class Places(list[str]):
    """Distinct texts in the order of their first use."""

    def __init__(self, texts: Sequence[str] = ()) -> None:
        super().__init__(texts)
        self._places = {text: place for place, text in enumerate(texts)}

    def of(self, text: str) -> int:
        """The index of ``text``, which is appended if it is new."""
        if text not in self._places:
            self._places[text] = len(self)
            self.append(text)
        return self._places[text]


def _attempt(attempt: Attempt, run: Run, owners: Places, versions: Places) -> list[Any]:
    """Number, verdict, seconds since the run's start, duration, owner, layer, version, browser and test seconds."""
    browser_s = attempt.spent.get(TimeCategory.BROWSER, 0.0) + attempt.spent.get(TimeCategory.CONTEXT, 0.0)
    return [
        attempt.number,
        attempt.verdict.value,
        _offset(attempt.started_at, run),
        round(attempt.duration_s, 2),
        owners.of(attempt.owner),
        attempt.layer,
        versions.of(attempt.browser_version or ""),
        round(browser_s, 2),
        round(sum(attempt.spent.values()) - browser_s, 2),
    ]


def _offset(moment: float, run: Run) -> float:
    return round(elapsed_s(run.started_at, moment), 2)


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[0][:400]


def revision(view: dict[str, Any]) -> str:
    """A hash that changes with the view, except for fields that change with time alone."""
    lasting = {name: value for name, value in view.items() if name not in _VOLATILE}
    return hashlib.sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest()[:16]


def outcomes_view(view: dict[str, Any]) -> dict[str, list[Any]]:
    """The outcomes file for later runs: letter, seconds and, of a failure, error key by the digest of the job's key."""
    outcomes = {}
    for job in view["jobs"]:
        duration = job["a"][-1][3] if job["o"] in (Outcome.PASSED, Outcome.FLAKY) else None
        error = [view["errors"][job["e"]]] if "e" in job else []
        outcomes[digest(job["k"])] = [LETTERS[job["o"]], duration, *error]
    return outcomes
