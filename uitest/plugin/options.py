"""The values of the plugin's options: command line, variables, configuration file, in this order.

``option_table`` describes the options themselves, and why they yield to other plugins' options of the same name.
"""

import argparse
import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from uitest import config_file, config_keys
from uitest.browsers.settings import Settings
from uitest.compat import pytest_private
from uitest.errors import UsageError
from uitest.masking import address_secrets, secrets_of
from uitest.plugin.option_table import KEEP_MINUTES, OPTIONS, REMOTE, SCOPES, Option


def add_options(parser: pytest.Parser) -> None:
    """Add every option with its long name, and with its short name if that is free."""
    taken = _taken_names(parser)
    group = parser.getgroup("uitest", "UI cases in real browsers (uitest)")
    for option in OPTIONS:
        names = option.names(taken)
        group.addoption(*names, dest=option.dest, **{"default": None, **option.kwargs})
    if not pytest_private.has_ini(parser, "sensitive_url"):
        parser.addini("sensitive_url", "the same as --sensitive-url", default="")


def separate_option_values(config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Keep pytest from taking the values of our options for folders when it looks for conftest files.

    It does not know our options yet and would take the ``chrome`` of ``--browser chrome`` for a folder. With a folder
    given, it would load the conftest files of ``testpaths``, and the options they register, too late.
    """
    own, taken = argparse.ArgumentParser(add_help=False, allow_abbrev=False), _taken_names(parser)
    for option in OPTIONS:
        action = "store_true" if option.is_flag else "append"
        options = {"nargs": option.kwargs["nargs"]} if "nargs" in option.kwargs else {}
        own.add_argument(*option.names(taken), dest=option.dest, action=action, **options)
    with contextlib.suppress(SystemExit, argparse.ArgumentError):  # pytest itself reports the error later
        pytest_private.name_folders(config, parser, own.parse_known_args(args)[1])


def _taken_names(parser: pytest.Parser) -> set[str]:
    return pytest_private.option_names(parser, {name for option in OPTIONS for name in option.names(())})


def keep_minutes(config: pytest.Config) -> float:
    """How long browsers wait for the next session; 0 if none are kept."""
    return float(value(config, "keep-browser", 0.0))


def complete_flags(args: list[str]) -> None:
    """Give ``--keep-browser`` its default where it stands alone, since argparse would take the next word for it."""
    [option] = (option for option in OPTIONS if option.name == "keep-browser")
    for place, arg in enumerate(args):
        if arg == "--":
            break
        if arg in option.names(()):
            args[place] = f"{arg}={KEEP_MINUTES:g}"


def early_value(config: pytest.Config, args: Sequence[str], name: str) -> str | None:
    """What ``--uitest-NAME=`` says in these arguments, before our options are known to pytest; None without it.

    A worker of pytest-xdist has it from its controller instead.
    """
    prefix = f"--uitest-{name}="
    given = [arg.removeprefix(prefix) for arg in args if arg.startswith(prefix)]
    return given[-1] if given else getattr(config.option, f"uitest_{name}", None)


@dataclass(frozen=True)
class Setting:
    """A value with its source: a variable, or a place in the configuration file."""

    value: Any
    origin: str


FILE = pytest.StashKey[config_file.FileSettings | None]()
"""The settings of the configuration file, read once in a session."""


def value(config: pytest.Config, name: str, default: Any = None) -> Any:
    """An option's value: command line, else ``UITEST_<NAME>``, else the configuration file, else ``default``.

    Raises UsageError.
    """
    argument = _argument(config, name)
    if argument is not None:
        return argument
    setting = _setting(config, name)
    return setting.value if setting is not None else default


def _argument(config: pytest.Config, name: str) -> Any:
    """An option's value on the command line; None if it is not there."""
    return config.getoption("uitest_" + name.replace("-", "_"), default=None)


def _setting(config: pytest.Config, name: str) -> Setting | None:
    return setting_of(name, os.environ, _file(config) if name in config_keys.KEYS else None)


@contextlib.contextmanager
def naming(config: pytest.Config, name: str) -> Iterator[None]:
    """Add to a UsageError raised in the block where the option's value is from, unless from the command line."""
    try:
        yield
    except UsageError as exc:
        setting = _setting(config, name) if _argument(config, name) is None else None
        if setting is None:
            raise
        raise UsageError(f"{exc} (the value is from {setting.origin})") from exc


def _file(config: pytest.Config) -> config_file.FileSettings | None:
    """The settings of the configuration file. Raises UsageError."""
    if FILE not in config.stash:
        section = value(config, "section")
        settings = config_file.choose(config_file.read(Path(config.invocation_params.dir)), section)
        if settings is not None and config.getoption("uitest_assignment", default=None):
            settings = settings.limited_to(config_keys.PYTEST_KEYS)  # the run has decided about the others
        config.stash[FILE] = settings
    return config.stash[FILE]


def base_url(config: pytest.Config) -> str | None:
    """The address under test, where pytest-base-url has none: ``UITEST_URL``, else ``url`` of the file."""
    if os.environ.get("UITEST_URL"):
        return os.environ["UITEST_URL"]
    settings = _file(config)
    return settings.values.get("url") if settings is not None else None


def setting_of(name: str, environ: Mapping[str, str], settings: config_file.FileSettings | None) -> Setting | None:
    """What variable or file say of an option, converted to its type; None if neither does. Raises UsageError."""
    variable = "UITEST_" + name.replace("-", "_").upper()
    option = next(option for option in OPTIONS if option.name == name)
    text = environ.get(variable)
    if text:
        return Setting(_converted(option, text, f"{variable}={text!r}"), f"the variable {variable}")
    if settings is not None and name in settings.values:
        content, origin = settings.values[name], settings.origins[name]
        if isinstance(content, list) or (isinstance(content, bool) and option.is_flag):
            return Setting(content, origin)
        text = str(content).lower() if isinstance(content, bool) else str(content)
        return Setting(_converted(option, text, f"{content!r}, from {origin},"), origin)
    return None


def _converted(option: Option, text: str, what: str) -> Any:
    """A text as the option's type; ``what`` begins the message of the UsageError for one that cannot be."""
    try:
        if option.kwargs.get("action") == "append":
            return [text]
        if option.is_flag:
            return text.lower() not in ("0", "false", "no")
        converted = option.kwargs.get("type", str)(text)
    except (ValueError, argparse.ArgumentTypeError) as exc:
        raise UsageError(f"{what} is not valid for --{option.name}: {exc}") from exc
    if converted not in option.kwargs.get("choices", (converted,)):
        raise UsageError(f"{what} must be one of {', '.join(option.kwargs['choices'])}")
    return converted


def check(config: pytest.Config) -> None:
    """Raises UsageError for a wrong value of a variable or the configuration file, before any case starts."""
    for option in OPTIONS:
        value(config, option.name)


def browser_names(config: pytest.Config) -> list[str]:
    """The names given with --browser or --driver, in lower case. Raises UsageError if there are none."""
    texts = value(config, "browser", ["chrome"])
    names = [name.strip().lower() for text in texts for name in text.split(",") if name.strip()]
    if not names:
        raise UsageError("--browser is empty; name chrome, firefox or webkit, or leave the option out")
    return names


def driver_scope(config: pytest.Config) -> str:
    """The scope of ``driver``, one of ``SCOPES``."""
    return str(value(config, "driver-scope", SCOPES[0]))


def tracing(config: pytest.Config) -> str:
    """Which cases leave a trace, one of ``TRACE``."""
    return str(value(config, "trace", "off"))


def secrets(config: pytest.Config) -> tuple[str, ...]:
    """The values to mask in everything that is stored."""
    texts = value(config, "mask", [])
    secret_values = secrets_of(os.environ, [name.strip() for text in texts for name in text.split(",")])
    return (
        *secret_values,
        *address_secrets(config.getoption("base_url", None), value(config, "grid") or server(config)),
    )


def server(config: pytest.Config) -> str | None:
    """The server's address for --driver Remote, as in pytest-selenium; None without it."""
    if REMOTE not in browser_names(config):
        return None
    host = value(config, "selenium-host") or os.environ.get("SELENIUM_HOST") or "localhost"
    port = value(config, "selenium-port") or os.environ.get("SELENIUM_PORT") or 4444
    return f"{host if host.startswith('http') else f'http://{host}'}:{port}/wd/hub"


def settings(config: pytest.Config) -> Settings:
    """The browser settings of this session."""
    return Settings(
        headless="headed" if value(config, "headed") else value(config, "headless", "shell"),
        window_size=value(config, "window-size", Settings.window_size),
        locale=value(config, "locale"),
        grid=value(config, "grid") or server(config),
        direct=value(config, "commands", "direct") == "direct",
        insecure=bool(value(config, "insecure")),
    )
