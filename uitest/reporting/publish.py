"""Reporters that write files: the status site while a run goes on, the JUnit file when it ends.

What draws them is imported when the first is drawn: by then the cases' own processes start, and need not wait for it.
"""

import os
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from uitest.config import RunSettings
from uitest.model import JobRow, Run
from uitest.storage.files import FolderPlace, Place, open_place
from uitest.storage.stores import Store

if TYPE_CHECKING:
    from uitest.reporting.site import Site

SITE_S = 2.0
"""Least pause between two renderings while a run goes on."""

SHARE = 10
"""A rendering that took a second is not repeated for this many: pages must not hold up the run."""


class SiteReporter:
    """Renders home and run pages into a place, re-rendered while the run goes on."""

    def __init__(self, place: Place, artifacts: str, secrets: Sequence[str] = ()) -> None:
        self._place, self._artifacts, self._secrets = place, artifacts, secrets
        self._next = 0.0

    @cached_property
    def _site(self) -> "Site":
        from uitest.reporting.site import Site, artifacts_url

        return Site(self._place, artifacts_url(self._place.spec, self._artifacts), self._secrets)

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Render if the last time is long enough ago."""
        if time.monotonic() >= self._next:
            self.finish(run, rows, now)

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Render now."""
        started = time.monotonic()
        self._site.run(run, rows, now)
        self._site.home(now)
        ended = time.monotonic()
        self._next = ended + max(SITE_S, SHARE * (ended - started))


class JunitReporter:
    """Writes one JUnit file for the whole run at its end."""

    def __init__(self, place: Place, name: str) -> None:
        self._place, self._name = place, name

    @classmethod
    def to_file(cls, path: Path) -> Self:
        """One for a file on this machine."""
        return cls(FolderPlace(path.parent), path.name)

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Nothing: readers of JUnit files expect them whole."""

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Write the file, whole or not at all. Raises PlaceError."""
        from uitest.reporting.junit import junit_xml

        self._place.write(self._name, junit_xml(run, rows, now))


def publish(store: Store, run: Run, settings: RunSettings, now: float) -> None:
    """Render one run and the home page again. Raises PlaceError."""
    site = open_place(settings.site)
    SiteReporter(site, settings.artifacts, settings.secrets(os.environ)).finish(run, store.jobs(run.id), now)
