"""The ``uitest`` command: dispatches to subcommands and turns errors into messages and exit codes.

Every subcommand is a function in a module of ``uitest.cli.commands``, imported only when it is called, so that a
command that reads the store does not wait for templates and web servers. A user's mistake ends with one line on
standard error and the exit code of its error class; a traceback means a defect of uitest.
"""

import copy
import difflib
import logging
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

import click

from uitest import distribution, log, requirements
from uitest.cli.settings.configuration import configurable
from uitest.cli.settings.origins import origin_of_problem
from uitest.cli.terminal.lines import silence, tell
from uitest.config import apply_aliases
from uitest.errors import UitestError, UsageError
from uitest.jobs.outcome import EXIT_BROKEN, EXIT_INTERRUPTED

LOGGER = logging.getLogger(__name__)

COMMANDS = {
    "init": "init",
    "run": "run",
    "status": "status",
    "errors": "trends",
    "flaky": "trends",
    "rerun": "rerun",
    "resume": "rerun",
    "cancel": "rerun",
    "modules": "modules",
    "quarantine": "quarantine",
    "report": "pages",
    "serve": "pages",
    "prune": "pages",
    "config": "config",
    "ci": "ci",
    "watch": "watch",
    "browsers": "browsers",
    "install": "install",
    "doctor": "doctor",
    "local-aws": "local_aws",
    "deploy": "deploy",
    "destroy": "deploy",
    "image": "image",
}
"""Commands in the order of ``--help``, each with its module."""

NEED_BROWSERS = ("browsers", "watch", "run", "rerun", "resume", "doctor")
"""Commands that need a supported version of Selenium; ``ci`` has them check it, and says last what that means."""
NEED_LINUX = ("browsers", "watch", "ci", "install", "local-aws")
"""Commands that need Linux whatever their options are; those that run cases need it for browsers of this machine."""
NEED_CASES = ("init", "run", "rerun", "resume", "modules", "quarantine")
"""Commands for which Python imports the project's cases, with the working directory on its path."""


VERBOSITY = "uitest.verbosity"
"""The key under which click's context counts the ``-v``."""


def _log(context: click.Context, _param: click.Parameter, given: int) -> None:
    """Start the log as soon as ``-v`` is read; before and after a command's name it counts together."""
    verbosity = context.meta.get(VERBOSITY, 0) + given
    context.meta[VERBOSITY] = verbosity
    log.start(log.LogSettings.from_environ(os.environ, verbosity))


VERBOSE = click.Option(
    ["-v", "--verbose"],
    count=True,
    is_eager=True,
    expose_value=False,
    callback=_log,
    help="Log to standard error what is done; -vv: in detail, with tracebacks.",
)


def _verbose(command: click.Command) -> click.Command:
    """The command with the option ``-v``, and so its subcommands."""
    copied = copy.copy(command)
    copied.params = [*command.params, VERBOSE]
    if isinstance(copied, click.Group):
        copied.commands = {name: _verbose(sub) for name, sub in copied.commands.items()}
    return copied


class Commands(click.Group):
    """A group that imports a subcommand when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in the order of ``COMMANDS``."""
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name. Raises click's usage error, with the name that is most like it."""
        similar = difflib.get_close_matches(args[0], COMMANDS, n=1, cutoff=0.5)
        if args[0] not in COMMANDS and similar and not args[0].startswith("-"):
            ctx.fail(f"No such command {args[0]!r}. Did you mean {similar[0]!r}?")
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"uitest.cli.commands.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return _verbose(configurable(command))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(distribution.VERSION, prog_name="uitest")
@click.pass_context
def command(context: click.Context) -> None:
    """Run UI test cases in real browsers, keep every attempt, and show the results.

    Options that take a value can be given as environment variables, UITEST_ and their name: UITEST_URL for --url; and
    in uitest.toml, or [tool.uitest] of pyproject.toml, by their name: url = "https://...". uitest config shows them.
    """
    if context.invoked_subcommand in NEED_CASES and (problem := distribution.shadow(Path.cwd())):
        raise UsageError(problem)
    if context.invoked_subcommand in NEED_LINUX:
        requirements.check_system()
    if context.invoked_subcommand in NEED_BROWSERS:
        requirements.check()


