"""What earlier runs say about a job: its last outcomes, how long it usually takes, whether a failure is news."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from uitest.model import Outcome

LOOKED_AT = 40
"""Earlier runs whose outcomes are read; pages show the last twenty outcomes that these have of a job."""

LETTERS: Mapping[str, str] = {
    Outcome.PASSED: "p",
    Outcome.FLAKY: "y",
    Outcome.SKIPPED: "s",
    Outcome.FAILED: "f",
    Outcome.ERROR: "e",
    Outcome.LOST: "l",
    Outcome.CANCELLED: "c",
    Outcome.RUNNING: "r",
    Outcome.NOT_STARTED: "n",
}
"""One character an outcome: a strip of them is a string."""

ABSENT = " "
_BAD = frozenset("fel")
_SAYS_NOTHING = frozenset("crn" + ABSENT)


@dataclass(frozen=True)
class PastRun:
    """What one earlier run left to know: letter and seconds by ``digest`` of the job's key."""

    id: str
    jobs: Mapping[str, Sequence[object]]


@dataclass(frozen=True)
class Past:
    """Earlier runs, oldest first."""

    runs: tuple[PastRun, ...] = ()

    def strip(self, key: str) -> str:
        """A letter for each run, a space where the job was not in it."""
        name = digest(key)
        return "".join(str(run.jobs[name][0]) if name in run.jobs else ABSENT for run in self.runs)

    def usual_s(self, key: str) -> float | None:
        """The median of its durations in seconds, None if it has none."""
        name = digest(key)
        found = (run.jobs[name][1] for run in self.runs if name in run.jobs)
        took = [seconds for seconds in found if isinstance(seconds, int | float)]
        return median(took) if took else None


def digest(key: str) -> str:
    """The part of a job's key that tells it apart; the words before it are for people."""
    return key.rpartition("~")[2]


def is_new(strip: str) -> bool:
    """Whether a failure after these outcomes is news: the last one that says anything was no failure, or none does."""
    said = [letter for letter in strip if letter not in _SAYS_NOTHING]
    return not said or said[-1] not in _BAD
