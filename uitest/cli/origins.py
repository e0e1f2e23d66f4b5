"""Finds the option or environment variable that a value comes from, so that error messages can name it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
from click.core import ParameterSource

from uitest.errors import UsageError


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
        variable = variable_of(context, parameter) or (
            _alias(context, otherwise) if otherwise and os.environ.get(otherwise) else None
        )
        if variable:
            raise type(exc)(f"{exc} (the value is from the variable {variable})") from exc
        given = _option(context, parameter)
        if given and given not in str(exc):
            raise type(exc)(f"{exc} (the value is from {given})") from exc
        raise


def _option(context: click.Context, parameter: str) -> str | None:
    """The option of the command line that a parameter's value comes from, None if it comes from elsewhere."""
    if context.get_parameter_source(parameter) is not ParameterSource.COMMANDLINE:
        return None
    found = next((one for one in context.command.params if one.name == parameter), None)
    return found.opts[0] if isinstance(found, click.Option) else None


def variable_of(context: click.Context, parameter: str) -> str | None:
    """The variable that a parameter's value comes from, None if it comes from elsewhere."""
    if context.get_parameter_source(parameter) is not ParameterSource.ENVIRONMENT:
        return None
    variable = next((option.envvar for option in context.command.params if option.name == parameter), None)
    return _alias(context, variable) if isinstance(variable, str) else None


def _alias(context: click.Context, variable: str) -> str:
    """The variable of an existing CodeBuild project that was used in place of ``variable``, else ``variable``."""
    aliases: dict[str, str] = context.find_root().obj or {}
    return aliases.get(variable, variable)


def origin(problem: click.ClickException) -> str:
    """A sentence to add to click's message about a bad value: the variable that it comes from, else empty."""
    if isinstance(problem, click.BadParameter) and problem.ctx and problem.param and problem.param.name:
        variable = variable_of(problem.ctx, problem.param.name)
        if variable:
            return f"The value is from the variable {variable}."
    return ""
