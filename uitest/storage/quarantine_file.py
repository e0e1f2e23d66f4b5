"""Reads and checks rows of the quarantine: from ``quarantine.toml``, and from what a command was given.

::

    [[quarantine]]
    case = "test_shop::test_pay"
    browser = "webkit"
    error = "no such element"
    owner = "@shop/payments"
    reason = "the new provider is slow"
    link = "https://issues.example/123"
    until = 2026-12-31

``until`` is required, and ``case`` or ``error``.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from uitest.config_keys import suggestion
from uitest.errors import UsageError
from uitest.jobs.plan import check_browsers, check_id
from uitest.quarantine import Quarantine

FILE = "quarantine.toml"
TABLE = "quarantine"
KEYS = ("case", "error", "browser", "owner", "reason", "link", "until")

_HEADING = re.compile(r"^[ \t]*\[\[[ \t]*quarantine[ \t]*\]\]", re.MULTILINE)


def read_quarantine(path: Path) -> dict[str, Quarantine]:
    """The rows of a file in its order, by their places such as ``quarantine.toml:4``; none if it does not exist.

    Raises UsageError naming file and line.
    """
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        if path.is_symlink():
            raise UsageError(f"{path} is a link to {path.readlink()}, which does not exist") from None
        return {}
    except UnicodeError as exc:
        raise UsageError(f"{path} is not UTF-8: {exc}") from exc
    except OSError as exc:
        raise UsageError(f"{path} cannot be read: {exc.strerror}") from exc
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise UsageError(f"{path}: this is not TOML: {exc}") from exc
    except RecursionError as exc:
        raise UsageError(f"{path}: brackets are nested too deeply") from exc
    if unknown := sorted(set(document) - {TABLE}):
        hint = suggestion(unknown[0], {TABLE: None})
        raise UsageError(f"{path}: unknown {unknown[0]!r}{hint}; each row stands under a heading [[{TABLE}]]")
    rows = document.get(TABLE, [])
    if not isinstance(rows, list | dict):
        raise UsageError(f"{path}: {TABLE} is {_shown(rows)}; each row stands under a heading [[{TABLE}]]")
    if isinstance(rows, dict):
        raise UsageError(f"{path}: {TABLE} is one table; write the heading with two brackets, [[{TABLE}]]")
    headings = [text.count("\n", 0, heading.start()) + 1 for heading in _HEADING.finditer(text)]
    quarantine: dict[str, Quarantine] = {}
    places: dict[str, str] = {}
    for number, row in enumerate(rows):
        place = f"{path}:{headings[number]}" if len(headings) == len(rows) else f"{path}: row {number + 1}"
        try:
            parsed = parse_row(row)
        except UsageError as exc:
            raise UsageError(f"{place}: {exc}") from exc
        if (first := places.setdefault(parsed.id, place)) != place:
            raise UsageError(f"{place}: {parsed.subject} is quarantined by the row at {first} too; remove one of them")
        quarantine[place] = parsed
    return quarantine


def parse_row(row: object) -> Quarantine:
    """The row in a table of TOML. Raises UsageError."""
    if not isinstance(row, Mapping):
        raise UsageError(f"{row!r} is not a row; expected a table with case or error, and until")
    if unknown := [name for name in row if name not in KEYS]:
        hint = suggestion(unknown[0], dict.fromkeys(KEYS))
        raise UsageError(f"unknown key {unknown[0]!r}{hint}; known are {', '.join(KEYS)}")
    if "until" not in row:
        raise UsageError("until is missing; give the last day of the quarantine, such as until = 2026-12-31")
    texts = {name: _text(name, row[name]) for name in KEYS if name in row and name not in ("browser", "until")}
    patterns = [texts[name] for name in ("case", "error") if name in texts]
    if patterns and not any(pattern.strip("*") for pattern in patterns):
        raise UsageError("* alone is too broad, it would excuse every failure; name cases, or a part of an error")
    if not patterns:
        raise UsageError("neither case nor error says what is quarantined; give one of them, or both")
    browsers = _browsers(row["browser"]) if "browser" in row else ()
    return Quarantine(_day(row["until"]), browsers=browsers, **texts)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise UsageError(f"{name} is {_shown(value)}; expected a text")
    return check_id(name, value)


def _browsers(value: Any) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise UsageError(f"browser is {_shown(value)}; expected a name, or a list of names")
    if not names:
        raise UsageError("browser is an empty list; leave it out for every browser")
    return check_browsers(names)


def _day(value: object) -> str:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise UsageError(f"until is {_shown(value)}; expected a date such as 2026-12-31") from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise UsageError(f"until is {_shown(value)}; expected a date such as 2026-12-31, without a time")
    return value.isoformat()


def _shown(value: object) -> str:
    text = str(value) if isinstance(value, date) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
