"""The sides of each engine: plain Selenium first."""

from collections.abc import Callable, Mapping, Sequence

from tests.fuzz.sides import Ours, PlainChrome, Side


def _chrome() -> tuple[Side, Sequence[Side]]:
    ours = [Side("direct", Ours("chrome", direct=True)), Side("driver", Ours("chrome", direct=False))]
    return Side("plain", PlainChrome()), ours


ENGINES: Mapping[str, Callable[[], tuple[Side, Sequence[Side]]]] = {"chrome": _chrome}
