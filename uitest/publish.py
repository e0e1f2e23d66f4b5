"""Reporters that write files: the status site while a run goes on, the JUnit file when it ends."""

import time
from collections.abc import Sequence
from pathlib import Path

from uitest.errors import PlaceError
from uitest.model import JobRow, Run
from uitest.places import Place, open_place
from uitest.render import Site, artifacts_url
from uitest.reporters.junit import junit_xml
from uitest.stores import Store

SITE_S = 2.0
"""Least pause between two renderings while a run goes on."""

SHARE = 10
"""A rendering that took a second is not repeated for this many: pages must not hold up the run."""


class SiteReporter:
    """Renders home and run pages into a place, re-rendered while the run goes on."""

    def __init__(self, place: Place, artifacts: str) -> None:
        self._site = Site(place, artifacts_url(place.spec, artifacts))
        self._next = 0.0

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

    def __init__(self, path: Path) -> None:
        self._path = path

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Nothing: readers of JUnit files expect them whole."""

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Write the file, whole or not at all. Raises PlaceError."""
        part = self._path.with_name(self._path.name + ".part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(junit_xml(run, rows, now))
            part.replace(self._path)
        except OSError as exc:
            raise PlaceError(f"cannot write the JUnit file {self._path}: {exc.strerror}") from exc


def publish(store: Store, run: Run, site: str, artifacts: str, now: float) -> None:
    """Render one run and the home page again. Raises PlaceError."""
    SiteReporter(open_place(site), artifacts).finish(run, store.jobs(run.id), now)
