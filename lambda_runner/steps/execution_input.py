"""Parses a state machine's input, which has the options of ``uitest run`` by name.

The values are parsed by ``uitest run``'s own command, so that they have the same limits. An option that is missing has
the value of the function's ``UITEST_...`` variable, or of the configuration file of the repository in the image, in the
input's ``section``, or its default. Example:
``{"url": "https://...", "modules": ["checkout"], "browser": ["chrome", "firefox"], "max_failures": 10}``.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from lambda_runner.checkout import PROJECT
from uitest import config_file
from uitest.cli.checks.preflight import check_url
from uitest.cli.commands.run import run as command
from uitest.cli.settings.configuration import defaults
from uitest.cli.settings.options import split_names
from uitest.config import RunSettings, apply_aliases, check_executor
from uitest.errors import UsageError
from uitest.jobs.plan import check_browsers

FIXED = ("executor", "reporter", "state_machine", "function", "workers", "junit", "dry_run")
"""Options that do not apply here, or that the state machine decides."""

FACTS = ("commit", "branch", "section")
"""The version under test, and the section of the image's configuration file, in addition to the options."""


@dataclass(frozen=True)
class ExecutionInput:
    """The parsed input."""

    modules: tuple[str, ...]
    browsers: tuple[str, ...]
    url: str
    run_id: str | None
    store: str
    settings: RunSettings


def read(data: Mapping[str, Any], machine: str) -> ExecutionInput:
    """Parse an execution's input; ``machine`` is the ARN of its state machine. Raises UsageError."""
    options = {param.name: param for param in command.params if isinstance(param, click.Option)}
    argv: list[str] = []
    for name, value in data.items():
        if name in ("modules", *FACTS):
            continue
        option = options.get(name)
        if option is None or name in FIXED:
            allowed = sorted({*filter(None, options), "modules", *FACTS} - set(FIXED))
            raise UsageError(f"the execution's input has an unknown {name!r}; known are {', '.join(allowed)}")
        argv += _arguments(option, value)
    apply_aliases(os.environ)
    facts = {name: _text(name, data[name]) for name in FACTS if data.get(name) not in (None, "")}
    try:
        values = dict(command.make_context("uitest run", argv, default_map=_defaults(facts.get("section"))).params)
    except click.ClickException as exc:
        raise UsageError(f"the execution's input cannot be used: {exc.format_message()}") from exc
    modules = data.get("modules", os.environ.get("UITEST_MODULES", ""))
    request = {name: values.pop(name) for name in ("modules", "url", "browser", "store", "run_id", "dry_run")}
    values["mask"] = ",".join(split_names(values["mask"])) or None
    values |= {"executor": "stepfunctions", "state_machine": machine, "junit": None, "reporter": None, **facts}
    settings = RunSettings(**values)
    check_executor(settings, request["store"])
    return ExecutionInput(
        modules=split_names(tuple(_texts("modules", modules))),
        browsers=check_browsers(split_names(request["browser"])),
        url=check_url(request["url"]),
        run_id=request["run_id"],
        store=request["store"],
        settings=settings,
    )


def _defaults(section: str | None) -> dict[str, Any]:
    """Default values from the configuration file of the repository in the image. Raises UsageError.

    Without a repository there is no file; the section then counts only for the sessions that run cases.
    """
    project = os.environ.get(PROJECT)
    file = config_file.read(Path(project)) if project else None
    settings = config_file.choose(file, section) if file is not None else None
    values = defaults(command, settings.values) if settings is not None else {}
    return {name: value for name, value in values.items() if name not in FIXED}


def _arguments(option: click.Option, value: Any) -> Iterator[str]:
    """Command line arguments for an option, each with its value in one argument, so that no value can be an option."""
    name, long = str(option.name), option.opts[0]
    if option.is_flag:
        if not isinstance(value, bool):
            raise UsageError(f"{name!r} in the execution's input must be true or false, not {value!r}")
        if value:
            yield long
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield f"{long}={value}"
    elif value is not None:
        yield from (f"{long}={text}" for text in _texts(name, value))


def _texts(name: str, value: Any) -> list[str]:
    return [_text(name, item) for item in (value if isinstance(value, list) else [value])]


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise UsageError(f"{name!r} in the execution's input must be a text, not {value!r}")
    return value
