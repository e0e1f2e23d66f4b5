"""Search for differences: ``python -m tests.fuzz [--minutes M] [--seed N] [--browser chrome|firefox]``."""

import argparse
import sys
import time
from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.comparison import Comparison, Difference
from tests.fuzz.engines import ENGINES
from tests.fuzz.program import Program, programs

BATCH = 100
"""Programs of one search."""

SHRINK_S = 120.0
"""Longest time that is spent on a shorter example."""


class Found(AssertionError):
    """A difference of a kind that was not known."""


class Search:
    """Goes through programs until the time is over."""

    def __init__(self, comparison: Comparison, ends: float) -> None:
        self._comparison, self._ends = comparison, ends
        self.programs = 0
        self.kinds: Counter[tuple[str, str, str, str]] = Counter()
        """Kinds of differences, and how often each was met."""

    def batch(self, number: int) -> Difference | None:
        """A difference of a new kind, with a short program, if there is one in a batch of programs."""
        shortest: Difference | None = None
        shrink_until = 0.0

        @seed(number)
        @settings(
            max_examples=BATCH, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck), report_multiple_bugs=False, print_blob=False,
        )  # fmt: skip
        @given(programs())
        def look(program: Program) -> None:
            nonlocal shortest, shrink_until
            now = time.monotonic()
            if now > (shrink_until if shortest else self._ends):
                return
            found = self._comparison.difference(program)
            self.programs += shortest is None
            if found is None or (found.kind in self.kinds and not shortest):
                if found is not None:
                    self.kinds[found.kind] += 1
                return
            if shortest is None:
                shrink_until = now + SHRINK_S
            elif found.kind != shortest.kind:
                return
            shortest = found
            raise Found

        try:
            look()
        except BaseException:  # Found, or hypothesis' Flaky once the time for shrinking is over
            if shortest is None:
                raise
        if shortest is not None:
            self.kinds[shortest.kind] += 1
        return shortest


def main() -> int:
    """Search, print, and say whether nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="number of the first batch")
    parser.add_argument("--browser", choices=sorted(ENGINES), default="chrome")
    asked = parser.parse_args()
    plain, others = ENGINES[asked.browser]()
    comparison = Comparison(plain, others)
    began = time.monotonic()
    search = Search(comparison, began + asked.minutes * 60)
    number = asked.seed
    try:
        while time.monotonic() < began + asked.minutes * 60:
            found = search.batch(number)
            if found is not None:
                print(f"\n# batch {number}\n{found}", flush=True)
            number += 1
            print(f"{search.programs} programs in {time.monotonic() - began:.0f} s, up to batch {number}, "
                  f"{len(search.kinds)} kinds of differences in {search.kinds.total()} programs, "
                  f"{comparison.unsteady} unsteady", flush=True)  # fmt: skip
    finally:
        for side in (plain, *others):
            side.close()
    for kind, count in search.kinds.most_common():
        print(count, *kind, sep="\t")
    return 1 if search.kinds else 0


if __name__ == "__main__":
    sys.exit(main())
