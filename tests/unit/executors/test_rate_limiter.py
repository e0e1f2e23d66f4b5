"""A limit on how often something starts."""

import threading

from uitest.executors.aws.rate_limiter import RateLimiter


class Clock:
    """Stands still until somebody waits."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        """The time."""
        return self.now

    def wait(self, seconds: float) -> None:
        """Let it pass."""
        self.waits.append(round(seconds, 6))
        self.now += seconds


def test_turns_are_evenly_spread() -> None:
    """The first is due at once, the others a gap later each; a pause earns no burst."""
    clock = Clock()
    pace = RateLimiter(4, clock.wait, clock)
    for _ in range(3):
        pace.take_turn()
    clock.now += 10
    for _ in range(2):
        pace.take_turn()
    assert clock.waits == [0.25, 0.25, 0.25]


def test_threads_share_the_limit_without_blocking_each_other() -> None:
    """Each gets a turn of its own, without holding up the others while it waits."""
    waits: list[float] = []
    pace = RateLimiter(10, waits.append, lambda: 5.0)
    threads = [threading.Thread(target=pace.take_turn) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(round(seconds, 6) for seconds in waits) == [0.1, 0.2, 0.3, 0.4]


def test_nothing_waits_without_a_limit() -> None:
    """Nobody waits."""
    clock = Clock()
    for _ in range(3):
        RateLimiter(None, clock.wait, clock).take_turn()
    assert clock.waits == []
