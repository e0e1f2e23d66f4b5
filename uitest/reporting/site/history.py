"""The history of a job in earlier runs: its last outcomes, its usual duration, whether a failure is new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from uitest.model import Outcome

EARLIER_RUNS = 40
"""Number of earlier runs whose outcomes are read; pages show the last twenty outcomes of a job among them."""

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
_GREEN = frozenset((LETTERS[Outcome.PASSED], LETTERS[Outcome.FLAKY]))
_NO_VERDICT = frozenset("crn" + ABSENT)


@dataclass(frozen=True)
class PastRun:
    """The outcomes of an earlier run: letter and seconds by ``digest`` of the job's key."""

    id: str
    jobs: Mapping[str, Sequence[object]]

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

        ``of`` is the number of runs in which it passed, was flaky or failed; ``last`` the newest red run's id, and the
        key of its error.
        """
        name = digest(key)
        verdicts = [(run, entry) for run in self.runs if (entry := run.jobs.get(name)) and entry[0] in _BAD | _GREEN]
        red = [(run, entry) for run, entry in verdicts if entry[0] in _BAD]
        flaky = sum(entry[0] == LETTERS[Outcome.FLAKY] for _, entry in verdicts)
        if not red and not flaky:
            return None
        last = [red[-1][0].id, str(red[-1][1][2]) if len(red[-1][1]) > 2 else ""] if red else None
        return {"flaky": flaky, "red": len(red), "of": len(verdicts), "last": last}

    def usual_s(self, key: str) -> float | None:
        """The median of the job's durations in seconds, None if it has none."""
        name = digest(key)
        durations = (run.jobs[name][1] for run in self.runs if name in run.jobs)
        known = [seconds for seconds in durations if isinstance(seconds, int | float)]
        return median(known) if known else None


def digest(key: str) -> str:
    """The unique part of a job's key; the words before it are for people."""
    return key.rpartition("~")[2]


def is_new(strip: str) -> bool:
    """Whether a failure after these outcomes is new: the last verdict was not a failure, or there was none."""
    verdicts = [letter for letter in strip if letter not in _NO_VERDICT]
    return not verdicts or verdicts[-1] not in _BAD
