"""Steps, and which commands are one: a wait asks the same again and again, a reader wants to see that once. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from uitest.trace.source import Line

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, width and height in the window, CSS pixels."""

LONGEST = 4
"""Commands of one look of a wait, at most: finding a row, a cell in it, its text and whether it is seen."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command, or the same few again and again; times are seconds since the recording began."""

    name: str
    command: str
    """Selenium's own name."""
    at: float
    took: float = 0.0
    times: int = 1
    """How many equal commands this stands for; it took from the beginning of the first to the end of the last."""
    what: str = ""
    given: str = ""
    result: str = ""
    """Of the last one, as is ``error``."""
    error: str = ""
    line: Line | None = None
    """Of the case that sent it."""
    changes: bool = False
    shot: int | None = None
    page: int | None = None
    box: Box | None = None

    def is_like(self, other: "Step") -> bool:
        """Whether one may stand for both: they ask the same, from the same place, and change nothing."""
        return not self.changes and self._asks() == other._asks()

    def _asks(self) -> tuple[Any, ...]:
        return self.command, self.what, self.given, self.line, self.changes

    def until(self, last: "Step") -> "Step":
        """This one, standing for ``last`` as well."""
        took = last.at + last.took - self.at
        return replace(self, took=took, times=self.times + last.times, result=last.result, error=last.error)


def folded(steps: Sequence[Step]) -> list[Step]:
    """Steps with their last few folded into the same few before them, where they are the same."""
    for length in range(1, min(LONGEST, len(steps) // 2) + 1):
        before, last = steps[-2 * length : -length], steps[-length:]
        if all(one.is_like(other) for one, other in zip(before, last, strict=True)):
            return [
                *steps[: -2 * length],
                *(one.until(other) for one, other in zip(before, last, strict=True)),
            ]
    return list(steps)
