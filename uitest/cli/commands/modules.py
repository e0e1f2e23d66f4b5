"""``uitest modules``: fills and shows the module table, which lists the cases of each module."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from uitest.cli.settings.options import option, store_option
from uitest.cli.terminal.words import counted
from uitest.errors import UnknownModule, UsageError
from uitest.model import Module
from uitest.plugin.collection.case_discovery import collect_cases, modules_of
from uitest.storage.modules_file import read_modules
from uitest.storage.stores import open_store


@click.group()
def modules() -> None:
    """Fill and show the module table."""


@modules.command()
@click.argument("file")
@store_option
def load(file: str, store: str) -> None:
    """Write the modules of FILE into the table, each replacing the one of its name."""
    modules = read_modules(file)
    _put(modules, store)
    click.echo(f"Loaded {_size(modules)} from {file}")


@modules.command(name="import")
@click.argument("table")
@store_option
def import_(table: str, store: str) -> None:
    """Write the modules of another DynamoDB table into the table, each replacing the one of its name."""
    from uitest.storage.stores import tables
    from uitest.storage.stores.dynamodb import modules_in

    modules = modules_in(tables.Table(table, tables.MODULE_KEYS))
    if not modules:
        raise UsageError(f"DynamoDB table {table!r} has no modules; check the table's name and the region")
    _put(modules, store)
    click.echo(f"Imported {_size(modules)} from {table}")


@modules.command(name="list")
@store_option
def list_(store: str) -> None:
    """Show all modules."""
    opened = open_store(store)
    try:
        modules = opened.modules()
    finally:
        opened.close()
    if not modules:
        click.echo(
            "The module table is empty, so that uitest run runs every case; fill it with: uitest modules load FILE, "
            "or uitest modules sync --discover"
        )
        return
    table = Table("module", "cases", "browsers", "timeout", "tags")
    for module in modules:
        timeout = "" if module.timeout is None else f"{module.timeout:g} s"
        table.add_row(
            escape(module.name), str(len(module.cases)), ", ".join(module.browsers) or "all", timeout,
            escape(", ".join(module.tags)),
        )  # fmt: skip
    Console(emoji=False).print(table)


@modules.command()
@click.argument("name")
@store_option
def show(name: str, store: str) -> None:
    """Show the cases of one module."""
    opened = open_store(store)
    try:
        modules = {module.name: module for module in opened.modules()}
    finally:
        opened.close()
    if name not in modules:
        raise UnknownModule(f"unknown module {name!r}; known are {', '.join(map(repr, modules)) or 'none'}")
    for case in modules[name].cases:
        click.echo(case)


@modules.command()
@click.argument("file", required=False)
@option("--cases", default="cases", show_default=True, metavar="DIR", help="Folder with the case files.")
@click.option("--discover", is_flag=True, help="Take a module for each case file, and for each name of a mark module.")
@store_option
def sync(file: str | None, cases: str, discover: bool, store: str) -> None:
    """Make the table equal to FILE (default: modules.json beside the cases), checking that every case exists.

    Modules that FILE does not name are removed. Nothing is written if a case is missing.
    """
    if discover:
        if file:
            raise UsageError(f"the modules come either from {file!r} or from --discover; leave out one of them")
        collection = collect_cases(cases)
        collection.check_complete()
        wanted = modules_of(collection, cases)
        unused: list[str] = []
        source = f"as discovered in {cases}"
    else:
        path = file or str(Path(cases) / "modules.json")
        wanted, unused = _listed(path, cases)
        source = f"as in {path}"
    opened = open_store(store)
    try:
        stale = sorted({module.name for module in opened.modules()} - {module.name for module in wanted})
        opened.put_modules(wanted)
        opened.delete_modules(stale)
    finally:
        opened.close()
    noun = "module is" if len(wanted) == 1 else "modules are"
    click.echo(f"{len(wanted)} {noun} {source}; removed {len(stale)}")
    if unused:
        click.echo(f"In no module: {', '.join(unused)}")


def _listed(path: str, cases: str) -> tuple[list[Module], list[str]]:
    """The modules of a file, and the cases that none of them has. Raises UsageError for cases that do not exist."""
    listed = read_modules(path)
    known = collect_cases(cases)
    known.check_complete()
    missing = [f"{case!r} (module {module.name!r})" for module in listed for case in known.missing(module.cases)]
    if missing:
        raise UsageError(f"{path} names cases that {cases!r} does not have: {', '.join(missing)}")
    return listed, known.unused(case for module in listed for case in module.cases)


def _put(modules: Sequence[Module], store: str) -> None:
    opened = open_store(store)
    try:
        opened.put_modules(modules)
    finally:
        opened.close()


def _size(modules: Sequence[Module]) -> str:
    return f"{counted(len(modules), 'module')} with {counted(sum(len(module.cases) for module in modules), 'case')}"
