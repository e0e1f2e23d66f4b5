"""The sides of each engine: plain Selenium first."""

from collections.abc import Callable, Mapping, Sequence

from tests.fuzz.plain import PlainChrome, PlainFirefox
from tests.fuzz.sides import Ours, Side


def _chrome() -> tuple[Side, Sequence[Side]]:
    ours = [Side("direct", Ours("chrome", direct=True)), Side("driver", Ours("chrome", direct=False))]
    return Side("plain", PlainChrome()), ours


def _firefox() -> tuple[Side, Sequence[Side]]:
    return Side("plain", PlainFirefox()), [Side("context", Ours("firefox", direct=True))]


ENGINES: Mapping[str, Callable[[], tuple[Side, Sequence[Side]]]] = {"chrome": _chrome, "firefox": _firefox}
