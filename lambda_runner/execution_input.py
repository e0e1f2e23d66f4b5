"""A run as an execution's input asks for it: the options of ``uitest run`` by name, read by ``uitest run`` itself.

So an input has the same defaults, limits and ``UITEST_...`` variables (the function's, here), and nothing is said
twice: ``{"url": "https://...", "modules": ["checkout"], "browser": ["chrome", "firefox"], "max_failures": 10}``. Given
up: a schema that a console could show.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import click

from uitest.cli.options import split_names
from uitest.cli.preflight import check_url
from uitest.cli.run import run as command
from uitest.config import RunSettings, apply_aliases, check_executor
from uitest.errors import UsageError
from uitest.jobs.plan import check_browsers

FIXED = ("executor", "state_machine", "function", "workers", "junit", "dry_run")
"""Options that mean nothing here, or that the state machine itself decides."""

SOURCE = ("commit", "branch")
"""What a pipeline knows of the version under test, beside the options."""


@dataclass(frozen=True)
class ExecutionInput:
    """What is asked for."""

    modules: tuple[str, ...]
    browsers: tuple[str, ...]
    url: str
    run_id: str | None
    store: str
    settings: RunSettings


def read(given: Mapping[str, Any], machine: str) -> ExecutionInput:
    """The order in an execution's input; ``machine`` is the ARN of its state machine. Raises UsageError."""
    options = {param.name: param for param in command.params if isinstance(param, click.Option)}
    words: list[str] = []
    for name, value in given.items():
        if name in ("modules", *SOURCE):
            continue
        option = options.get(name)
        if option is None or name in FIXED:
            known = sorted({*filter(None, options), "modules", *SOURCE} - set(FIXED))
            raise UsageError(f"the execution's input says {name!r}; it can say {', '.join(known)}")
        words += _words(option, value)
    apply_aliases(os.environ)
    try:
        asked = dict(command.make_context("uitest run", words).params)
    except click.ClickException as exc:
        raise UsageError(f"the execution's input cannot be used: {exc.format_message()}") from exc
    modules = given.get("modules", os.environ.get("UITEST_MODULES", ""))
    source = {name: _text(name, given[name]) for name in SOURCE if given.get(name) is not None}
    order = {name: asked.pop(name) for name in ("modules", "url", "browser", "store", "run_id", "dry_run")}
    asked["mask"] = ",".join(split_names(asked["mask"])) or None
    asked |= {"executor": "stepfunctions", "state_machine": machine, "junit": None, **source}
    settings = RunSettings(**asked)
    check_executor(settings, order["store"])
    return ExecutionInput(
        modules=split_names(tuple(_texts("modules", modules))),
        browsers=check_browsers(split_names(order["browser"])),
        url=check_url(order["url"]),
        run_id=order["run_id"],
        store=order["store"],
        settings=settings,
    )


def _words(option: click.Option, value: Any) -> Iterator[str]:
    """An option of the command line, each time one word: no value can become another option."""
    name, long = str(option.name), option.opts[0]
    if option.is_flag:
        if not isinstance(value, bool):
            raise UsageError(f"the execution's input must say {name!r} as true or false, not {value!r}")
        if value:
            yield long
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield f"{long}={value}"
    elif value is not None:
        yield from (f"{long}={text}" for text in _texts(name, value))


def _texts(name: str, value: Any) -> list[str]:
    return [_text(name, one) for one in (value if isinstance(value, list) else [value])]


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise UsageError(f"the execution's input must say {name!r} as text, not {value!r}")
    return value
