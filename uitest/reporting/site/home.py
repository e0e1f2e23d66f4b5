"""The view model of the home page: every run in a line, newest first.

It is made from the summaries that coordinators leave in the site, one file each, so that several of them, with stores
of their own, can write into one place: nobody reads a common file, changes it and writes it back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from uitest.model import Run
from uitest.reporting.site.run import header_view, outcome_legend
from uitest.reporting.site.verdict import STALE_AFTER_S
from uitest.reporting.site.wording import clean

SHOWN_SETTINGS = ("branch", "commit", "fail_on_flaky")
"""What a summary keeps of a run's settings; the rest is nobody's business."""


def summary(run: Run, view: Mapping[str, Any], revision: str) -> dict[str, Any]:
    """What the home page needs of a run, and what its own page asks for while it goes on."""
    kept = {name: run.settings[name] for name in SHOWN_SETTINGS if run.settings.get(name)}
    note, error = (clean(text) if text else None for text in (run.note, run.error))
    header = replace(run, url=clean(run.url), note=note, error=error, settings=kept, counts=view["counts"], load={})
    return {
        "now": view["now"],
        "beat": view["beat"],
        "revision": revision,
        "run": header.to_json(),
        "cost_usd": view["cost_usd"],
    }


def home_view(summaries: Iterable[Mapping[str, Any]], now: float) -> dict[str, Any]:
    """The home page for these summaries, in whatever order they come."""
    known = [(Run.from_json(one["run"]), one.get("cost_usd")) for one in summaries]
    known.sort(key=lambda pair: (pair[0].started_at, pair[0].id), reverse=True)
    return {
        "now": now,
        "stale_after_s": STALE_AFTER_S,
        "legend": outcome_legend(),
        "runs": [{**header_view(run, dict(run.counts), now), "cost_usd": cost} for run, cost in known],
    }
