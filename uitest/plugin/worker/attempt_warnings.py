"""Turns warnings that are logged during an attempt into warnings of that attempt.

So whatever costs a case something, in any module and any thread, is told with its attempt by one line of code, the
one that logs it. Trade-off: a suite that silences all logging (``logging.disable``) loses these warnings.
"""

import logging
from collections.abc import Sequence
from typing import Self

from uitest.short_text import first_line


class AttemptWarnings(logging.Handler):
    """Keeps the warnings that are logged in a block."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message, without its traceback."""
        self._texts.append(first_line(record.getMessage()))

    def added_to(self, known: Sequence[str]) -> list[str]:
        """What an attempt warns of already, and what was logged beyond that."""
        return [*known, *(text for text in self._texts if not any(warning.endswith(text) for warning in known))]

    def __enter__(self) -> Self:
        logging.getLogger("uitest").addHandler(self)
        return self

    def __exit__(self, *_exc: object) -> None:
        logging.getLogger("uitest").removeHandler(self)
        self.close()
