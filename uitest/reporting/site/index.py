"""Which runs a site knows: a small file for each below ``index/``, found by listing them.

Whoever wrote the home page lists once more, and writes it again if something came meanwhile. So the last one to write
it has seen every summary that was there when it did, and whoever leaves a summary later writes the home page after
that: no run is lost, without a lock. Given up: one more listing for each home page.
"""

import contextlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from uitest.model import Run, safe_name
from uitest.reporting.site.history import LOOKED_AT, Past, PastRun
from uitest.reporting.site.verdict import ACTIVE

FOLDER = "index/"
ROUNDS = 5
"""Most home pages written in a row; others write them too, so a busy place needs no more."""
READERS = 8


class Source(Protocol):
    """The part of a ``uitest.storage.files.Place`` that is read. Every method may raise PlaceError."""

    def read(self, name: str) -> bytes | None:
        """What is at ``name``, None if nothing is."""

    def versions(self, prefix: str) -> dict[str, str]:
        """Every name that starts with ``prefix``, with a word that changes with the file."""


class Index:
    """The summaries of a site's runs. It remembers what it has read until the file changes."""

    def __init__(self, place: Source) -> None:
        self._place = place
        self._known: dict[str, tuple[str, dict[str, Any] | None]] = {}

    def summaries(self) -> list[dict[str, Any]]:
        """All of them as they are now; what cannot be understood is left out, it is not ours."""
        versions = self._place.versions(FOLDER)
        new = [name for name, version in versions.items() if self._known.get(name, ("",))[0] != version]
        with ThreadPoolExecutor(READERS) as pool:
            for name, data in zip(new, pool.map(self._place.read, new), strict=True):
                self._known[name] = versions[name], _understood(data)
        self._known = {name: self._known[name] for name in versions}
        return [found for _, found in self._known.values() if found is not None]

    def settled(self, write: Callable[[list[dict[str, Any]]], None]) -> None:
        """Hand the summaries to ``write``, again if they changed while it wrote."""
        for _ in range(ROUNDS):
            before = self.summaries()
            write(before)
            if {name: version for name, (version, _) in self._known.items()} == self._place.versions(FOLDER):
                return

    def past(self, run: Run, branch: str | None = None) -> Past:
        """What runs that began before this one and are over left to know.

        Of ``branch``, where one is named; else of the run's own, where there are any of it.
        """
        runs = [Run.from_json(found["run"]) for found in self.summaries()]
        over = [one for one in runs if one.state not in ACTIVE and one.id != run.id and one.started_at < run.started_at]
        wanted = branch or run.settings.get("branch")
        alike = [one for one in over if wanted and one.settings.get("branch") == wanted]
        if not alike and branch is None:
            alike = over
        chosen = sorted(alike, key=lambda one: one.started_at)[-LOOKED_AT:]
        with ThreadPoolExecutor(READERS) as pool:
            read = list(pool.map(lambda one: self._place.read(outcomes_name(one.id)), chosen))
        return Past(tuple(_past_runs(zip(chosen, read, strict=True))))


def summary_name(run_id: str) -> str:
    """Where the summary of a run is."""
    return f"{FOLDER}{safe_name(run_id)}.json"


def outcomes_name(run_id: str) -> str:
    """Where its outcomes are."""
    return f"runs/{safe_name(run_id)}/outcomes.json"


def _understood(data: bytes | None) -> dict[str, Any] | None:
    with contextlib.suppress(ValueError, KeyError, TypeError):
        found = json.loads(data or b"")
        Run.from_json(found["run"])
        return dict(found)
    return None


def _past_runs(found: "Iterator[tuple[Run, bytes | None]]") -> Iterator[PastRun]:
    for run, data in found:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            yield PastRun(run.id, json.loads(data or b"")["jobs"])
