"""Steps of a trace, and folding of repeated commands, such as those of a wait, into one step. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from uitest.trace.source import Line

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, width and height in the window, CSS pixels."""

MAX_COMMANDS = 4
"""Maximum number of commands in one round of a wait: for example find a row, a cell, its text, is it displayed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command, or equal commands folded into one; times are seconds since the recording began."""

    name: str
    command: str
    """Selenium's name of the command."""
    at: float
    took: float = 0.0
    times: int = 1
    """Number of equal commands; ``took`` is the time from the start of the first to the end of the last."""
    what: str = ""
    given: str = ""
    result: str = ""
    """Of the last command, as is ``error``."""
    error: str = ""
    line: Line | None = None
    """The line of the case that sent it."""
    changes: bool = False
    shot: int | None = None
    page: int | None = None
    box: Box | None = None
    element: str | None = None
    """Id of the element that a command reads or finds without changing the page."""

    def is_like(self, other: "Step") -> bool:
        """Whether both can be folded: equal command and arguments from the same line, changing nothing."""
        return not self.changes and self._question() == other._question()

    def _question(self) -> tuple[Any, ...]:
        return self.command, self.what, self.given, self.line, self.changes

    def until(self, last: "Step") -> "Step":
        """This step with ``last`` folded into it."""
        took = last.at + last.took - self.at
        times = self.times + last.times
        return replace(self, took=took, times=times, result=last.result, error=last.error, element=last.element)


def folded(steps: Sequence[Step]) -> list[Step]:
    """``steps`` with the last ones folded into equal ones just before them."""
    for length in range(1, min(MAX_COMMANDS, len(steps) // 2) + 1):
        before, last = steps[-2 * length : -length], steps[-length:]
        if all(step.is_like(other) for step, other in zip(before, last, strict=True)):
            return [
                *steps[: -2 * length],
                *(step.until(other) for step, other in zip(before, last, strict=True)),
            ]
    return list(steps)
