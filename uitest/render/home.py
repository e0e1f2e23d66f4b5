"""The view model of the home page: the latest run, all runs, the trend."""

from collections.abc import Iterable
from dataclasses import dataclass

from uitest.model import Run
from uitest.outcome import GREEN
from uitest.render.counts import Segment, Tile, bar, tiles
from uitest.render.links import run_folder, safe_href, without_secret
from uitest.render.verdict import ACTIVE, Headline, headline, is_live
from uitest.render.words import say

TREND_LENGTH = 40
_HEIGHT = 48.0


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in the table."""

    id: str
    href: str
    headline: Headline
    started_at: float
    duration: float
    active: bool
    tiles: tuple[Tile, ...]
    bar: tuple[Segment, ...]
    summary: str
    url: str
    link: str | None
    branch: str
    commit: str


@dataclass(frozen=True, slots=True)
class TrendBar:
    """One run in the trend: green below, the rest above, never thinner than the eye can see."""

    x: int
    good: float
    bad: float
    href: str
    title: str


@dataclass(frozen=True, slots=True)
class Home:
    """Everything the home page shows."""

    now: float
    live: bool
    lines: tuple[RunLine, ...]
    previous: RunLine | None
    """The newest run that is over, when the latest one is not."""
    trend: tuple[TrendBar, ...]
    green_runs: int
    height: float = _HEIGHT


def fact(run: Run, name: str) -> str:
    """``commit`` or ``branch`` as the run's settings have it, or nothing."""
    value = run.settings.get(name)
    return str(value) if value else ""


def duration(run: Run, now: float) -> float:
    """Seconds from start to finish; to now while it goes on, to the last beat when it died."""
    end = run.finished_at
    if end is None:
        end = now if is_live(run, now) else (run.beat_at or run.started_at)
    return max(end - run.started_at, 0.0)


def home_view(runs: Iterable[Run], now: float) -> Home:
    """The home page for these headers, newest first whatever order they come in."""
    ordered = sorted(runs, key=lambda run: run.started_at, reverse=True)
    lines = tuple(_line(run, now) for run in ordered)
    over = [run for run in ordered if run.state not in ACTIVE and run.planned]
    recent = over[:TREND_LENGTH][::-1]
    first_over = next((line for line in lines if not line.active), None)
    return Home(
        now=now,
        live=any(is_live(run, now) for run in ordered),
        lines=lines,
        previous=first_over if lines and lines[0].active else None,
        trend=tuple(_trend_bar(run, place, now) for place, run in enumerate(recent)),
        green_runs=sum(headline(run, run.counts, now).tone == "good" for run in recent),
    )


def _line(run: Run, now: float) -> RunLine:
    return RunLine(
        id=run.id,
        href=f"{run_folder(run.id)}/index.html",
        headline=headline(run, run.counts, now),
        started_at=run.started_at,
        duration=duration(run, now),
        active=run.state in ACTIVE,
        tiles=tiles(run, run.counts),
        bar=bar(run.counts, run.planned),
        summary=say(run.counts),
        url=without_secret(run.url),
        link=safe_href(without_secret(run.url)),
        branch=fact(run, "branch"),
        commit=fact(run, "commit"),
    )


def _trend_bar(run: Run, place: int, now: float) -> TrendBar:
    good = min(sum(run.counts.get(outcome, 0) for outcome in GREEN) / run.planned, 1.0)
    bad = max(round(_HEIGHT * (1 - good), 1), 4.0) if good < 1 else 0.0
    return TrendBar(
        x=place * 12,
        good=round(_HEIGHT - bad, 1),
        bad=bad,
        href=f"{run_folder(run.id)}/index.html",
        title=f"{run.id}: {headline(run, run.counts, now).word}, {100 * good:.1f} % green",
    )