command.params.append(VERBOSE)


def check_process(argv: list[str]) -> None:
    """Raises UsageError if the working directory does not exist or an argument is not UTF-8."""
    try:
        Path.cwd()
    except FileNotFoundError as exc:
        raise UsageError("the working directory has been deleted; change to an existing one") from exc
    for argument in argv:
        try:
            argument.encode()
        except UnicodeEncodeError as exc:
            raise UsageError(f"the argument {argument!r} is not valid UTF-8; use UTF-8 for names") from exc


def takes_nothing(stream: TextIO) -> bool:
    """Whether nothing can be written there, tried with an empty line: Python forgets what it could not write."""
    try:
        os.write(stream.fileno(), b"\n")
    except (OSError, ValueError):
        return True
    return False


def _interrupt(_signal: int, _frame: object) -> None:
    """Treat SIGTERM like Ctrl-C, so that a stopped container still writes pages, JUnit file and resumable jobs."""
    raise KeyboardInterrupt


def main(args: list[str] | None = None) -> None:
    """Run the command and exit the process."""
    signal.signal(signal.SIGTERM, _interrupt)
    if note := distribution.other_distribution():
        tell(f"uitest: {note}")
    try:
        sys.exit(exit_code_of(args))
    finally:
        log.stop()


def _show(problem: click.ClickException) -> None:
    """click's message about wrong use, with the source of a value that is not from the command line."""
    source = origin_of_problem(problem)
    if source is not None and not source.startswith("the variable "):
        tell(f"uitest: {source} cannot be used: {problem.message.rstrip('.')}")
        return
    try:
        problem.show()
    except OSError:
        silence(sys.stderr)
    if source is not None:
        tell(f"The value is from {source}.")


def explain(problem: click.ClickException | UitestError) -> int:
    """Tell what went wrong; returns the exit code for it."""
    if isinstance(problem, click.ClickException):
        _show(problem)
    else:
        LOGGER.debug("the command ends with this error", exc_info=problem)
        tell(f"uitest: {problem}")
    return problem.exit_code


def _reader_left(words: list[str]) -> int:
    """The exit code when the reader of our output has closed it, as in ``uitest status | head``.

    It has what it wanted, and ``set -o pipefail`` is to see no failure. Commands that run cases write with
    ``lines.say`` and ``Terminal``, so that they go on and end with the code for their outcome; one that was stopped all
    the same is never green.
    """
    silence(sys.stdout)
    name = next((word for word in words if not word.startswith("-")), "")
    return EXIT_BROKEN if name in ("run", "rerun", "resume", "ci") else 0


def exit_code_of(args: list[str] | None) -> int:
    """Run the command with these arguments, or those of the process; what went wrong is told in one line."""
    words = sys.argv[1:] if args is None else args
    try:
        aliases = apply_aliases(os.environ)
        check_process(words)
        result: Any = command.main(args=args, prog_name="uitest", standalone_mode=False, obj=aliases)
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            silence(sys.stdout)  # what was to be done is done
    except (click.ClickException, UitestError) as exc:
        return explain(exc)
    except (click.Abort, KeyboardInterrupt):
        tell("uitest: interrupted")
        return EXIT_INTERRUPTED
    except (BrokenPipeError, SystemExit) as exc:
        by_rich = isinstance(exc.__context__, BrokenPipeError)
        if isinstance(exc, SystemExit) and not by_rich and not takes_nothing(sys.stdout):
            raise  # otherwise it is what rich or click makes of a closed pipe
        return _reader_left(words)
    except OSError as exc:
        LOGGER.debug("the command ends with this error", exc_info=True)
        file = f" ({exc.filename})" if exc.filename else ""
        what = "standard output cannot be written" if takes_nothing(sys.stdout) else "the operating system reported"
        silence(sys.stdout)
        tell(f"uitest: {what}: {exc.strerror or exc}{file}")
        return EXIT_BROKEN
    return result if isinstance(result, int) else 0
