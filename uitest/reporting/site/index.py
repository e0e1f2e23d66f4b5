"""The index of a site's runs: a summary file for each below ``index/``, found by listing that folder.

After writing the home page a writer lists the folder again, and repeats if a summary has changed. The last writer has
therefore seen every summary, and no run is missing, without a lock. Trade-off: one more listing for each home page.
"""

import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, Protocol, TypeVar

from uitest import log
from uitest.errors import PlaceError
from uitest.model import Outcome, Run, RunState
from uitest.reporting.site.comparison import Base
from uitest.reporting.site.findings import VERSION, Findings
from uitest.reporting.site.history import EARLIER_RUNS, KEPT_OUTCOMES, OUTCOMES, Past, PastRun
from uitest.reporting.site.suites import suite_of
from uitest.reporting.site.verdict import ACTIVE
from uitest.short_text import safe_name

LOGGER = logging.getLogger(__name__)
Parsed = TypeVar("Parsed")

FOLDER = "index/"
ROUNDS = 5
"""Maximum number of home pages written in a row; in a busy place other writers do the rest."""
READERS = 8
BASE_RUNS = 100
"""Number of runs of the base that say how often a case is flaky or red there; fewer for runs of many jobs."""


class Source(Protocol):
    """The methods of a ``uitest.storage.files.Place`` that read. Every method may raise PlaceError."""

    def read(self, name: str) -> bytes | None:
        """The content of ``name``, None if there is no such file."""

    def versions(self, prefix: str) -> dict[str, str]:
        """Every name that starts with ``prefix``, with a version string that changes with the file."""


class RunFiles(Generic[Parsed]):
    """One kind of file that finished runs leave, parsed and kept until the run changes or is not asked for."""

    def __init__(
        self,
        read: Callable[[str], bytes | None],
        name: Callable[[str], str],
        parse: Callable[[bytes | None], Parsed | None],
    ) -> None:
        """``name`` names the file of a run's id, and ``parse`` returns None for a file that is missing or damaged."""
        self._read_file, self._name, self._parse = read, name, parse
        self._kept: dict[str, tuple[str, Parsed | None]] = {}
        """With the revision of the run for which it was read."""

    def of(self, summaries: Sequence[Mapping[str, Any]]) -> dict[str, Parsed]:
        """The files of these runs by their id, as far as they can be read."""
        wanted = {str(summary["run"]["id"]): str(summary.get("revision")) for summary in summaries}
        new = [run_id for run_id, version in wanted.items() if self._kept.get(run_id, ("",))[0] != version]
        with ThreadPoolExecutor(READERS) as pool:
            contents = pool.map(lambda run_id: self._read_file(self._name(run_id)), new)
            for run_id, data in zip(new, contents, strict=True):
                self._kept[run_id] = wanted[run_id], self._parse(data)
        self._kept = {run_id: self._kept[run_id] for run_id in wanted}
        return {run_id: parsed for run_id, (_, parsed) in self._kept.items() if parsed is not None}


