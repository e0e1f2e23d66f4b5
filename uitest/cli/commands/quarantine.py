"""``uitest quarantine``: rows of the store that excuse known failures, and a check of all rows."""

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from uitest import log
from uitest.cli.runs.quarantine_rows import file_rows, rows_without_case, with_owners
from uitest.cli.settings.options import option, split_names, store_option
from uitest.cli.terminal.words import counted
from uitest.errors import UsageError
from uitest.model import JobRow, Module, Run
from uitest.quarantine import Quarantine, day_of
from uitest.reporting.site.quarantined import RELEASE_AFTER, passes_of
from uitest.storage.quarantine_file import FILE, parse_row
from uitest.storage.stores import is_new, open_store

LOGGER = logging.getLogger(__name__)

NEWEST_RUNS = 20
"""Runs in which passes are counted."""

cases_option = option("--cases", default="cases", show_default=True, metavar="DIR", help="Folder with the case files.")


@dataclass(frozen=True)
class Listed:
    """A row, and where it is."""

    row: Quarantine
    place: str
    """As ``quarantine.toml:4``, or ``store``."""
    has_case: bool = True

    @property
    def problem(self) -> str | None:
        """Why the row is not in order; None if it is."""
        if self.row.is_over(day_of(time.time())):
            return f"its last day was {self.row.until}; mend the case, or give a new day"
        if not self.has_case:
            return "no case has this id; correct it (uitest run --dry-run shows the ids), or remove the row"
        return None if self.row.owner else "nobody owns it; name an owner in the row, its module or CODEOWNERS"


@click.group()
def quarantine() -> None:
    """Excuse known failures until a day, and see which are excused."""


@quarantine.command()
@click.argument("case", required=False)
@click.option("--until", required=True, metavar="DATE", help="The last day, in UTC, such as 2026-12-31.")
@click.option("--error", metavar="TEXT", help="Only failures with this in the first line of their error.")
@click.option("--browser", multiple=True, metavar="NAME", help="Only in this browser; repeatable.")
@click.option("--owner", metavar="NAME", help="Who has it.  [default: as its module or CODEOWNERS says]")
@click.option("--reason", metavar="TEXT", help="Why it is known to fail.")
@click.option("--link", metavar="URL", help="Where it is followed.")
@cases_option
@store_option
def add(case: str | None, browser: tuple[str, ...], cases: str, store: str, **texts: str | None) -> None:
    """Write a row into the store: failures of CASE, or with --error those of any case, are excused until a day.

    A * in CASE or --error stands for any text. A row about the same case, error and browsers is replaced.
    """
    given: dict[str, Any] = {name: text for name, text in {"case": case, **texts}.items() if text is not None}
    row = parse_row({**given, **({"browser": split_names(browser)} if browser else {})})
    if row.is_over(day_of(time.time())):
        raise UsageError(f"--until is {row.until}, which is over")
    opened = open_store(store)
    try:
        modules = opened.modules()
        if rows_without_case([row], modules, cases):
            raise UsageError(f"no case {row.case!r} in {cases!r}; ids are as uitest run --dry-run shows them")
        (row,) = with_owners([row], modules, cases)
        if not row.owner:
            raise UsageError(f"nobody owns {row.subject}; say with --owner who has it")
        replaced = [quarantine for quarantine in opened.quarantine() if quarantine.id == row.id]
        opened.put_quarantine([row])
    finally:
        opened.close()
    click.echo(f"Quarantined {row.subject} {row.terms} (row {row.id})")
    for quarantine in replaced:
        click.echo(f"replaced row {quarantine.id} ({quarantine.terms})")


@quarantine.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@cases_option
@store_option
@click.pass_context
def list_(context: click.Context, as_json: bool, cases: str, store: str) -> None:
    """Show all rows, of the store and of quarantine.toml, and how often in a row their cases passed."""
    kept = _read(store, NEWEST_RUNS)
    listed, runs = _rows(context, kept, cases), kept.runs
    with log.suppress(LOGGER, "whether each row has a case is not known", UsageError):
        listed = _checked(listed, kept, cases)
    now = time.time()
    passes = [passes_of(entry.row, runs, now) for entry in listed]
    if as_json:
        click.echo(json.dumps([_json(*pair) for pair in zip(listed, passes, strict=True)], indent=2))
        return
    table = Table()
    for column in ("row", "what", "until", "owner, why", "now"):
        # Ids, places and dates stay whole; a date in the last column has ten characters.
        table.add_column(column, overflow="fold", no_wrap=column in ("row", "until"), min_width=10)
    for entry, number in zip(listed, passes, strict=True):
        row, why = entry.row, "\n".join(filter(None, [entry.row.owner or "nobody", entry.row.reason, entry.row.link]))
        where = escape(f"{row.id}\n{Path(entry.place).name}")
        table.add_row(where, escape(row.subject), row.until, escape(why), _now(entry, number))
    console = Console(emoji=False)
    if listed:
        console.print(table)
    console.print(f"{counted(len(listed), 'row')}", highlight=False)


