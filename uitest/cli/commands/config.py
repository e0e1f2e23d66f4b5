"""``uitest config``: shows the value of every setting and where it comes from."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from uitest.cli.commands import ci as ci_command
from uitest.cli.commands import image as image_command
from uitest.cli.commands import run as run_command
from uitest.cli.settings.configuration import configurable
from uitest.cli.settings.options import split_names
from uitest.cli.settings.origins import file_settings, origin_of, other_origin
from uitest.config_keys import CI_KEYS, IMAGE_KEYS, PYTEST_KEYS, RUN_KEYS, Kind
from uitest.masking import masked
from uitest.plugin.options import setting_of

DEFAULT = "default"


@dataclass(frozen=True)
class Row:
    """A setting with its value and source."""

    name: str
    value: Any
    origin: str


@click.command()
@click.option("--section", metavar="NAME", help="Use this section of the configuration file.  [env: UITEST_SECTION]")
@click.option("--json", "as_json", is_flag=True, help="Print the settings as JSON.")
def config(section: str | None, as_json: bool) -> None:
    """Show every setting, its value and where it comes from: a variable, the configuration file or the default."""
    arguments = ["--section", section] if section else []
    parent = click.get_current_context()
    with configurable(run_command.run).make_context("run", list(arguments), parent=parent) as context:
        settings = file_settings(context)
        rows = [*_run_rows(context), *_pytest_rows(context)]
    with configurable(ci_command.ci).make_context("ci", list(arguments), parent=parent) as context:
        rows += [_row(context, name, kind) for name, kind in CI_KEYS.items()]
    with configurable(image_command.image).make_context("image", list(arguments), parent=parent) as context:
        rows += [_row(context, name, kind) for name, kind in IMAGE_KEYS.items()]
    if as_json:
        document = {
            "file": str(settings.path) if settings is not None else None,
            "section": settings.section if settings is not None else None,
            "settings": {row.name: {"value": row.value, "from": row.origin} for row in rows},
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    table = Table("setting", "value", "from")
    for row in rows:
        style = "dim" if row.origin == DEFAULT else ""
        table.add_row(row.name, escape(_text(row.value)), escape(row.origin), style=style)
    console = Console(emoji=False)
    console.print(table)
    where = str(settings.path) if settings is not None else "none; uitest init writes one"
    console.print(f"Configuration file: {escape(where)}", highlight=False, soft_wrap=True)


def _run_rows(context: click.Context) -> Iterator[Row]:
    """The settings of ``uitest run``, in the order of its options."""
    for name, kind in RUN_KEYS.items():
        if name == "modules":
            origin = other_origin(context, name, "UITEST_MODULES")
            yield Row(name, _shown(kind, run_command.named_modules(context)), origin or DEFAULT)
        else:
            yield _row(context, name, kind)


def _row(context: click.Context, name: str, kind: Kind) -> Row:
    """A setting that is an option of the context's command."""
    parameter = name.replace("-", "_")
    return Row(name, _shown(kind, context.params[parameter]), origin_of(context, parameter) or DEFAULT)


def _pytest_rows(context: click.Context) -> Iterator[Row]:
    """The settings of the pytest plugin that ``uitest run`` does not have."""
    for name, kind in PYTEST_KEYS.items():
        setting = setting_of(name, os.environ, file_settings(context))
        yield (
            Row(name, _shown(kind, setting.value), setting.origin) if setting is not None else Row(name, None, DEFAULT)
        )


def _shown(kind: Kind, value: Any) -> Any:
    """A value as it stands in a file, without a password in an address."""
    if kind is Kind.TEXTS:
        return list(split_names(tuple(value)))
    if kind is Kind.COUNT and value == 0:
        return "auto"
    if isinstance(value, tuple):  # the size of a window
        return "x".join(map(str, value))
    return masked(value) if isinstance(value, str) else value


def _text(value: Any) -> str:
    if value is None or value == []:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
