"""Numbers with the word they count."""


def counted(number: int, word: str) -> str:
    """The number and its word, in the plural unless it is one: ``1 job``, ``2 jobs``."""
    return f"{number} {word}{'' if number == 1 else 's'}"