class Index:
    """The summaries of a site's runs, cached until a file changes."""

    def __init__(self, place: Source) -> None:
        self._place = place
        self._known: dict[str, tuple[str, dict[str, Any] | None]] = {}
        self._findings = RunFiles(self._read, findings_name, _findings)
        self._outcomes = RunFiles(self._read, outcomes_name, _outcomes)

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

    def past(self, run: Run) -> Past:
        """Outcomes of finished runs of the run's branch that started before it, as far as they can be read.

        They are those of all branches if there are none of its own.
        """
        finished = [earlier for earlier in self._runs_before(run) if earlier.state not in ACTIVE]
        branch = run.settings.get("branch")
        own = [earlier for earlier in finished if branch and earlier.settings.get("branch") == branch]
        return self._past(own or finished)

    def base(self, run: Run, branch: str | None) -> Base:
        """The runs of a branch that were finished before this run began, as far as they can be read.

        Only runs with a module in common count. The newest of them is the base.
        """
        if not branch:
            return Base()
        chosen = [
            earlier
            for earlier in self._runs_before(run)
            if earlier.state is RunState.FINISHED
            and earlier.settings.get("branch") == branch
            and (earlier.finished_at or earlier.started_at) <= run.started_at
            and (not run.modules or not set(run.modules).isdisjoint(earlier.modules))
        ]
        past = self._past(chosen, runs_of_base(run.planned))
        newest = past.runs[-1].id if past.runs else None
        return Base(branch, past, next((earlier for earlier in chosen if earlier.id == newest), None))

    def findings(self, summaries: Sequence[Mapping[str, Any]]) -> dict[str, Findings]:
        """The findings of these runs by their id, as far as there are any that can be read."""
        return self._findings.of(summaries)

    def outcomes(self, summaries: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Outcome]]:
        """The outcomes of the jobs of these runs, by the run's id and the digest of the job's key, as far as readable.

        They stay in memory for the next home page, so a caller limits their number.
        """
        return self._outcomes.of(summaries)

    def findings_before(self, run: Run) -> list[tuple[Run, Findings]]:
        """The newest earlier finished runs of the run's suite, on any branch, with their findings, oldest first."""
        suite, summaries = suite_of(run), self.summaries(lenient=True)
        finished = [earlier for earlier in _before(run, summaries) if earlier.state not in ACTIVE]
        chosen = {earlier.id: earlier for earlier in finished if suite.is_like(suite_of(earlier))}
        newest = list(chosen)[-EARLIER_RUNS:]
        findings = self._findings.of([summary for summary in summaries if summary["run"]["id"] in newest])
        return [(chosen[run_id], findings[run_id]) for run_id in newest if run_id in findings]

    def _runs_before(self, run: Run) -> list[Run]:
        return _before(run, self.summaries(lenient=True))

    def _past(self, runs: Sequence[Run], most: int = EARLIER_RUNS) -> Past:
        """The outcomes of the newest of these runs, which are in the order of their start."""
        newest = runs[-most:]
        with ThreadPoolExecutor(READERS) as pool:
            contents = list(pool.map(lambda earlier: self._read(outcomes_name(earlier.id)), newest))
        past_runs = tuple(_past_runs(zip(newest, contents, strict=True)))
        return Past(past_runs, len(newest) - len(past_runs))

    def _read(self, name: str) -> bytes | None:
        """The content of a file, None if it cannot be read.

        For a file that has expired S3 answers "access denied" where listing is not allowed; one such file must not
        cost what the others say.
        """
        with log.suppress(LOGGER, f"{name} cannot be read and is left out", PlaceError):
            return self._place.read(name)
        return None


def _before(run: Run, summaries: Iterable[Mapping[str, Any]]) -> list[Run]:
    """The runs that started before this one, oldest first."""
    runs = (Run.from_json(summary["run"]) for summary in summaries)
    before = [earlier for earlier in runs if earlier.id != run.id and earlier.started_at < run.started_at]
    return sorted(before, key=lambda earlier: (earlier.started_at, earlier.id))


def runs_of_base(jobs: int) -> int:
    """How many runs of the base are read for a run of so many jobs: fewer for a big one, as all outcomes are kept."""
    return min(max(KEPT_OUTCOMES // max(jobs, 1), EARLIER_RUNS), BASE_RUNS)


def summary_name(run_id: str) -> str:
    """The file name of a run's summary."""
    return f"{FOLDER}{safe_name(run_id)}.json"


def outcomes_name(run_id: str) -> str:
    """The file name of a run's outcomes."""
    return f"runs/{safe_name(run_id)}/outcomes.json"


def findings_name(run_id: str) -> str:
    """The file name of a run's findings."""
    return f"runs/{safe_name(run_id)}/findings.json"


def _findings(data: bytes | None) -> Findings | None:
    """None for a run of another version, and for a damaged file."""
    if data is None:
        return None
    with log.suppress(LOGGER, "the findings of a run are damaged and left out", ValueError, KeyError, TypeError):
        findings = json.loads(data)
        return findings if findings["v"] == VERSION else None
    return None


def _outcomes(data: bytes | None) -> Mapping[str, Outcome] | None:
    """None for a damaged file."""
    if data is None:
        return None
    with log.suppress(LOGGER, "the outcomes of a run are damaged and left out", ValueError, KeyError, TypeError):
        # Runs of a suite have the same jobs: one text for each, not one for each run.
        return {sys.intern(name): OUTCOMES[entry[0]] for name, entry in json.loads(data)["jobs"].items()}
    return None


def _parsed(data: bytes | None) -> dict[str, Any] | None:
    with log.suppress(LOGGER, "a run's entry in the index is damaged and is left out", ValueError, KeyError, TypeError):
        summary = json.loads(data or b"")
        Run.from_json(summary["run"])
        return dict(summary)
    return None


def _past_runs(outcomes: "Iterator[tuple[Run, bytes | None]]") -> Iterator[PastRun]:
    for run, data in outcomes:
        with log.suppress(LOGGER, f"the outcomes of run {run.id} are damaged", ValueError, KeyError, TypeError):
            yield PastRun(run.id, json.loads(data or b"")["jobs"], str(run.settings.get("commit") or ""))
