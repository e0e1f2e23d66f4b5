"""Normalises error messages, so that the same error of different cases can be grouped."""

import re

LONGEST = 200

_DIFFERS = (
    (re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s'\"<>)]+", re.IGNORECASE), "<url>"),
    (re.compile(r"(?<![\w/])/(?:[\w.@~-]+/)+[\w.@~-]*"), "<path>"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"\b(?:0x[0-9a-f]+|(?=[a-z]*\d)[0-9a-f]{12,})\b", re.IGNORECASE), "<id>"),
    (re.compile(r"'[^']{1,200}'|\"[^\"]{1,200}\""), "'…'"),
    (re.compile(r"\d+(?:[.,:]\d+)*"), "N"),
    (re.compile(r"\s+"), " "),
)
"""Patterns and their replacements, in order: addresses and ids come before the numbers in them."""


def normalised(error: str) -> str:
    """The error without addresses, paths, ids, quoted texts and numbers, cut to ``LONGEST`` characters."""
    for pattern, instead in _DIFFERS:
        error = pattern.sub(instead, error)
    return error.strip()[:LONGEST]
