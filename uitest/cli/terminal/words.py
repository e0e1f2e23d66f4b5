"""Formats counts with their noun."""


def counted(number: int, word: str) -> str:
    """The number with its noun in singular or plural: ``1 job``, ``2 jobs``."""
    return f"{number} {word}{'' if number == 1 else 's'}"
