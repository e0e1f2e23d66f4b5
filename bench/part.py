"""Input and result types of the parts of the benchmark."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Conditions:
    """What holds for all parts of one invocation."""

    url: str
    """The sample site."""
    slow_url: str
    """The same, every answer late."""
    binary: str
    """Chrome."""
    rounds: int
    repeats: int
    """Of the six flows, in a session."""
    workers: int
    cases: int
    """Of the long session."""
    tell: Callable[[str], None]
    """Takes a line on how it goes."""

    @property
    def parallel(self) -> tuple[str, str]:
        """pytest's words for the number of workers."""
        return "-n", str(self.workers)


@dataclass(frozen=True)
class Found:
    """The lines of a part's section, and its figures by their name in ``goals.GOALS``."""

    lines: Sequence[str]
    figures: Mapping[str, float] = field(default_factory=dict)
    whole: bool = True
    """Whether nothing of uitest's was missing."""
