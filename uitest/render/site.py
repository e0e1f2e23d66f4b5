"""Writing the site: templates filled from view models, and only what changed."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.resources import files
from itertools import islice
from typing import Any, NamedTuple, Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined

from uitest.model import JobRow, Run
from uitest.outcome import count, fold
from uitest.render import words
from uitest.render.home import home_view
from uitest.render.job import job_page
from uitest.render.links import image_origin, run_folder, without_secret
from uitest.render.run import has_page, run_page

HTML = "text/html; charset=utf-8"
ASSETS = {
    "style.css": "text/css; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "logo.svg": "image/svg+xml",
}
_RUN_ROOT = "../../"
"""From a page of a run to the site's root."""
_WRITERS = 8
"""Pages written at once: ten thousand small objects on S3 are all waiting and no work."""
_BATCH = 64


class Target(Protocol):
    """The part of a ``uitest.places.Place`` that pages need."""

    def write(self, name: str, data: bytes, content_type: str | None = None) -> None:
        """Put ``data`` at ``name``. Raises PlaceError; called from several threads."""


class File(NamedTuple):
    """One file of the site."""

    name: str
    data: bytes
    content_type: str


class Site:
    """The status pages in one place. Not for use by several threads at once.

    It remembers which job pages it has written, so keep one ``Site`` for the length of a run; a new one
    writes every page again. Every method may raise PlaceError; what failed is written again next time.
    """

    def __init__(self, place: Target, artifacts_url: str) -> None:
        self._place = place
        self._artifacts = artifacts_url
        self._assets_written = False
        self._known: dict[str, dict[str, tuple[object, ...]]] = {}
        assets = {name: files("uitest.status_site").joinpath(name).read_bytes() for name in ASSETS}
        self._assets = [File(name, data, ASSETS[name]) for name, data in assets.items()]
        self._pages = _environment(
            version=hashlib.sha256(b"".join(assets.values())).hexdigest()[:10],
            image_origin=image_origin(artifacts_url),
        )

    def run(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Write the page of a run, its summary, and the page of every job that changed since last time."""
        self._write_assets()
        folder = run_folder(run.id)
        known = self._known.setdefault(run.id, {})
        changed = {}
        for row in rows:
            state = _state(row, run, now)
            if has_page(row) and known.get(row.job.key) != state:
                changed[row.job.key] = (row, state)
        # Job pages come first: the run's page must not link to what is not there yet.
        self._write_all(self._job_file(folder, row, run, now) for row, _ in changed.values())
        known.update({key: state for key, (_, state) in changed.items()})
        page = self._fill("run.html", page=run_page(run, rows, now), root=_RUN_ROOT)
        self._write_all([File(f"{folder}/index.html", page, HTML)])
        self._write_all([File(f"{folder}/summary.json", _summary(run, rows, now), "application/json")])

    def home(self, runs: Iterable[Run], now: float) -> None:
        """Write the page of all runs, from their headers alone."""
        self._write_assets()
        page = self._fill("home.html", page=home_view(runs, now), root="")
        self._write_all([File("index.html", page, HTML)])

    def _job_file(self, folder: str, row: JobRow, run: Run, now: float) -> File:
        page = job_page(row, run, now, self._artifacts, _RUN_ROOT)
        return File(f"{folder}/{row.job.key}.html", self._fill("job.html", page=page, root=_RUN_ROOT), HTML)

    def _fill(self, template: str, **values: Any) -> bytes:
        return words.legible(self._pages.get_template(template).render(**values))

    def _write_assets(self) -> None:
        if not self._assets_written:
            self._write_all(self._assets)
            self._assets_written = True

    def _write_all(self, pages: Iterable[File]) -> None:
        pages = iter(pages)
        with ThreadPoolExecutor(_WRITERS) as pool:
            # Batches, lest a slow place makes us hold every page of a big run in memory.
            while batch := [pool.submit(self._place.write, *file) for file in islice(pages, _BATCH)]:
                for done in batch:
                    done.result()


def _state(row: JobRow, run: Run, now: float) -> tuple[object, ...]:
    """What a job's page depends on: not the lease, which every heartbeat prolongs."""
    return row.job, row.attempt, row.owner, row.attempts, fold(row, run, now)


def _summary(run: Run, rows: Iterable[JobRow], now: float) -> bytes:
    """The header with counts folded from the rows; of the settings only what the home page shows."""
    shown = {name: run.settings[name] for name in ("branch", "commit") if name in run.settings}
    counts = count(fold(row, run, now) for row in rows)
    header = replace(run, url=without_secret(run.url), settings=shown, counts=counts)
    return json.dumps({**header.to_json(), "written_at": now}, indent=1, sort_keys=True).encode()


def _environment(**constants: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("uitest.status_site", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(span=words.span, iso=words.iso, utc=words.utc, label=words.label)
    environment.globals.update(constants, symbols=words.SYMBOLS, counted=words.counted)
    return environment
