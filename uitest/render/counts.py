"""Numbers of outcomes as tiles and as a bar."""

from collections.abc import Mapping
from dataclasses import dataclass

from uitest.model import Outcome, Run
from uitest.render.verdict import missing
from uitest.render.words import label

_SHOWN = (
    Outcome.PASSED,
    Outcome.FLAKY,
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.LOST,
    Outcome.SKIPPED,
    Outcome.CANCELLED,
    Outcome.NOT_STARTED,
)
_BAR = (
    Outcome.PASSED,
    Outcome.FLAKY,
    Outcome.SKIPPED,
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.LOST,
    Outcome.CANCELLED,
    Outcome.RUNNING,
    Outcome.NOT_STARTED,
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One number with its word."""

    kind: str
    word: str
    number: int


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of a bar that is 100 wide."""

    kind: str
    start: float
    width: float


def tiles(run: Run, counts: Mapping[str, int]) -> tuple[Tile, ...]:
    """What was planned and what became of it; the same tiles for every run, so that columns line up."""
    return (
        Tile("planned", "planned", run.planned),
        *(Tile(outcome.value, label(outcome), counts.get(outcome, 0)) for outcome in _SHOWN),
    )


def extra_tiles(run: Run, counts: Mapping[str, int]) -> tuple[Tile, ...]:
    """Numbers that only some runs have: jobs under way, and planned jobs without a row."""
    found = (
        Tile("running", "running", counts.get(Outcome.RUNNING, 0)),
        Tile("lost", "missing", missing(run, counts)),
    )
    return tuple(tile for tile in found if tile.number)


def bar(counts: Mapping[str, int], total: int) -> tuple[Segment, ...]:
    """The outcomes as shares of ``total``; a few bad ones among thousands stay visible."""
    total = max(total, sum(counts.values()), 1)
    widths = {o: max(100 * counts[o] / total, 0.8) for o in _BAR if counts.get(o)}
    scale = min(1.0, 100 / sum(widths.values())) if widths else 1.0
    segments, start = [], 0.0
    for outcome, width in widths.items():
        segments.append(Segment(outcome.value, round(start, 3), round(width * scale, 3)))
        start += width * scale
    return tuple(segments)
