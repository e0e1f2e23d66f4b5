"""The index of a site's runs: a summary file for each below ``index/``, found by listing that folder.

After writing the home page a writer lists the folder again, and repeats if a summary has changed. The last writer has
therefore seen every summary, and no run is missing, without a lock. Trade-off: one more listing for each home page.
"""

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from uitest import log
from uitest.errors import PlaceError
from uitest.model import Run, safe_name
from uitest.reporting.site.history import EARLIER_RUNS, Past, PastRun
from uitest.reporting.site.verdict import ACTIVE

LOGGER = logging.getLogger(__name__)

FOLDER = "index/"
ROUNDS = 5
"""Maximum number of home pages written in a row; in a busy place other writers do the rest."""
READERS = 8


class Source(Protocol):
    """The methods of a ``uitest.storage.files.Place`` that read. Every method may raise PlaceError."""

    def read(self, name: str) -> bytes | None:
        """The content of ``name``, None if there is no such file."""

    def versions(self, prefix: str) -> dict[str, str]:
        """Every name that starts with ``prefix``, with a version string that changes with the file."""


class Index:
    """The summaries of a site's runs, cached until a file changes."""

    def __init__(self, place: Source) -> None:
        self._place = place
        self._known: dict[str, tuple[str, dict[str, Any] | None]] = {}

    def summaries(self, *, lenient: bool = False) -> list[dict[str, Any]]:
        """All current summaries, without files that cannot be parsed.

        One that cannot be read raises PlaceError, or is left out if ``lenient``.
        """
        read = self._read if lenient else self._place.read
        versions = self._place.versions(FOLDER)
        new = [name for name, version in versions.items() if self._known.get(name, ("",))[0] != version]
        with ThreadPoolExecutor(READERS) as pool:
            for name, data in zip(new, pool.map(read, new), strict=True):
                self._known[name] = versions[name] if data is not None else "", _parsed(data)
        self._known = {name: self._known[name] for name in versions}
        return [summary for _, summary in self._known.values() if summary is not None]

    def settled(self, write: Callable[[list[dict[str, Any]]], None]) -> None:
        """Call ``write`` with the summaries, repeatedly while they change during the call."""
        for _ in range(ROUNDS):
            before = self.summaries()
            write(before)
            if {name: version for name, (version, _) in self._known.items()} == self._place.versions(FOLDER):
                return

    def past(self, run: Run, branch: str | None = None) -> Past:
        """Outcomes of finished runs that started before this one, as far as they can be read.

        They are those of ``branch`` if given, else those of the run's own branch, or of all branches if it has none.
        """
        runs = [Run.from_json(summary["run"]) for summary in self.summaries(lenient=True)]
        finished = [
            one for one in runs if one.state not in ACTIVE and one.id != run.id and one.started_at < run.started_at
        ]
        wanted = branch or run.settings.get("branch")
        comparable = [one for one in finished if wanted and one.settings.get("branch") == wanted]
        if not comparable and branch is None:
            comparable = finished
        chosen = sorted(comparable, key=lambda one: one.started_at)[-EARLIER_RUNS:]
        with ThreadPoolExecutor(READERS) as pool:
            contents = list(pool.map(lambda one: self._read(outcomes_name(one.id)), chosen))
        past_runs = tuple(_past_runs(zip(chosen, contents, strict=True)))
        return Past(past_runs, len(chosen) - len(past_runs))

    def _read(self, name: str) -> bytes | None:
        """The content of a file, None if it cannot be read.

        For a file that has expired S3 answers "access denied" where listing is not allowed; one such file must not
        cost what the others say.
        """
        with log.suppress(LOGGER, f"{name} cannot be read and is left out", PlaceError):
            return self._place.read(name)
        return None


def summary_name(run_id: str) -> str:
    """The file name of a run's summary."""
    return f"{FOLDER}{safe_name(run_id)}.json"


def outcomes_name(run_id: str) -> str:
    """The file name of a run's outcomes."""
    return f"runs/{safe_name(run_id)}/outcomes.json"


def _parsed(data: bytes | None) -> dict[str, Any] | None:
    with log.suppress(LOGGER, "a run's entry in the index is damaged and is left out", ValueError, KeyError, TypeError):
        summary = json.loads(data or b"")
        Run.from_json(summary["run"])
        return dict(summary)
    return None


def _past_runs(outcomes: "Iterator[tuple[Run, bytes | None]]") -> Iterator[PastRun]:
    for run, data in outcomes:
        with log.suppress(LOGGER, f"the outcomes of run {run.id} are damaged", ValueError, KeyError, TypeError):
            yield PastRun(run.id, json.loads(data or b"")["jobs"])
