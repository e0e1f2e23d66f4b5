"""Writes the files of the site, and only those that changed.

An update of one job writes a handful of files, independent of the size of the run: the job's detail, the run's page and
JSON, its summary, the home page and its JSON.
"""

import json
import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import PurePosixPath
from typing import Any, NamedTuple, Protocol

from uitest import log
from uitest.embedded_json import as_json
from uitest.errors import PlaceError
from uitest.jobs.outcome import history
from uitest.masking import masked
from uitest.model import JobRow, Run
from uitest.reporting.site import findings
from uitest.reporting.site.comparison import Base, Comparison, compare
from uitest.reporting.site.history import Past
from uitest.reporting.site.home import home_view, summary
from uitest.reporting.site.index import Index, Source, findings_name, outcomes_name, summary_name
from uitest.reporting.site.job import has_detail, job_detail
from uitest.reporting.site.links import image_origin, run_folder
from uitest.reporting.site.met_before import MetIn, met_before
from uitest.reporting.site.page import TYPES, Pages, assets
from uitest.reporting.site.quarantined import Quarantined, quarantined
from uitest.reporting.site.run import outcomes_view, revision, run_view
from uitest.reporting.site.verdict import ACTIVE

LOGGER = logging.getLogger(__name__)

HTML = "text/html; charset=utf-8"
JSON = "application/json"
RUN_ROOT = "../../"
"""Relative address of the site's root from a run's page."""
_WRITERS = 8
"""Files written at once, because small objects on S3 are mostly waiting time."""
_BATCH = 64


class Target(Source, Protocol):
    """The methods of a ``uitest.storage.files.Place`` that pages need."""

    def write(self, name: str, data: bytes, content_type: str | None = None) -> None:
        """Write ``data`` to ``name``. Raises PlaceError; called from several threads."""


class File(NamedTuple):
    """One file of the site."""

    name: str
    data: bytes
    content_type: str


