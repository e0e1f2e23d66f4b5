"""The history of a job in earlier runs: its last outcomes, its usual duration, whether a failure is new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from uitest.model import Outcome, digest
from uitest.reporting.site.flakiness import COUNTED, flakiness

EARLIER_RUNS = 40
"""Number of earlier runs whose outcomes are read; pages show the last twenty outcomes of a job among them."""

KEPT_OUTCOMES = 400_000
"""Outcomes of jobs in earlier runs, at most, that are kept for one purpose."""

LETTERS: Mapping[str, str] = {
    Outcome.PASSED: "p",
    Outcome.FLAKY: "y",
    Outcome.SKIPPED: "s",
    Outcome.QUARANTINED: "q",
    Outcome.FAILED: "f",
    Outcome.ERROR: "e",
    Outcome.LOST: "l",
    Outcome.CANCELLED: "c",
    Outcome.RUNNING: "r",
    Outcome.NOT_STARTED: "n",
}
"""A letter for each outcome; a job's history is a string of them."""

ABSENT = " "
_BAD = frozenset("felq")
_MET_AN_ERROR = _BAD | {LETTERS[Outcome.FLAKY]}
OUTCOMES: Mapping[str, Outcome] = {letter: Outcome(outcome) for outcome, letter in LETTERS.items()}
"""The outcome for each letter."""
_FLAKY = LETTERS[Outcome.FLAKY]
_COUNTED = frozenset(LETTERS[outcome] for outcome in COUNTED)
_NO_VERDICT = frozenset("crn" + ABSENT)


@dataclass(frozen=True)
class PastRun:
    """The outcomes of an earlier run: letter and seconds by ``digest`` of the job's key."""

    id: str
    jobs: Mapping[str, Sequence[object]]
    commit: str = ""

    def error_keys(self) -> set[str]:
        """The keys of the errors that its jobs met; what a skipped job says is no error."""
        return {str(entry[2]) for entry in self.jobs.values() if len(entry) > 2 and entry[0] in _MET_AN_ERROR}


@dataclass(frozen=True)
class Past:
    """Earlier runs, oldest first."""

    runs: tuple[PastRun, ...] = ()
    unread: int = 0
    """Number of further runs whose outcomes are missing, damaged or unreadable."""

    def strip(self, key: str) -> str:
        """A letter for each run, with a space for a run without this job."""
        name = digest(key)
        return "".join(str(run.jobs[name][0]) if name in run.jobs else ABSENT for run in self.runs)

    def error_key(self, key: str) -> str | None:
        """The key of the job's error in the newest run that has the job; None if it has none."""
        name = digest(key)
        newest = next((run.jobs[name] for run in reversed(self.runs) if name in run.jobs), ())
        return str(newest[2]) if len(newest) > 2 else None

    def record(self, key: str) -> dict[str, object] | None:
        """How often the job was flaky or red among these runs, and why it was last; None if it never was.

        ``of`` is the number of runs that count (``flakiness``); ``last`` the newest red run's id, and the key of its
        error.
        """
        name = digest(key)
        ended = [(run, entry) for run in reversed(self.runs) if (entry := run.jobs.get(name)) and entry[0] in _COUNTED]
        red = [(run, entry) for run, entry in ended if entry[0] in _BAD]
        if not red and not any(entry[0] == _FLAKY for _, entry in ended):
            return None
        result = flakiness((run.commit, OUTCOMES[str(entry[0])]) for run, entry in ended)
        last = [red[0][0].id, str(red[0][1][2]) if len(red[0][1]) > 2 else ""] if red else None
        return {"flaky": len(result.flaky), "red": len(red), "of": result.runs, "last": last}

    def usual_s(self, key: str) -> float | None:
        """The median of the job's durations in seconds, None if it has none."""
        name = digest(key)
        durations = (run.jobs[name][1] for run in self.runs if name in run.jobs)
        known = [seconds for seconds in durations if isinstance(seconds, int | float)]
        return median(known) if known else None


def is_new(strip: str) -> bool:
    """Whether a failure after these outcomes is new: the last verdict was not a failure, or there was none."""
    verdicts = [letter for letter in strip if letter not in _NO_VERDICT]
    return not verdicts or verdicts[-1] not in _BAD
