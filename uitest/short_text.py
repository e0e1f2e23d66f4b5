"""Short forms of texts: the first line, for lists, and a name that is safe in paths."""

import hashlib
import re

ERROR_LIMIT = 300
"""Maximum number of characters of an error's first line, for lists."""


def first_line(text: str, limit: int = ERROR_LIMIT) -> str:
    """The first line that is not blank, cut to ``limit`` characters."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= limit else line[: limit - 1] + "…"


def safe_name(text: str) -> str:
    """A unique name for ``text`` that is safe in paths, URLs and keys.

    Short plain names stay as they are. Everything else becomes a readable stem, ``~`` (which plain names do not
    contain) and 16 hex digits of its SHA-256.
    """
    if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", text):
        return text
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-")[:60]
    return f"{stem}~{hashlib.sha256(text.encode()).hexdigest()[:16]}"
