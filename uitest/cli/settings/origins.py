"""Finds where a value comes from, so that error messages can name it: option, variable or configuration file."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from click.core import ParameterSource

from uitest.config_file import FileSettings
from uitest.errors import UitestError, UsageError

FILE_SETTINGS = "uitest.file_settings"
"""The key under which click's context has the settings of the configuration file."""


@contextmanager
def naming(parameter: str, otherwise: str | None = None) -> Iterator[None]:
    """Add where the parameter's value comes from to a UsageError raised in the block, unless the message names it.

    ``otherwise`` is the variable that the caller reads when the parameter is not given. The error stays unchanged where
    the value is the default.
    """
    try:
        yield
    except UsageError as exc:
        context = click.get_current_context()
        source = origin_of(context, parameter)
        if source is None and otherwise:
            source = other_origin(context, parameter, otherwise)
        given = source or _option(context, parameter)
        if given and (source or given not in str(exc)):
            raise type(exc)(f"{exc} (the value is from {given})") from exc
        raise


@contextmanager
def naming_options() -> Iterator[None]:
    """Add to an error raised in the block where the values of the options that it names come from.

    An option of the command line is not explained, and neither is a message that tells the source already.
    """
    try:
        yield
    except UitestError as exc:
        context = click.get_current_context()
        named = [
            param
            for param in context.command.params
            if isinstance(param, click.Option) and re.search(rf"{param.opts[0]}\b(?!-)", str(exc))
        ]
        sources = [f"{param.opts[0]} is from {source}" for param in named if (source := origin_of(context, param.name))]
        if sources and " is from " not in str(exc):
            exc.args = (f"{exc} ({'; '.join(sources)})",)
        raise


def file_settings(context: click.Context) -> FileSettings | None:
    """The settings of the configuration file that the command has read; None without one."""
    settings: FileSettings | None = context.meta.get(FILE_SETTINGS)
    return settings


def project_folder(context: click.Context) -> Path:
    """The folder of the configuration file, relative to the working directory, which it is without a file."""
    settings = file_settings(context)
    return Path(os.path.relpath(settings.path.parent)) if settings is not None else Path()


def origin_of(context: click.Context, parameter: str | None) -> str | None:
    """The variable, or the place in the configuration file, that a parameter's value comes from; None for others."""
    source = context.get_parameter_source(parameter or "")
    if source is ParameterSource.ENVIRONMENT:
        variable = next((option.envvar for option in context.command.params if option.name == parameter), None)
        return f"the variable {_alias(context, variable)}" if isinstance(variable, str) else None
    settings = file_settings(context)
    if source is ParameterSource.DEFAULT_MAP and settings is not None:
        return settings.origins.get((parameter or "").replace("_", "-"))
    return None


def other_origin(context: click.Context, parameter: str, variable: str) -> str | None:
    """Where a value comes from that the command reads itself: the variable, or else the configuration file."""
    if os.environ.get(variable):
        return f"the variable {_alias(context, variable)}"
    settings = file_settings(context)
    return settings.origins.get(parameter) if settings is not None else None


def _option(context: click.Context, parameter: str) -> str | None:
    """The option of the command line that a parameter's value comes from, None if it comes from elsewhere."""
    if context.get_parameter_source(parameter) is not ParameterSource.COMMANDLINE:
        return None
    option = next((candidate for candidate in context.command.params if candidate.name == parameter), None)
    return option.opts[0] if isinstance(option, click.Option) else None


def _alias(context: click.Context, variable: str) -> str:
    """The variable of an existing CodeBuild project that was used in place of ``variable``, else ``variable``."""
    aliases: dict[str, str] = context.find_root().obj or {}
    return aliases.get(variable, variable)


def origin_of_problem(problem: click.ClickException) -> str | None:
    """Where the bad value of click's message comes from; None for others than variables and configuration file."""
    if isinstance(problem, click.BadParameter) and problem.ctx and problem.param:
        return origin_of(problem.ctx, problem.param.name)
    return None
