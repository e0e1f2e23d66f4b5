"""When a suspect counts as a difference: sides that follow a script instead of browsers."""

from collections.abc import Iterator
from concurrent.futures import Future
from itertools import chain, cycle, repeat

import pytest

from tests.fuzz.comparison import CERTAIN_AFTER, MOST_RUNS, Comparison
from tests.fuzz.program import Program
from tests.fuzz.running import Outcome

PROGRAM = Program(("", "", ""), ("driver.title",))


class Scripted:
    """Says what it is told to say, run by run."""

    def __init__(self, name: str, answers: Iterator[str]) -> None:
        self.name, self._answers = name, answers
        self.runs = 0

    def start(self, program: Program) -> "Future[list[Outcome]]":
        """A run that has ended."""
        self.runs += 1
        future: Future[list[Outcome]] = Future()
        future.set_result([Outcome(program.lines[0], next(self._answers))])
        return future

    def finish(self, running: "Future[list[Outcome]]") -> list[Outcome]:
        """Its result."""
        return running.result()


def test_other_answer_in_each_run_is_certain() -> None:
    """Fifteen more runs of both sides make sure."""
    plain = Scripted("plain", repeat("a"))
    difference = Comparison(plain, [Scripted("direct", repeat("b"))]).difference(PROGRAM)
    assert difference is not None
    assert difference.is_certain
    assert (difference.expected, difference.actual) == ("a", "b")
    assert plain.runs == 1 + CERTAIN_AFTER


def test_other_answer_in_one_run_of_three_is_a_difference() -> None:
    """A race of ours may be rare; its share is told."""
    plain, ours = Scripted("plain", repeat("a")), Scripted("direct", cycle("baa"))
    difference = Comparison(plain, [ours]).difference(PROGRAM)
    assert difference is not None
    assert not difference.is_certain
    assert difference.share == pytest.approx(1 / 3, abs=0.01)
    assert "(in 33% of its runs)" in str(difference)
    assert plain.runs == 1 + MOST_RUNS


@pytest.mark.parametrize("answers", ["aab", "aabaaaaaaaa"])
def test_race_of_plain_selenium_itself_is_no_difference(answers: str) -> None:
    """It is counted as unsteady."""
    comparison = Comparison(Scripted("plain", cycle(answers)), [Scripted("direct", cycle("baa"))])
    assert comparison.difference(PROGRAM) is None
    assert (comparison.unsteady, comparison.unrepeated) == (1, 0)


def test_one_slip_of_plain_selenium_does_not_hide_a_difference() -> None:
    """The other side differs far more often."""
    plain = Scripted("plain", chain("a" * 9, "b", repeat("a")))
    difference = Comparison(plain, [Scripted("direct", repeat("b"))]).difference(PROGRAM)
    assert difference is not None
    assert difference.share == 1


def test_difference_that_is_never_seen_again_is_counted_apart() -> None:
    """Nobody could look into it."""
    comparison = Comparison(Scripted("plain", repeat("a")), [Scripted("direct", chain("b", repeat("a")))])
    assert comparison.difference(PROGRAM) is None
    assert (comparison.unsteady, comparison.unrepeated) == (0, 1)


def test_rare_difference_does_not_fail_a_test() -> None:
    """A frequent one does."""
    for answers, fails in (("baaa", False), ("bba", True)):
        comparison = Comparison(Scripted("plain", repeat("a")), [Scripted("direct", cycle(answers))])
        if fails:
            with pytest.raises(AssertionError, match="direct: "):
                comparison.assert_alike(PROGRAM)
        else:
            comparison.assert_alike(PROGRAM)
