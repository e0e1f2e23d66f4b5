"""Compares sides over a program.

A difference is what plain Selenium never does, however often the program is run, and another side does at least once: a
race of ours may be rare. Only where plain Selenium disagrees with itself, a program says nothing, and neither does what
follows a command that hangs there.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.fuzz.program import Program
from tests.fuzz.running import Outcome
from tests.fuzz.shrinking import shrink
from tests.fuzz.sides import Side

REPEATS = 3
"""How often a suspect is run again by both."""

DOUBTS = 12
"""How often plain Selenium alone runs it again: it may differ from itself now and then."""


@dataclass(frozen=True)
class Difference:
    """What plain Selenium said and another side did not."""

    side: str
    program: Program
    line: str
    expected: object
    actual: object
    share: float = 1.0
    """In which share of its runs the side differed."""

    @property
    def is_certain(self) -> bool:
        """Whether the side differed each time. Where it did not, a busy machine may have a part in it."""
        return self.share == 1

    @property
    def kind(self) -> tuple[str, str, str, str]:
        """What differences have in common that are found again."""
        line = "".join(character for character in self.line if not character.isdigit())
        return self.side, line[:60], _class(self.expected), _class(self.actual)

    def __str__(self) -> str:
        often = "" if self.is_certain else f" (in {self.share:.0%} of its runs)"
        told = f"{self.side}: {self.line}{often}\n  expected: {self.expected}\n  actual:   {self.actual}"
        return f"{self.program.code}\n{told}"


def _class(outcome: object) -> str:
    if isinstance(outcome, list) and outcome and str(outcome[0]).startswith("raises"):
        return " ".join(map(str, outcome[:1]))
    return type(outcome).__name__


class Comparison:
    """Runs programs on all sides at once."""

    def __init__(self, plain: Side, others: Sequence[Side]) -> None:
        self._plain, self._others = plain, others
        self.unsteady = 0
        """Programs that came out differently for plain Selenium itself."""

    def difference(self, program: Program) -> Difference | None:
        """The first difference."""
        sides = (self._plain, *self._others)
        expected, *actual = self._run(sides, program)
        end = next((at for at, outcome in enumerate(expected) if outcome.is_slow), None)
        for side, outcomes in zip(self._others, actual, strict=True):
            if outcomes[:end] != expected[:end]:
                share = self._share(side, program, expected, outcomes)
                if share is not None:
                    return _difference(side, program, expected, outcomes, share)
                self.unsteady += 1
        return None

    def shortened(self, difference: Difference, seconds: float) -> Difference:
        """The same kind of difference with as short a program as is found in so many seconds."""
        side = next(side for side in self._others if side.name == difference.side)
        ends = time.monotonic() + seconds
        last = difference

        def keeps(program: Program) -> bool:
            nonlocal last
            if time.monotonic() > ends:
                return False
            expected, actual = self._run((self._plain, side), program)
            if expected == actual or _difference(side, program, expected, actual).kind != difference.kind:
                return False
            last = _difference(side, program, expected, actual)
            return True

        if not difference.is_certain:
            return difference  # a program that shows it now and then cannot be shortened by trying
        short = shrink(difference.program, keeps)
        expected, actual = self._run((self._plain, side), short)
        return last if expected != actual and self._share(side, short, expected, actual) == 1 else difference

    def _share(self, side: Side, program: Program, expected: list[Outcome], actual: list[Outcome]) -> float | None:
        """In which share of its runs the side differs; None if plain Selenium does not always agree with itself."""
        until = _first(expected, actual) + 1
        runs = [self._run((self._plain, side), program) for _ in range(REPEATS)]
        if any(plain[:until] != expected[:until] for plain, _ in runs):
            return None
        share = (1 + sum(ours[:until] != expected[:until] for _, ours in runs)) / (1 + REPEATS)
        if any(self._plain.run(program)[:until] != expected[:until] for _ in range(DOUBTS)):
            return None
        return share

    def _run(self, sides: Sequence[Side], program: Program) -> list[list[Outcome]]:
        running = [side.start(program) for side in sides]
        return [side.finish(future) for side, future in zip(sides, running, strict=True)]


def _first(expected: Sequence[Outcome], actual: Sequence[Outcome]) -> int:
    """Where the first difference is."""
    pairs = enumerate(zip(expected, actual, strict=False))
    return next((at for at, (wanted, got) in pairs if wanted != got), min(len(expected), len(actual)))


def _difference(
    side: Side, program: Program, expected: list[Outcome], actual: list[Outcome], share: float = 1.0
) -> Difference:
    at, end = _first(expected, actual), Outcome("the end", None)
    wanted, got = [*expected, end][at], [*actual, end][at]
    if wanted.said == got.said:
        return Difference(side.name, program, wanted.line, _speed(wanted), _speed(got), share)
    return Difference(side.name, program, wanted.line, wanted.said, got.said, share)


def _speed(outcome: Outcome) -> object:
    return ["after a long time" if outcome.is_slow else "at once", outcome.said]
