"""Reads single keys and short lines from the terminal."""

import os
import select
import sys
import termios
import tty
from typing import Any, Self

ESCAPE = "\x1b"

CLEAR_LINE = f"{ESCAPE}[K"

SEQUENCE_S = 0.05
"""Seconds within which the rest of a key's sequence follows; none does after Esc."""


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
        """The key; a sequence that begins with ESCAPE for keys such as arrows; empty when the terminal is gone."""
        first = os.read(self._fd, 1)
        if first >= b"\xc0":  # a letter of several bytes in UTF-8
            first += os.read(self._fd, 1 + (first >= b"\xe0") + (first >= b"\xf0"))
        if first == ESCAPE.encode() and select.select([self._fd], [], [], SEQUENCE_S)[0]:
            first += os.read(self._fd, 16)
        return first.decode(errors="replace")

    def ask(self, question: str) -> str | None:
        """The line that somebody types; None if Esc, Ctrl-C or Ctrl-D leaves the question, or the terminal is gone."""
        text = ""
        try:
            while True:
                sys.stdout.write(f"\r{CLEAR_LINE}{question}{text}")
                sys.stdout.flush()
                key = self.read()
                if key in ("\r", "\n"):
                    return text.strip()
                if key in ("", ESCAPE, "\x04"):
                    return None
                text = edited(text, key)
        except KeyboardInterrupt:
            return None
        finally:
            sys.stdout.write("\n")
            sys.stdout.flush()


def edited(text: str, key: str) -> str:
    """A line after a key: a character, Backspace, Ctrl-U; others change nothing."""
    if key in ("\x7f", "\b"):
        return text[:-1]
    if key == "\x15":
        return ""
    return text + key if key.isprintable() else text
