"""Search for differences: ``python -m tests.fuzz [--minutes M] [--seed N] [--browser chrome|firefox]``."""

import argparse
import sys
import time
from collections import Counter

from hypothesis import given, seed, settings

from tests.fuzz.comparison import Comparison
from tests.fuzz.engines import ENGINES
from tests.fuzz.program import Program, programs, sampled

BATCH = 100
"""Programs of one search."""

EXAMPLES = 2
"""How many differences of a kind are shown."""

ALL_SIDES_EVERY = 4
"""One program in so many also runs on the side without direct commands, which does the least of its own."""

SHRINK_S = 60.0
"""Longest time that is spent on a shorter example."""


class Search:
    """Goes through programs until the time is over."""

    def __init__(self, comparison: Comparison, ends: float) -> None:
        self._comparison, self._ends = comparison, ends
        self.kinds: Counter[tuple[str, ...]] = Counter()
        """Kinds of differences, and how often each was met."""
        self._shown: set[str] = set()

    @property
    def is_over(self) -> bool:
        """Whether the time is."""
        return time.monotonic() > self._ends

    def batch(self, number: int) -> None:
        """Look at a number of programs, and print a short one for each new kind of difference."""

        @seed(number)
        @settings(sampled, max_examples=BATCH)
        @given(programs())
        def look(program: Program) -> None:
            if self.is_over:
                return
            difference = self._comparison.difference(program)
            if difference is None:
                return
            self.kinds[difference.kind] += 1
            if self.kinds[difference.kind] <= EXAMPLES:
                shown = str(self._comparison.shortened(difference, SHRINK_S))
                if shown not in self._shown:
                    print(f"\n# batch {number}\n{shown}", flush=True)
                self._shown.add(shown)

        look()


def main() -> int:
    """Search, print, and say whether nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="number of the first batch")
    parser.add_argument("--browser", choices=sorted(ENGINES), default="chrome")
    options = parser.parse_args()
    plain, others = ENGINES[options.browser]()
    comparison = Comparison(plain, others, ALL_SIDES_EVERY)
    began = time.monotonic()
    search = Search(comparison, began + options.minutes * 60)
    number = options.seed
    try:
        while not search.is_over:
            search.batch(number)
            number += 1
            print(f"{comparison.programs} programs in {time.monotonic() - began:.0f} s, up to batch {number}, "
                  f"{len(search.kinds)} kinds of differences in {search.kinds.total()} programs, "
                  f"{comparison.unsteady} unsteady, {comparison.unrepeated} not seen again", flush=True)  # fmt: skip
    finally:
        for side in (plain, *others):
            side.close()
    for kind, count in search.kinds.most_common():
        print(count, *kind, sep="\t")
    return 1 if search.kinds else 0


if __name__ == "__main__":
    sys.exit(main())
