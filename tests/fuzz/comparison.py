"""Compares sides over a program. What one side alone does differently, again and again, is a difference."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.fuzz.program import Program
from tests.fuzz.running import Outcome
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
        return self.side, "".join(c for c in self.line if not c.isdigit())[:60], _class(self.expected), _class(self.actual)

    def __str__(self) -> str:
        return f"{self.program.code}\n{self.side}: {self.line}\n  expected: {self.expected}\n  actual:   {self.actual}"


def _class(said: object) -> str:
    if isinstance(said, list) and said and str(said[0]).startswith("raises"):
        return " ".join(map(str, said[:1]))
    return type(said).__name__


class Comparison:
    """Runs programs on all sides at once."""

    def __init__(self, plain: Side, others: Sequence[Side]) -> None:
        self._plain, self._others = plain, others
        self.unsteady = 0
        """Programs that came out differently for one and the same side."""

    def difference(self, program: Program) -> Difference | None:
        """The first difference that stays when all is repeated."""
        sides = (self._plain, *self._others)
        running = [side.start(program) for side in sides]
        expected, *actual = [side.finish(future) for side, future in zip(sides, running, strict=True)]
        for side, outcomes in zip(self._others, actual, strict=True):
            if outcomes != expected:
                found = self._confirmed(side, program, expected, outcomes)
                if found is not None:
                    return found
        return None

    def _confirmed(
        self, side: Side, program: Program, expected: list[Outcome], actual: list[Outcome]
    ) -> Difference | None:
        for _ in range(REPEATS):
            if self._plain.run(program) != expected or side.run(program) != actual:
                self.unsteady += 1
                return None
        pairs = zip(expected, actual, strict=False)
        wanted, got = next(((w, g) for w, g in pairs if w != g), (Outcome("end", len(expected)), Outcome("end", len(actual))))
        return Difference(side.name, program, wanted.line, wanted.said, got.said)