@quarantine.command()
@click.argument("rows", nargs=-1, required=True, metavar="ROW...")
@store_option
@click.pass_context
def release(context: click.Context, rows: tuple[str, ...], store: str) -> None:
    """Delete rows of the store: ROW is the name that list shows, or a case, whose rows all go."""
    opened = open_store(store)
    try:
        known, written = opened.quarantine(), file_rows(context)
        going: dict[str, Quarantine] = {}
        for name in rows:
            chosen = [row for row in known if name in (row.id, row.case)]
            if not chosen and any(name in (row.id, row.case) for row in written.values()):
                raise UsageError(f"row {name!r} is in {FILE}; delete it there")
            if not chosen:
                raise UsageError(f"the store has no row {name!r}; see: uitest quarantine list")
            going |= {row.id: row for row in chosen}
        opened.delete_quarantine(going)
    finally:
        opened.close()
    for row in going.values():
        places = [place for place, quarantine in written.items() if quarantine.id == row.id]
        also = f"; {places[0]} still has a row about the same" if places else ""
        click.echo(f"Released {row.subject} (row {row.id} of the store){also}")


@quarantine.command()
@cases_option
@store_option
@click.pass_context
def check(context: click.Context, cases: str, store: str) -> int:
    """Fail (exit code 1) if a row, of the store or of quarantine.toml, is over, has no owner or matches no case."""
    kept = _read(store)
    listed = _checked(_rows(context, kept, cases), kept, cases)
    bad = [entry for entry in listed if entry.problem]
    for entry in bad:
        click.echo(f"{entry.place}: {entry.row.subject}: {entry.problem}")
    click.echo(f"{counted(len(listed), 'row')}, {len(bad)} to mend")
    return 1 if bad else 0


@dataclass(frozen=True)
class Stored:
    """What the store has."""

    rows: Sequence[Quarantine] = ()
    modules: Sequence[Module] = ()
    runs: Sequence[tuple[Run, Sequence[JobRow]]] = ()


def _read(store: str, newest: int = 0) -> Stored:
    """The rows, the modules and the newest runs of the store, which is not created if it does not exist yet."""
    if is_new(store):
        return Stored()
    opened = open_store(store)
    try:
        runs = [(run, opened.jobs(run.id)) for run in (opened.runs(newest) if newest else ())]
        return Stored(opened.quarantine(), opened.modules(), runs)
    finally:
        opened.close()


def _rows(context: click.Context, stored: Stored, cases: str) -> list[Listed]:
    """All rows with their owners, those of the file first."""
    written = file_rows(context)
    rows = with_owners([*written.values(), *stored.rows], stored.modules, cases)
    places = [*written, *("store" for _ in stored.rows)]
    return [Listed(row, place) for row, place in zip(rows, places, strict=True)]


def _checked(listed: Sequence[Listed], stored: Stored, cases: str) -> list[Listed]:
    """The rows, with whether each has a case. Raises UsageError if the cases cannot be collected."""
    without = rows_without_case([entry.row for entry in listed], stored.modules, cases)
    return [replace(entry, has_case=entry.row not in without) for entry in listed]


def _now(entry: Listed, passes: int | None) -> str:
    """What is to be said of a row now: it is over, nobody's, or may be released."""
    if entry.problem:
        return f"[red]{escape(entry.problem.partition(';')[0])}[/]"
    if passes is not None and passes >= RELEASE_AFTER:
        return f"[green]passed {passes} in a row, release it[/]"
    return "" if not passes else f"passed {passes} in a row"


def _json(entry: Listed, passes: int | None) -> dict[str, object]:
    is_over = entry.row.is_over(day_of(time.time()))
    where = {"source": "store" if entry.place == "store" else FILE, "place": entry.place, "has_case": entry.has_case}
    return {"row": entry.row.id, **where, **asdict(entry.row), "is_over": is_over, "passes": passes}
