"""Lines on standard output and error of commands whose exit code must not depend on whether somebody reads them."""

import contextlib
import os
import sys
from typing import TextIO

import click


def say(text: str | bytes, *, err: bool = False, nl: bool = True) -> None:
    """Write a line as far as the stream takes it; one that has failed once takes no more."""
    try:
        click.echo(text, err=err, nl=nl)
    except OSError:
        silence(sys.stderr if err else sys.stdout)


def tell(text: str) -> None:
    """A line on standard error: what it says is in the exit code, too."""
    say(text, err=True)


def silence(stream: TextIO) -> None:
    """Redirect the stream to /dev/null, so that Python's final flush of it does not fail again."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
