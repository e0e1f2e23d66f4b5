"""Gives commands the values of the configuration file, below the command line and variables."""

import copy
import functools
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from uitest import config_file, config_keys
from uitest.cli.settings.options import SHARED
from uitest.cli.settings.origins import FILE_SETTINGS, naming, naming_options

LOGGER = logging.getLogger(__name__)


def configurable(command: click.Command) -> click.Command:
    """The command with the option ``--section`` if it has options that the file may set, and so its subcommands."""
    copied = copy.copy(command)
    if isinstance(copied, click.Group):
        copied.commands = {name: configurable(sub) for name, sub in copied.commands.items()}
        return copied
    if not _settable(command):
        return copied
    copied.params = [*command.params, SECTION]
    if command.callback is not None:
        copied.callback = _explained(command.callback)
    return copied


def _explained(callback: Callable[..., Any]) -> Callable[..., Any]:
    """The function of a command, whose errors say where the values of options that they name come from."""

    @functools.wraps(callback)
    def explained(*args: Any, **kwargs: Any) -> Any:
        with naming_options():
            return callback(*args, **kwargs)

    return explained


def _settable(command: click.Command) -> set[str]:
    """The keys of the file that a command reads.

    Of other commands than ``run`` only those that mean the same there: ``--timeout`` of ``local-aws`` does not.
    """
    own = {
        param.name.replace("_", "-")
        for param in command.params
        if isinstance(param, click.Option) and param.envvar and param.name
    }
    return own.intersection(config_keys.RUN_KEYS if command.name == "run" else SHARED)


def defaults(command: click.Command, values: Mapping[str, Any]) -> dict[str, Any]:
    """Default values of a command's options, by parameter name, from a file's ``values`` by key."""
    keys = _settable(command)
    return {name.replace("-", "_"): value for name, value in values.items() if name in keys}


def _read(context: click.Context, _param: click.Parameter, section: str | None) -> None:
    """Read the file before the command's other options get their values."""
    file = config_file.read(Path.cwd())
    with naming("section"):
        settings = config_file.choose(file, section)
    if section:
        os.environ[config_file.SECTION] = section  # for the processes that this one starts
    if settings is None:
        return
    LOGGER.info("settings are read from %s%s", settings.path, f", section {section}" if section else "")
    context.meta[FILE_SETTINGS] = settings
    with_default = {param.name for param in context.command.params if isinstance(param.default, str)}
    paths = {name: path for name, path in settings.default_paths.items() if name in with_default}
    context.default_map = defaults(context.command, {**paths, **settings.values})


SECTION = click.Option(
    ["--section"],
    envvar=config_file.SECTION,
    metavar="NAME",
    is_eager=True,
    expose_value=False,
    callback=_read,
    help="Use this section of the configuration file.",
)
