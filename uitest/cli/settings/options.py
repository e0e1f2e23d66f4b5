"""Options and parameter types that several commands share."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from uitest.config import DEFAULT_STORE
from uitest.config_keys import CI_KEYS, IMAGE_KEYS
from uitest.errors import UnknownRun, UsageError
from uitest.jobs.plan import check_seconds
from uitest.model import Run
from uitest.storage.stores import Store

SHARED = (
    "store", "site", "cases", "url", "grid", "browser", "headless", "against", "base-site", *CI_KEYS, *IMAGE_KEYS,
)  # fmt: skip
"""Keys of the configuration file that every command reads that has the option."""

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def option(name: str, **more: Any) -> Decorator:
    """A click option that is also read from the variable ``UITEST_<NAME>``."""
    variable = "UITEST_" + name.split("/")[0].strip("-").replace("-", "_").upper()
    return click.option(name, envvar=variable, show_envvar=False, **more)


store_option = option(
    "--store",
    default=DEFAULT_STORE,
    show_default=True,
    metavar="SPEC",
    help="Where modules and runs live: sqlite:PATH or dynamodb:MODULE_TABLE,STATUS_TABLE.",
)


class Seconds(click.ParamType):  # type: ignore[type-arg]  # a class without parameters before click 8.4
    """The type of options that take seconds: above 0, or also 0 where ``zero`` allows it."""

    name = "seconds"

    def __init__(self, *, zero: bool = False) -> None:
        self._zero = zero

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Raises click's usage error for anything else, including nan and infinity."""
        try:
            return check_seconds(value, zero=self._zero)
        except UsageError as exc:
            self.fail(str(exc), param, ctx)


class Period(click.ParamType):  # type: ignore[type-arg]
    """The type of options that take a period, such as 90m, 24h or 7d; converted to seconds."""

    name = "period"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Raises click's usage error for anything else."""
        match = re.fullmatch(r"([0-9]{1,6})([mhd])", str(value))
        if match is None or not int(match[1]):
            self.fail(f"{value!r} is not a period; give minutes, hours or days, such as 90m, 24h or 7d", param, ctx)
        return int(match[1]) * {"m": 60.0, "h": 3600.0, "d": 86400.0}[match[2]]


def is_below_project(folder: str) -> bool:
    """Whether a relative path cannot lead out of the project's folder."""
    return not Path(folder).is_absolute() and ".." not in Path(folder).parts


def split_names(values: tuple[str, ...]) -> tuple[str, ...]:
    """Repeated and comma-separated names as one list without duplicates."""
    return tuple(dict.fromkeys(name.strip() for value in values for name in value.split(",") if name.strip()))


def chosen_run(store: Store, run_id: str | None) -> Run:
    """The run with this id, or the newest for None. Raises UnknownRun."""
    if run_id is not None:
        return store.run(run_id)
    newest = store.runs(limit=1)
    if not newest:
        raise UnknownRun("there are no runs yet; start one with: uitest run --url URL")
    return newest[0]
