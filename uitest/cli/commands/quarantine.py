"""``uitest quarantine``: rows of the store that excuse known failures, and a check of all rows."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from uitest.cli.runs.quarantine_rows import file_rows, with_owners
from uitest.cli.settings.options import option, split_names, store_option
from uitest.cli.terminal.words import counted
from uitest.errors import UsageError
from uitest.model import Module
from uitest.plugin.collection.case_discovery import collect_cases
from uitest.quarantine import Quarantine, day_of
from uitest.reporting.site.quarantined import RELEASE_AFTER, passes_of
from uitest.storage.quarantine_file import FILE, parse_row
from uitest.storage.stores import Store, open_store

NEWEST_RUNS = 20
"""Runs in which passes are counted."""

cases_option = option("--cases", default="cases", show_default=True, metavar="DIR", help="Folder with the case files.")


@dataclass(frozen=True)
class Listed:
    """A row, and where it is."""

    row: Quarantine
    source: str

    @property
    def problem(self) -> str | None:
        """Why the row is not in order; None if it is."""
        if self.row.is_over(day_of(time.time())):
            return f"its last day was {self.row.until}; mend the case, or give a new day"
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
    row = parse_row({**given, "browser": split_names(browser)})
    if row.is_over(day_of(time.time())):
        raise UsageError(f"--until is {row.until}, which is over")
    opened = open_store(store)
    try:
        modules = opened.modules()
        _check_case(row, modules, cases)
        (row,) = with_owners([row], modules, cases)
        if not row.owner:
            raise UsageError(f"nobody owns {row.subject}; say with --owner who has it")
        opened.put_quarantine([row])
    finally:
        opened.close()
    click.echo(f"Quarantined {row.subject} {row.terms} (row {row.id})")


@quarantine.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@cases_option
@store_option
@click.pass_context
def list_(context: click.Context, as_json: bool, cases: str, store: str) -> None:
    """Show all rows, of the store and of quarantine.toml, and how often in a row their cases passed."""
    opened = open_store(store)
    try:
        listed = _listed(context, opened, cases)
        runs = [(run, opened.jobs(run.id)) for run in opened.runs(NEWEST_RUNS)] if listed else []
    finally:
        opened.close()
    now = time.time()
    passes = [passes_of(one.row, runs, now) for one in listed]
    if as_json:
        click.echo(json.dumps([_json(*pair) for pair in zip(listed, passes, strict=True)], indent=2))
        return
    table = Table()
    for column in ("row", "what", "until", "owner", "why", "where", "now"):
        table.add_column(column, overflow="fold")
    for one, number in zip(listed, passes, strict=True):
        row, why = one.row, "\n".join(filter(None, [one.row.reason, one.row.link]))
        table.add_row(
            row.id,
            escape(row.subject),
            row.until,
            escape(row.owner or "nobody"),
            escape(why),
            one.source,
            _now(one, number),
        )
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
        known = opened.quarantine()
        going: dict[str, Quarantine] = {}
        for name in rows:
            chosen = [row for row in known if name in (row.id, row.case)]
            if not chosen and any(name in (row.id, row.case) for row in file_rows(context)):
                raise UsageError(f"row {name!r} is in {FILE}; delete it there")
            if not chosen:
                raise UsageError(f"the store has no row {name!r}; see: uitest quarantine list")
            going |= {row.id: row for row in chosen}
        opened.delete_quarantine(going)
    finally:
        opened.close()
    for row in going.values():
        click.echo(f"Released {row.subject}")


@quarantine.command()
@cases_option
@store_option
@click.pass_context
def check(context: click.Context, cases: str, store: str) -> int:
    """Fail (exit code 1) if a row, of the store or of quarantine.toml, is over or has no owner."""
    opened = open_store(store)
    try:
        listed = _listed(context, opened, cases)
    finally:
        opened.close()
    bad = [one for one in listed if one.problem]
    for one in bad:
        click.echo(f"{one.source}: {one.row.subject}: {one.problem}")
    click.echo(f"{counted(len(listed), 'row')}, {len(bad)} to mend")
    return 1 if bad else 0


def _check_case(row: Quarantine, modules: Sequence[Module], cases: str) -> None:
    """Raises UsageError for a case that neither a module nor the folder has."""
    listed = any(row.names(case) for module in modules for case in module.cases)
    if row.case and not listed and not any(map(row.names, collect_cases(cases).accepted)):
        raise UsageError(f"no case {row.case!r} in {cases!r}; ids are as uitest run --dry-run shows them")


def _listed(context: click.Context, store: Store, cases: str) -> list[Listed]:
    """All rows with their owners, those of the file first."""
    written, stored = file_rows(context), store.quarantine()
    rows = with_owners([*written, *stored], store.modules(), cases)
    return [Listed(row, FILE if place < len(written) else "store") for place, row in enumerate(rows)]


def _now(one: Listed, passes: int | None) -> str:
    """What is to be said of a row now: it is over, nobody's, or may be released."""
    if one.problem:
        return f"[red]{escape(one.problem.partition(';')[0])}[/]"
    if passes is not None and passes >= RELEASE_AFTER:
        return f"[green]passed {passes} in a row, release it[/]"
    return "" if not passes else f"passed {passes} in a row"


def _json(one: Listed, passes: int | None) -> dict[str, object]:
    is_over = one.row.is_over(day_of(time.time()))
    return {"row": one.row.id, "source": one.source, **asdict(one.row), "is_over": is_over, "passes": passes}
