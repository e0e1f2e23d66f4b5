"""Writing the site: pages filled from view models, and only what changed.

An update of one job writes a handful of files however big the run is: the job's detail, the run's page and JSON, its
summary, the home page and its JSON.
"""

import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import PurePosixPath
from typing import Any, NamedTuple, Protocol

from uitest.embedded_json import as_json
from uitest.jobs.outcome import history
from uitest.masking import masked
from uitest.model import JobRow, Run
from uitest.reporting.site.history import Past
from uitest.reporting.site.home import home_view, summary
from uitest.reporting.site.index import Index, Source, outcomes_name, summary_name
from uitest.reporting.site.job import has_detail, job_detail
from uitest.reporting.site.links import image_origin, run_folder
from uitest.reporting.site.page import TYPES, Pages, assets
from uitest.reporting.site.run import outcomes_view, revision, run_view
from uitest.reporting.site.verdict import ACTIVE

HTML = "text/html; charset=utf-8"
JSON = "application/json"
RUN_ROOT = "../../"
"""From a page of a run to the site's root."""
_WRITERS = 8
"""Files written at once: ten thousand small objects on S3 are all waiting and no work."""
_BATCH = 64


class Target(Source, Protocol):
    """The part of a ``uitest.storage.files.Place`` that pages need."""

    def write(self, name: str, data: bytes, content_type: str | None = None) -> None:
        """Put ``data`` at ``name``. Raises PlaceError; called from several threads."""


class File(NamedTuple):
    """One file of the site."""

    name: str
    data: bytes
    content_type: str


class Site:
    """The status pages in one place. Not for use by several threads at once.

    It remembers which details it has written and what earlier runs left to know, so keep one ``Site`` for the length of
    a run; a new one writes every detail again. Every method may raise PlaceError; what failed is written again next
    time.
    """

    def __init__(self, place: Target, artifacts_url: str, secrets: Sequence[str] = ()) -> None:
        """``secrets`` are hidden in what a run's header says; workers hide them in what they report."""
        self._secrets = secrets
        self._place = place
        self._artifacts = artifacts_url
        self._index = Index(place)
        self._pages = Pages(image_origin(artifacts_url))
        self._assets_written = False
        self._known: dict[str, dict[str, tuple[object, ...]]] = {}
        self._past: dict[str, Past] = {}

    def run(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Write the page of a run, its summary, and the detail of every job that changed since last time."""
        self._write_assets()
        run = self._masked(run)
        folder = run_folder(run.id)
        known = self._known.setdefault(run.id, {})
        changed = {row.job.key: row for row in rows if has_detail(row) and known.get(row.job.key) != _state(row, now)}
        # Details come first: the run's page must not ask for what is not there yet.
        self._write_all(self._detail(folder, row, run, now) for row in changed.values())
        known.update({key: _state(row, now) for key, row in changed.items()})
        view = run_view(run, rows, self.past(run), now)
        view["revision"] = revision(view)
        if run.state not in ACTIVE:
            outcomes = {"jobs": outcomes_view(view)}
            self._write_all([File(outcomes_name(run.id), _json(outcomes), JSON)])
        self._write_all(
            [
                File(f"{folder}/index.html", self._pages.linked("run", view, RUN_ROOT), HTML),
                File(f"{folder}/run.json", _json(view), JSON),
            ]
        )
        self._write_all([File(summary_name(run.id), _json(summary(run, view, view["revision"])), JSON)])

    def _masked(self, run: Run) -> Run:
        note, error = (masked(text, self._secrets) if text else None for text in (run.note, run.error))
        return replace(run, url=masked(run.url, self._secrets), note=note, error=error)

    def past(self, run: Run) -> Past:
        """What earlier runs of this site say about this one's jobs."""
        if run.id not in self._past:
            self._past[run.id] = self._index.past(run)
        return self._past[run.id]

    def home(self, now: float) -> None:
        """Write the page of all runs that have left a summary in this place."""
        self._write_assets()

        def write(summaries: list[dict[str, Any]]) -> None:
            view = home_view(summaries, now)
            self._write_all([File("index.html", self._pages.linked("home", view, ""), HTML)])
            self._write_all([File("home.json", _json(view), JSON)])

        self._index.settled(write)

    def single(
        self,
        run: Run,
        rows: Sequence[JobRow],
        now: float,
        embedded: dict[str, Any],
        traces: dict[str, Any] | None = None,
    ) -> bytes:
        """The page of a run as one file; ``embedded`` has the details of its jobs by key, ``traces`` theirs by name."""
        return self._pages.single(run_view(self._masked(run), rows, self.past(run), now), embedded, traces)

    def _detail(self, folder: str, row: JobRow, run: Run, now: float) -> File:
        found = job_detail(row, run, now, self._artifacts, RUN_ROOT)
        script = f"ui.detail({as_json(row.job.key)},{as_json(found)});\n"
        return File(f"{folder}/jobs/{row.job.key}.js", script.encode(), TYPES[".js"])

    def _write_assets(self) -> None:
        if not self._assets_written:
            found = assets().items()
            self._write_all(File(f"assets/{name}", data, TYPES[PurePosixPath(name).suffix]) for name, data in found)
            self._assets_written = True

    def _write_all(self, pages: Iterable[File]) -> None:
        pages = iter(pages)
        with ThreadPoolExecutor(_WRITERS) as pool:
            # Batches, lest a slow place makes us hold every page of a big run in memory.
            while batch := [pool.submit(self._place.write, *file) for file in islice(pages, _BATCH)]:
                for done in batch:
                    done.result()


def _state(row: JobRow, now: float) -> tuple[object, ...]:
    """What a job's detail depends on: not the lease, which every heartbeat prolongs."""
    return row.attempts, len(history(row, now))


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