class Site:
    """The status pages in one place. Not thread-safe.

    It caches which details it has written and the outcomes of earlier runs, so keep one ``Site`` during a run; a new
    one writes every detail again. Every method may raise PlaceError; files that failed are written by the next call.
    """

    def __init__(
        self, place: Target, artifacts_url: str, secrets: Sequence[str] = (), base: Source | None = None
    ) -> None:
        """``secrets`` are masked in a run's header; workers mask their own reports.

        ``base`` is the site with the runs of the branch that a change is for; None if they are in this one.
        """
        self._secrets = secrets
        self._place = place
        self._artifacts = artifacts_url
        self._index = Index(place)
        self._base_index = Index(base) if base is not None else None
        self._pages = Pages(image_origin(artifacts_url))
        self._assets_written = False
        self._known: dict[str, dict[str, tuple[object, ...]]] = {}
        self._past: dict[str, Past] = {}
        self._bases: dict[tuple[str, str | None], Base] = {}
        self._met: dict[str, dict[str, MetIn]] = {}

    def run(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Write the page of a run, its summary, and the detail of every job that changed since last time."""
        self._write_assets()
        run = self._masked(run)
        folder = run_folder(run.id)
        known = self._known.setdefault(run.id, {})
        changed = {row.job.key: row for row in rows if has_detail(row) and known.get(row.job.key) != _state(row, now)}
        # Details come first, so that the run's page does not load files that do not exist yet.
        self._write_all(self._detail(folder, row, run, now) for row in changed.values())
        known.update({key: _state(row, now) for key, row in changed.items()})
        view = self._view(run, rows, now)
        view["revision"] = revision(view)
        if run.state not in ACTIVE:
            self._write_all(
                [
                    File(outcomes_name(run.id), _json({"jobs": outcomes_view(view)}), JSON),
                    File(findings_name(run.id), _json(findings.of_run(view)), JSON),
                ]
            )
        data = as_json(view).encode()
        page = self._pages.linked("run", view, data, RUN_ROOT)
        self._write_all([File(f"{folder}/index.html", page, HTML), File(f"{folder}/run.json", data, JSON)])
        self._write_all([File(summary_name(run.id), _json(summary(run, view, view["revision"])), JSON)])

    def _masked(self, run: Run) -> Run:
        note, error = (masked(text, self._secrets) if text else None for text in (run.note, run.error))
        return replace(run, url=masked(run.url, self._secrets), note=note, error=error)

    def past(self, run: Run) -> Past:
        """The outcomes of earlier runs in this site."""
        if run.id not in self._past:
            self._past[run.id] = self._index.past(run)
        return self._past[run.id]

    def comparison(self, run: Run, rows: Sequence[JobRow], now: float) -> Comparison:
        """The run compared with the newest run of the branch ``against`` in its settings.

        A site that cannot be read is a problem of the comparison, not an error.
        """
        return compare(rows, run, self._base(run), now)

    def quarantined(self, run: Run, rows: Sequence[JobRow], now: float) -> dict[str, Quarantined]:
        """What the quarantine says of the run's jobs, by key; without earlier runs where they cannot be read."""
        past = Past()
        if run.quarantine:
            with log.suppress(LOGGER, "earlier runs cannot be read, so their passes are not counted", PlaceError):
                past = self.past(run)
        return quarantined(rows, run, past, now)

    def _base(self, run: Run) -> Base:
        branch = run.settings.get("against")
        if (run.id, branch) not in self._bases:
            self._bases[run.id, branch] = self._read_base(run, branch)
        return self._bases[run.id, branch]

    def _read_base(self, run: Run, branch: str | None) -> Base:
        try:
            base = (self._base_index or self._index).base(run, branch)
        except PlaceError as exc:
            LOGGER.warning("the runs of %s cannot be read: %s", branch, exc, exc_info=True)
            return Base(branch, problem=str(exc))
        return replace(base, is_elsewhere=self._base_index is not None)

    def _view(self, run: Run, rows: Sequence[JobRow], now: float) -> dict[str, Any]:
        if run.id not in self._met:
            self._met[run.id] = met_before(self._base(run), self._index.findings_before(run))
        return run_view(run, rows, self.past(run), now, self.comparison(run, rows, now), self._met[run.id])

    def home(self, now: float) -> None:
        """Write the home page from all summaries in this place."""
        self._write_assets()

        def write(summaries: list[dict[str, Any]]) -> None:
            view = home_view(summaries, now, self._index.findings, self._index.outcomes)
            data = as_json(view).encode()
            self._write_all([File("index.html", self._pages.linked("home", view, data, ""), HTML)])
            self._write_all([File("home.json", data, JSON)])

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
        return self._pages.single(self._view(self._masked(run), rows, now), embedded, traces)

    def _detail(self, folder: str, row: JobRow, run: Run, now: float) -> File:
        detail = job_detail(row, run, now, self._artifacts, RUN_ROOT)
        script = f"ui.detail({as_json(row.job.key)},{as_json(detail)});\n"
        return File(f"{folder}/jobs/{row.job.key}.js", script.encode(), TYPES[".js"])

    def _write_assets(self) -> None:
        if not self._assets_written:
            files = assets().items()
            self._write_all(File(f"assets/{name}", data, TYPES[PurePosixPath(name).suffix]) for name, data in files)
            self._assets_written = True

    def _write_all(self, pages: Iterable[File]) -> None:
        pages = iter(pages)
        with ThreadPoolExecutor(_WRITERS) as pool:
            # In batches, so that not all pages of a big run are in memory while a slow place writes.
            while batch := [pool.submit(self._place.write, *file) for file in islice(pages, _BATCH)]:
                for done in batch:
                    done.result()


def _state(row: JobRow, now: float) -> tuple[object, ...]:
    """The parts of a row that a job's detail depends on, so not the lease, which every heartbeat extends."""
    return row.attempts, len(history(row, now))


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
