"""Which environment variable a value comes from, so that a message about the value can say so."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from click.core import ParameterSource

from uitest.errors import UsageError


@contextmanager
def naming(parameter: str, otherwise: str | None = None) -> Iterator[None]:
    """Add the variable that the parameter's value comes from to a UsageError of the block.

    ``otherwise`` is a variable that is looked at where the parameter is not given. Raises the same UsageError where the
    value is from the command line or is the default.
    """
    try:
        yield
    except UsageError as exc:
        context = click.get_current_context()
        variable = variable_of(context, parameter) or (otherwise and _asked_name(context, otherwise))
        if variable:
            raise type(exc)(f"{exc} (the value is from the variable {variable})") from exc
        raise


def variable_of(context: click.Context, parameter: str) -> str | None:
    """The variable that a parameter's value comes from, None if it comes from elsewhere."""
    if context.get_parameter_source(parameter) is not ParameterSource.ENVIRONMENT:
        return None
    ours = next((one.envvar for one in context.command.params if one.name == parameter), None)
    return _asked_name(context, ours) if isinstance(ours, str) else None


def _asked_name(context: click.Context, ours: str) -> str:
    """The variable that stands for ours, where one of an existing CodeBuild project does."""
    aliases: dict[str, str] = context.find_root().obj or {}
    return aliases.get(ours, ours)


def origin(problem: click.ClickException) -> str:
    """What to add to click's own message about a value that cannot be read: the variable it is from, or nothing."""
    if isinstance(problem, click.BadParameter) and problem.ctx and problem.param and problem.param.name:
        variable = variable_of(problem.ctx, problem.param.name)
        if variable:
            return f"The value is from the variable {variable}."
    return ""
