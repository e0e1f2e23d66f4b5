"""Compares sides over a program. What one side alone does differently, again and again, is a difference."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.fuzz.program import Program
from tests.fuzz.running import Outcome
from tests.fuzz.shrinking import shrink
from tests.fuzz.sides import Side

REPEATS = 3
"""How often a suspect is run again by both, who must each agree with themselves."""


@dataclass(frozen=True)
class Difference:
    """What plain Selenium said and another side did not."""

    side: str
    program: Program
    line: str
    expected: object
    actual: object

    @property
    def kind(self) -> tuple[str, str, str, str]:
        """What differences have in common that are found again."""
        line = "".join(character for character in self.line if not character.isdigit())
        return self.side, line[:60], _class(self.expected), _class(self.actual)

    def __str__(self) -> str:
        return f"{self.program.code}\n{self.side}: {self.line}\n  expected: {self.expected}\n  actual:   {self.actual}"


def _class(outcome: object) -> str:
    if isinstance(outcome, list) and outcome and str(outcome[0]).startswith("raises"):
        return " ".join(map(str, outcome[:1]))
    return type(outcome).__name__


class Comparison:
    """Runs programs on all sides at once."""

    def __init__(self, plain: Side, others: Sequence[Side]) -> None:
        self._plain, self._others = plain, others
        self.unsteady = 0
        """Programs that came out differently for one and the same side."""

    def difference(self, program: Program) -> Difference | None:
        """The first difference that stays when all is repeated."""
        sides = (self._plain, *self._others)
        expected, *actual = self._run(sides, program)
        for side, outcomes in zip(self._others, actual, strict=True):
            if outcomes != expected:
                if self._is_steady(side, program, expected, outcomes):
                    return _difference(side, program, expected, outcomes)
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

        short = shrink(difference.program, keeps)
        expected, actual = self._run((self._plain, side), short)
        return last if expected != actual and self._is_steady(side, short, expected, actual) else difference

    def _is_steady(self, side: Side, program: Program, expected: list[Outcome], actual: list[Outcome]) -> bool:
        """Whether both come to the first difference in the same way again and again."""
        until = _first(expected, actual) + 1
        known = [expected[:until], actual[:until]]
        return all(
            [outcomes[:until] for outcomes in self._run((self._plain, side), program)] == known for _ in range(REPEATS)
        )

    def _run(self, sides: Sequence[Side], program: Program) -> list[list[Outcome]]:
        running = [side.start(program) for side in sides]
        return [side.finish(future) for side, future in zip(sides, running, strict=True)]


def _first(expected: Sequence[Outcome], actual: Sequence[Outcome]) -> int:
    """Where the first difference is."""
    pairs = enumerate(zip(expected, actual, strict=False))
    return next((at for at, (wanted, got) in pairs if wanted != got), min(len(expected), len(actual)))


def _difference(side: Side, program: Program, expected: list[Outcome], actual: list[Outcome]) -> Difference:
    at, end = _first(expected, actual), Outcome("the end", None)
    wanted, got = [*expected, end][at], [*actual, end][at]
    if wanted.said == got.said:
        return Difference(side.name, program, wanted.line, _speed(wanted), _speed(got))
    return Difference(side.name, program, wanted.line, wanted.said, got.said)


def _speed(outcome: Outcome) -> object:
    return ["after a long time" if outcome.is_slow else "at once", outcome.said]
