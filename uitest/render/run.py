"""The view model of a run's page: failures first, then every case by browser."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from uitest.model import JobRow, Outcome, Run
from uitest.outcome import count, fold, history
from uitest.render.counts import Segment, Tile, bar, extra_tiles, tiles
from uitest.render.home import duration, fact
from uitest.render.links import safe_href, without_secret
from uitest.render.verdict import Headline, headline, is_live, is_stale, last_beat
from uitest.render.words import say

BAD = frozenset({Outcome.FAILED, Outcome.ERROR, Outcome.LOST})
LISTED = 200
"""Failures listed above the matrix; the matrix has them all."""
SLOWEST = 10
CHUNK = 200
"""Rows a table: browsers skip what is off screen, but only whole blocks."""
OPEN_UP_TO = 300
"""Jobs of a run up to which green modules are shown opened."""


@dataclass(frozen=True, slots=True)
class JobCell:
    """One job in a list or in the matrix."""

    module: str
    case: str
    browser: str
    outcome: Outcome
    href: str | None
    """None while there is nothing to tell beyond the outcome."""
    attempts: int
    duration: float | None
    error: str


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case of the matrix, a cell per browser of the run (None where it is not planned)."""

    case: str
    cells: tuple[JobCell | None, ...]
    outcomes: str
    """Words for the filter, a space between them."""


@dataclass(frozen=True, slots=True)
class ModulePart:
    """One module of the matrix."""

    name: str
    summary: str
    bar: tuple[Segment, ...]
    jobs: int
    bad: bool
    open: bool
    chunks: tuple[tuple[CaseLine, ...], ...]


@dataclass(frozen=True, slots=True)
class RunPage:
    """Everything a run's page shows."""

    id: str
    now: float
    state: str
    headline: Headline
    live: bool
    stale: bool
    beat_at: float
    started_at: float
    finished_at: float | None
    duration: float
    url: str
    link: str | None
    branch: str
    commit: str
    browsers: tuple[str, ...]
    tiles: tuple[Tile, ...]
    bar: tuple[Segment, ...]
    summary: str
    failures: tuple[JobCell, ...]
    more_failures: int
    flaky: tuple[JobCell, ...]
    more_flaky: int
    slowest: tuple[JobCell, ...]
    modules: tuple[ModulePart, ...]
    outcomes: tuple[str, ...]
    """Those that occur, for the filter."""


def has_page(row: JobRow) -> bool:
    """Whether a job has anything to show on a page of its own."""
    return row.attempt > 0 or bool(row.attempts)


def job_cell(row: JobRow, run: Run, now: float) -> JobCell:
    """One job as lists show it; the duration is that of its last finished attempt."""
    past = history(row, now)
    outcome = fold(row, run, now)
    return JobCell(
        module=row.job.module,
        case=row.job.case,
        browser=row.job.browser,
        outcome=outcome,
        href=f"{row.job.key}.html" if has_page(row) else None,
        attempts=row.attempt,
        duration=row.attempts[-1].duration_s if row.attempts else None,
        error=_first_line(next((a.error for a in reversed(past) if a.error), None) or ""),
    )


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[0][:400]


def run_page(run: Run, rows: Iterable[JobRow], now: float) -> RunPage:
    """The page for a header and all of its rows, in plan order."""
    cells = [job_cell(row, run, now) for row in rows]
    counts = count(cell.outcome for cell in cells)
    failures = [cell for cell in cells if cell.outcome in BAD]
    flaky = [cell for cell in cells if cell.outcome is Outcome.FLAKY]
    timed = [cell for cell in cells if cell.duration is not None]
    browsers = tuple(dict.fromkeys([*run.browsers, *(cell.browser for cell in cells)]))
    url = without_secret(run.url)
    return RunPage(
        id=run.id,
        now=now,
        state=run.state.value,
        headline=headline(run, counts, now),
        live=is_live(run, now),
        stale=is_stale(run, now),
        beat_at=last_beat(run),
        started_at=run.started_at,
        finished_at=run.finished_at,
        duration=duration(run, now),
        url=url,
        link=safe_href(url),
        branch=fact(run, "branch"),
        commit=fact(run, "commit"),
        browsers=browsers,
        tiles=tiles(run, counts) + extra_tiles(run, counts),
        bar=bar(counts, run.planned),
        summary=say(counts),
        failures=tuple(failures[:LISTED]),
        more_failures=max(len(failures) - LISTED, 0),
        flaky=tuple(flaky[:LISTED]),
        more_flaky=max(len(flaky) - LISTED, 0),
        slowest=tuple(sorted(timed, key=lambda cell: -(cell.duration or 0))[:SLOWEST]),
        modules=_modules(cells, browsers),
        outcomes=tuple(counts),
    )


def _modules(cells: Sequence[JobCell], browsers: Sequence[str]) -> tuple[ModulePart, ...]:
    by_module: dict[str, dict[str, dict[str, JobCell]]] = {}
    for cell in cells:
        by_module.setdefault(cell.module, {}).setdefault(cell.case, {})[cell.browser] = cell
    small = len(cells) <= OPEN_UP_TO
    return tuple(_module(name, cases, browsers, small) for name, cases in by_module.items())


def _module(name: str, cases: dict[str, dict[str, JobCell]], browsers: Sequence[str], small: bool) -> ModulePart:
    lines = [
        CaseLine(
            case,
            tuple(found.get(browser) for browser in browsers),
            " ".join(dict.fromkeys(cell.outcome.value for cell in found.values())),
        )
        for case, found in cases.items()
    ]
    counts = count(cell.outcome for found in cases.values() for cell in found.values())
    jobs = sum(counts.values())
    bad = any(counts.get(outcome) for outcome in BAD)
    return ModulePart(
        name=name,
        summary=say(counts),
        bar=bar(counts, jobs),
        jobs=jobs,
        bad=bad,
        # A thousand opened rows bury the one that failed; the list of failures is above anyway.
        open=small or (bad and jobs <= OPEN_UP_TO),
        chunks=tuple(tuple(lines[at : at + CHUNK]) for at in range(0, len(lines), CHUNK)),
    )
