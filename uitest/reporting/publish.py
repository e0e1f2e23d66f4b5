"""Reporters that write files: the status site during a run, the JUnit file at its end.

The renderers are imported late, when workers have been started already and need not wait for the import.
"""

import logging
import os
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from uitest.config import RunSettings
from uitest.jobs.outcome import fold
from uitest.model import JobRow, Run
from uitest.storage.files import FolderPlace, Place, open_place
from uitest.storage.stores import Store

if TYPE_CHECKING:
    from uitest.reporting.site import Site
    from uitest.reporting.site.comparison import Comparison
    from uitest.reporting.site.sections import Section

LOGGER = logging.getLogger(__name__)

RENDER_INTERVAL_S = 2.0
"""Minimum pause between two renderings of the site during a run."""

RENDER_COST_FACTOR = 10
"""The pause after a rendering is at least its duration times this, so that pages do not slow down the run."""


class SiteReporter:
    """Renders the home page and the run's page into a place, repeatedly during the run.

    During the run a thread does it, as a run that has many jobs, or a place that is slow, would else keep the
    coordinator from its work.
    """

    def __init__(self, place: Place, artifacts: str, secrets: Sequence[str] = (), base_site: str | None = None) -> None:
        """``base_site`` has the runs to compare with, if they are in another site."""
        self._place, self._artifacts, self._secrets, self._base_site = place, artifacts, secrets, base_site
        self._next = 0.0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="uitest-pages")
        self._rendering: Future[None] | None = None

    @cached_property
    def _site(self) -> "Site":
        from uitest.reporting.site import Site, artifacts_url

        base = open_place(self._base_site) if self._base_site else None
        return Site(self._place, artifacts_url(self._place.spec, self._artifacts), self._secrets, base)

    def comparison(self, run: Run, rows: Sequence[JobRow], now: float) -> "Comparison":
        """The run compared with its base, as its page shows it."""
        return self._site.comparison(run, rows, now)

    def sections(self, run: Run, rows: Sequence[JobRow], now: float) -> "list[Section]":
        """The jobs that are worth a look, in the groups of its page."""
        from uitest.reporting.site.sections import sections

        outcomes = [(row, fold(row, run, now)) for row in rows]
        return sections(outcomes, self.comparison(run, rows, now), self._site.quarantined(run, rows, now))

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Start to render if the last rendering is long enough ago. Raises what went wrong with that one."""
        if self._rendering is not None:
            if not self._rendering.done():
                return
            rendering, self._rendering = self._rendering, None
            rendering.result()
        if time.monotonic() >= self._next:
            self._rendering = self._thread.submit(self._render, run, rows, now)

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Render now."""
        problem = self._rendering.exception() if self._rendering is not None else None
        if problem is not None:
            LOGGER.info("the pages could not be written during the run", exc_info=problem)
        self._render(run, rows, now)

    def _render(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        started = time.monotonic()
        self._site.run(run, rows, now)
        self._site.home(now)
        ended = time.monotonic()
        self._next = ended + max(RENDER_INTERVAL_S, RENDER_COST_FACTOR * (ended - started))


class JunitReporter:
    """Writes one JUnit file for the whole run at its end."""

    def __init__(self, place: Place, name: str) -> None:
        self._place, self._name = place, name

    @classmethod
    def to_file(cls, path: Path) -> Self:
        """A reporter that writes to a local file."""
        return cls(FolderPlace(path.parent), path.name)

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Do nothing: the file is written only at the end."""

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Write the file atomically. Raises PlaceError."""
        from uitest.reporting.formats.junit import junit_xml

        self._place.write(self._name, junit_xml(run, rows, now))


def site_of(settings: RunSettings) -> SiteReporter:
    """The reporter for the site of a run that has ended. Raises PlaceError."""
    site = open_place(settings.site)
    return SiteReporter(site, settings.artifacts, settings.secrets(os.environ), settings.base_site)


def publish(store: Store, run: Run, settings: RunSettings, now: float) -> None:
    """Render one run and the home page again. Raises PlaceError."""
    site_of(settings).finish(run, store.jobs(run.id), now)
