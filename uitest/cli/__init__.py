"""The ``uitest`` command: words in, exit code out.

Every command is one function in a module beside this one. A user's mistake ends in one line on standard error and
the exit code of its class; a traceback means a defect of ours.
"""

import os
import sys
from typing import Any

import click

from uitest import __version__
from uitest.cli.doctor import doctor
from uitest.cli.look import prune, report, serve, status
from uitest.cli.modules import modules
from uitest.cli.run import cancel, rerun, resume, run
from uitest.config import apply_aliases
from uitest.errors import UitestError
from uitest.outcome import EXIT_INTERRUPTED


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="uitest")
def command() -> None:
    """Run UI test cases in real browsers, keep every attempt, show what became of them.

    Every option can be given as an environment variable, UITEST_ and its name: UITEST_URL for --url.
    """


for each in (run, status, rerun, resume, cancel, modules, report, serve, prune, doctor):
    command.add_command(each)


def main(args: list[str] | None = None) -> None:
    """Run the command and exit the process."""
    apply_aliases(os.environ)
    try:
        result: Any = command.main(args=args, prog_name="uitest", standalone_mode=False)
    except click.ClickException as exc:
        exc.show()
        sys.exit(exc.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("uitest: interrupted", err=True)
        sys.exit(EXIT_INTERRUPTED)
    except UitestError as exc:
        click.echo(f"uitest: {exc}", err=True)
        sys.exit(exc.exit_code)
    except BrokenPipeError:
        # Whoever read our output has gone (as in ``uitest status | head``); there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(result if isinstance(result, int) else 0)
