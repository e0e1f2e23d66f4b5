"""Compares sides over a program.

A difference is what plain Selenium does not do, however often the program is run, and another side does again and
again, if not each time: a race of ours may be rare. Only where plain Selenium disagrees with itself nearly as often, a
program says nothing, and neither does what follows a command that hangs there. chromedriver's own races show in one run
of 25 or less, so a difference that is not there each time needs many more runs before it counts.
"""

import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from tests.fuzz.program import Program
from tests.fuzz.running import Outcome
from tests.fuzz.shrinking import shrink

CERTAIN_AFTER = 15
"""Runs again that make a difference certain, if only the other side differs, and in each."""

MOST_RUNS = 75
"""Runs again of what does not show each time."""

LONGEST_S = 120.0
"""Longest time for all of them: a command that hangs takes its time in each."""

RARER = 4
"""How many times as often as plain Selenium the other side must differ."""

LUCK = 0.5
"""Below this share a difference may be a busy machine's doing: the search tells it, a test does not fail for it."""


class Runner(Protocol):
    """Who runs programs."""

    name: str

    def start(self, program: Program) -> "Future[list[Outcome]]":
        """Begin to run a program."""

    def finish(self, running: "Future[list[Outcome]]") -> list[Outcome]:
        """What came of it."""


@dataclass(frozen=True)
class Difference:
    """What plain Selenium said and another side did not."""

    side: str
    program: Program
    line: str
    expected: object
    actual: object
    share: float = 1.0
    """In which share of its runs again the side differed."""

    @property
    def is_certain(self) -> bool:
        """Whether the side differed each time."""
        return self.share == 1

    @property
    def kind(self) -> tuple[str, str, str, str]:
        """What differences have in common that are found again."""
        line = "".join(character for character in self.line if not character.isdigit())
        return self.side, line[:60], _class(self.expected), _class(self.actual)

    def __str__(self) -> str:
        often = "" if self.is_certain else f" (in {self.share:.0%} of its runs)"
        details = f"{self.side}: {self.line}{often}\n  expected: {self.expected}\n  actual:   {self.actual}"
        return f"{self.program.code}\n{details}"


def _class(outcome: object) -> str:
    if isinstance(outcome, list) and outcome and str(outcome[0]).startswith("raises"):
        return " ".join(map(str, outcome[:1]))
    return type(outcome).__name__


class Comparison:
    """Runs programs on all sides at once."""

    def __init__(self, plain: Runner, others: Sequence[Runner], all_every: int = 1) -> None:
        """Only every ``all_every``-th program runs on all of the others; each of them runs on the first one."""
        self._plain, self._others, self._all_every = plain, others, all_every
        self.programs = 0
        """Programs that were compared."""
        self.unsteady = 0
        """Programs that came out differently for plain Selenium itself."""
        self.unrepeated = 0
        """Programs whose difference was seen once and never again."""

    def difference(self, program: Program) -> Difference | None:
        """The first difference."""
        self.programs += 1
        others = self._others if self.programs % self._all_every == 0 else self._others[:1]
        expected, *actual = self._run((self._plain, *others), program)
        end = next((at for at, outcome in enumerate(expected) if outcome.is_slow), None)
        for side, outcomes in zip(others, actual, strict=True):
            if outcomes[:end] != expected[:end]:
                share = self._share(side, program, expected, outcomes)
                if share:
                    return _difference(side, program, expected, outcomes, share)
                self.unsteady += share is None
                self.unrepeated += share == 0
        return None

    def assert_alike(self, program: Program) -> None:
        """No side differs from plain Selenium, but for bad luck."""
        difference = self.difference(program)
        assert difference is None or difference.share < LUCK, str(difference)

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

    def _share(self, side: Runner, program: Program, expected: list[Outcome], actual: list[Outcome]) -> float | None:
        """In which share of further runs the side differs; None if plain Selenium disagrees with itself as well."""
        until = _first(expected, actual) + 1
        plain_differs = ours_differs = runs = 0
        ends = time.monotonic() + LONGEST_S
        while runs < MOST_RUNS and time.monotonic() < ends:
            runs += 1
            plain, ours = self._run((self._plain, side), program)
            plain_differs += plain[:until] != expected[:until]
            ours_differs += ours[:until] != expected[:until]
            if plain_differs and plain_differs * RARER >= ours_differs:
                return None
            if runs == CERTAIN_AFTER and ours_differs == runs and not plain_differs:
                break
        return ours_differs / runs

    def _run(self, sides: Sequence[Runner], program: Program) -> list[list[Outcome]]:
        running = [side.start(program) for side in sides]
        return [side.finish(future) for side, future in zip(sides, running, strict=True)]


def _first(expected: Sequence[Outcome], actual: Sequence[Outcome]) -> int:
    """Where the first difference is."""
    pairs = enumerate(zip(expected, actual, strict=False))
    return next((at for at, (wanted, got) in pairs if wanted != got), min(len(expected), len(actual)))


def _difference(
    side: Runner, program: Program, expected: list[Outcome], actual: list[Outcome], share: float = 1.0
) -> Difference:
    at, end = _first(expected, actual), Outcome("the end", None)
    wanted, got = [*expected, end][at], [*actual, end][at]
    if wanted.result == got.result:
        return Difference(side.name, program, wanted.line, _speed(wanted), _speed(got), share)
    return Difference(side.name, program, wanted.line, wanted.result, got.result, share)


def _speed(outcome: Outcome) -> object:
    return ["after a long time" if outcome.is_slow else "at once", outcome.result]
