"""The ``uitest`` command: words in, exit code out.

Every command is one function in a module beside this one, imported when it is called: a command that only reads the
store need not wait for templates and web servers. A user's mistake ends in one line on standard error and the
exit code of its class; a traceback means a defect of ours.
"""

import contextlib
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

import click

from uitest import __version__, requirements
from uitest.cli.origins import origin
from uitest.config import apply_aliases
from uitest.errors import UitestError, UsageError
from uitest.jobs.outcome import EXIT_BROKEN, EXIT_INTERRUPTED

COMMANDS = {
    "run": "run",
    "status": "status",
    "rerun": "rerun",
    "resume": "rerun",
    "cancel": "rerun",
    "modules": "modules",
    "report": "pages",
    "serve": "pages",
    "prune": "pages",
    "doctor": "doctor",
    "local-aws": "local_aws",
}
"""Commands in the order of ``--help``, and the module each is in."""

NEED_BROWSERS = ("run", "rerun", "resume", "doctor")
"""Commands that are no use without a Selenium that works."""


class Commands(click.Group):
    """Finds a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in the order of a run's life."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = getattr(import_module(f"uitest.cli.{COMMANDS[cmd_name]}"), cmd_name.replace("-", "_"))
        return found


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="uitest")
@click.pass_context
def command(context: click.Context) -> None:
    """Run UI test cases in real browsers, keep every attempt, show what became of them.

    Options that take a value can be given as environment variables, UITEST_ and their name: UITEST_URL for --url.
    """
    if context.invoked_subcommand in NEED_BROWSERS:
        requirements.check()


def check_process(words: list[str]) -> None:
    """Raises UsageError for what no command can work with: a folder that is gone, words that are not UTF-8."""
    try:
        Path.cwd()
    except FileNotFoundError as exc:
        raise UsageError("the working directory has been deleted; change into one that exists") from exc
    for word in words:
        try:
            word.encode()
        except UnicodeEncodeError as exc:
            raise UsageError(f"{word!r} is not UTF-8, as every name here must be") from exc


def silence(stream: TextIO) -> None:
    """Let what is still to be written there go nowhere: Python would fail once more at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _interrupt(_signal: int, _frame: object) -> None:
    """A container that is stopped ends like Ctrl-C: with pages, JUnit file and jobs that can be resumed."""
    raise KeyboardInterrupt


def main(args: list[str] | None = None) -> None:
    """Run the command and exit the process."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        aliases = apply_aliases(os.environ)
        check_process(sys.argv[1:] if args is None else args)
        result: Any = command.main(args=args, prog_name="uitest", standalone_mode=False, obj=aliases)
        sys.stdout.flush()
    except click.ClickException as exc:
        exc.show()
        if said := origin(exc):
            click.echo(said, err=True)
        sys.exit(exc.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("uitest: interrupted", err=True)
        sys.exit(EXIT_INTERRUPTED)
    except UitestError as exc:
        click.echo(f"uitest: {exc}", err=True)
        sys.exit(exc.exit_code)
    except BrokenPipeError:
        # Whoever read our output has gone (as in ``uitest status | head``); there is nobody to tell.
        silence(sys.stdout)
        sys.exit(0)
    except OSError as exc:
        silence(sys.stdout)
        about = f" ({exc.filename})" if exc.filename else ""
        click.echo(f"uitest: the operating system says: {exc.strerror or exc}{about}", err=True)
        sys.exit(EXIT_BROKEN)
    sys.exit(result if isinstance(result, int) else 0)
