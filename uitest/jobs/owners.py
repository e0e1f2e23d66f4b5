"""Finds who owns a quarantined case, where its row does not say so: pure.

A module names its owner by a tag, ``owner:@shop/payments``. Else ``CODEOWNERS`` names the owner of the case's file: of
its patterns the last that matches counts, as GitHub and GitLab do it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from uitest.model import Module
from uitest.quarantine import Quarantine

TAG = "owner:"
PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where the file may be in a repository; the first that exists counts."""

Owners = Callable[[str], str]
"""The owners of a file by its path from the root of the repository; empty for a file that nobody owns."""


def owned(row: Quarantine, modules: Iterable[Module], files: Mapping[str, str], owners: Owners) -> Quarantine:
    """The row with an owner, if one is known. ``files`` has the path of each case's file."""
    if row.owner or not row.case:
        return row
    own = [module for module in modules if any(row.names(case) for case in module.cases)]
    names = [tag.removeprefix(TAG).strip() for module in own for tag in module.tags if tag.startswith(TAG)]
    names = names or [owners(path) for case, path in files.items() if row.names(case)]
    return replace(row, owner=", ".join(dict.fromkeys(filter(None, names))))


def code_owners(text: str) -> Owners:
    """The owners in the text of a ``CODEOWNERS`` file."""
    lines = [line.partition(" #")[0].split() for line in text.splitlines() if not line.startswith(("#", "[", "^["))]
    rules = [(_pattern(words[0]), " ".join(words[1:])) for words in lines if words]

    def owners(path: str) -> str:
        return next((names for pattern, names in reversed(rules) if pattern.fullmatch(path)), "")

    return owners


def _pattern(text: str) -> re.Pattern[str]:
    """A pattern of ``CODEOWNERS``, which is one of ``.gitignore`` without ``!`` and ``[]``."""
    body = text.strip("/")
    parts = (re.escape(part) if part not in _WILD else _WILD[part] for part in re.split(r"(\*\*/|\*\*|\*|\?)", body))
    start = "" if text.startswith("/") or "/" in body else "(?:.*/)?"
    end = "/.*" if text.endswith("/") and body else "" if body.endswith("*") and body != "*" else "(?:/.*)?"
    return re.compile(start + "".join(parts) + end)


_WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
