"""Decides which failures a quarantine excuses: pure.

A quarantine is a row that says of a case, or of an error, that it is known to be red: whose it is, why, and until when.
The case still runs. While the row holds, a failure that it covers does not make the run red: the job's outcome is
``quarantined``. On the day after ``until`` the same failure is red again.

The rows that may concern a run are copied into its header when it begins, and its day is that of its start in UTC. So a
page of an old run stays true, and every report of a run, whoever makes it, decides the same from the header alone.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Quarantine:
    """One row: of ``case`` and ``error`` at least one is given, and both must fit if both are."""

    until: str
    """The last day on which it holds, as ``2026-12-31``."""
    case: str = ""
    """A case id; ``*`` stands for any text. Empty for every case."""
    error: str = ""
    """A part of the first line of an error; ``*`` stands for any text. Empty for every error."""
    browsers: tuple[str, ...] = ()
    """Empty for every browser."""
    owner: str = ""
    reason: str = ""
    link: str = ""
    """Where the matter is followed, such as the address of an issue."""

    def is_over(self, day: str) -> bool:
        """Whether it no longer holds on a day, as ``day_of`` returns it."""
        return day > self.until

    def names(self, case: str) -> bool:
        """Whether a case is meant, in whichever browser and whatever its error."""
        return not self.case or _is(self.case, case)

    def is_about(self, case: str, browser: str) -> bool:
        """Whether a case in a browser is meant, whatever its error."""
        return (not self.browsers or browser in self.browsers) and self.names(case)

    def covers(self, case: str, browser: str, errors: Iterable[str], *, is_broken: bool = False) -> bool:
        """Whether every one of the errors with which a case failed in a browser is meant.

        ``is_broken``: not the test failed, but something else broke, such as the browser. Only a row that names the
        error covers that: otherwise a browser that never starts would be green.
        """
        if not self.is_about(case, browser):
            return False
        return all(_has(self.error, error) for error in errors) if self.error else not is_broken

    @property
    def id(self) -> str:
        """Eight hex digits that follow from what is quarantined: of two rows about the same, the later is the newer."""
        subject = json.dumps([self.case, self.error, sorted(self.browsers)])
        return hashlib.sha256(subject.encode()).hexdigest()[:8]

    @property
    def subject(self) -> str:
        """What is quarantined, in words."""
        parts = [self.case, f"error {self.error!r}" if self.error else ""]
        return " with ".join(filter(None, parts)) + (f" in {', '.join(self.browsers)}" if self.browsers else "")

    @property
    def terms(self) -> str:
        """Until when, whose and why, in words: ``until 2026-12-31, @payments: new provider, https://...``."""
        why = ", ".join(filter(None, [self.reason, self.link]))
        return f"until {self.until}, {self.owner or 'no owner'}{f': {why}' if why else ''}"

    @property
    def former_terms(self) -> str:
        """What is said of a red job after the row's last day."""
        return f"its quarantine is over: {self.terms}"

    def to_json(self) -> dict[str, Any]:
        """JSON values, without empty ones."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of ``to_json``; fields of newer versions are ignored."""
        known = {name: value for name, value in data.items() if name in cls.__dataclass_fields__}
        return cls(**{**known, "browsers": tuple(data.get("browsers", ()))})


def day_of(moment: float) -> str:
    """The day of a moment in seconds since the epoch, in UTC; for a moment out of range one on which no row holds."""
    try:
        return datetime.fromtimestamp(moment, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return "9999-99-99"


def concerning(rows: Iterable[Quarantine], jobs: Iterable[tuple[str, str]]) -> tuple[Quarantine, ...]:
    """The rows that may excuse one of these jobs, given as cases and browsers."""
    jobs = dict.fromkeys(jobs)
    return tuple(row for row in rows if any(row.is_about(*job) for job in jobs))


def covering(
    rows: Iterable[Quarantine], case: str, browser: str, errors: Sequence[str], *, is_broken: bool = False
) -> list[Quarantine]:
    """The rows that cover a job which failed with these errors, whether they still hold or not."""
    return [row for row in rows if row.covers(case, browser, errors, is_broken=is_broken)]


def _is(pattern: str, text: str) -> bool:
    """Whether a text is as a pattern says, in which ``*`` stands for any text."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == first
    *middle, last = rest
    is_framed = len(text) >= len(first) + len(last) and text.startswith(first) and text.endswith(last)
    return is_framed and _has("*".join(middle), text[len(first) : len(text) - len(last)])


def _has(pattern: str, text: str) -> bool:
    """Whether a part of a text is as a pattern says. Each piece is searched once, so no pattern takes long."""
    start = 0
    for piece in pattern.split("*"):
        position = text.find(piece, start)
        if position < 0:
            return False
        start = position + len(piece)
    return True
