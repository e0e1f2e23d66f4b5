"""Lines of a browser's console as cases read them, with the same levels in every engine."""

from typing import NamedTuple

LEVELS = {
    "SEVERE": "error", "ERROR": "error", "ASSERT": "error",
    "WARNING": "warning", "WARN": "warning",
    "DEBUG": "debug", "FINE": "debug",
}  # fmt: skip
"""The engines' words that are not for plain information."""


class ConsoleLine(NamedTuple):
    """One line."""

    level: str
    """``error``, ``warning``, ``info`` or ``debug``."""
    text: str
    """In the engine's own words; Chrome begins with address and place."""

    @classmethod
    def of(cls, line: str) -> "ConsoleLine":
        """A line that begins with the engine's word for its level."""
        level, _, text = line.partition(" ")
        return cls(LEVELS.get(level.upper(), "info"), text)
