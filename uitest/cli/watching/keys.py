"""Reads single keys from the terminal."""

import os
import sys
import termios
import tty
from typing import Any, Self


def is_terminal() -> bool:
    """Whether somebody can press keys, and sees what they do."""
    return sys.stdin.isatty() and sys.stdout.isatty()


class Keys:
    """A context in which keys come one by one and are not shown; outside of it the terminal is as it was."""

    def __init__(self) -> None:
        self._fd = sys.stdin.fileno()
        self._before: list[Any] = []

    def __enter__(self) -> Self:
        self._before = termios.tcgetattr(self._fd)
        tty.setcbreak(self._fd, termios.TCSANOW)
        return self

    def __exit__(self, *_: object) -> None:
        termios.tcsetattr(self._fd, termios.TCSANOW, self._before)

    def fileno(self) -> int:
        """A descriptor that is readable when a key was pressed."""
        return self._fd

    def read(self) -> str:
        """The key; empty when the terminal is gone."""
        return os.read(self._fd, 1).decode(errors="replace")
