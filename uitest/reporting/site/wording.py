"""How outcomes, times and spans of time are written on the pages."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from uitest.masking import masked
from uitest.model import Outcome

SYMBOLS: Mapping[str, str] = {
    Outcome.PASSED: "✓",
    Outcome.FLAKY: "≈",
    Outcome.SKIPPED: "–",
    Outcome.FAILED: "✗",
    Outcome.ERROR: "!",
    Outcome.LOST: "?",
    Outcome.CANCELLED: "⊘",
    Outcome.RUNNING: "▸",
    Outcome.NOT_STARTED: "○",
}
"""A sign beside each word, so that colour is never the only one. All of them are in every system font."""

ORDER = (
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.LOST,
    Outcome.FLAKY,
    Outcome.PASSED,
    Outcome.SKIPPED,
    Outcome.CANCELLED,
    Outcome.RUNNING,
    Outcome.NOT_STARTED,
)
"""What needs a person first."""

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def legible(text: str) -> bytes:
    """``text`` as UTF-8 without terminal colours; what HTML forbids or UTF-8 cannot say becomes a mark."""
    return _CONTROLS.sub("\ufffd", _COLOURS.sub("", text)).encode("utf-8", "replace")


def clean(text: str) -> str:
    """``text`` as pages may show it: no terminal colours, no control characters, no passwords in addresses."""
    return masked(_CONTROLS.sub("\ufffd", _COLOURS.sub("", text)))


def label(outcome: str) -> str:
    """The outcome in words."""
    return outcome.replace("_", " ")


def counted(number: int, noun: str) -> str:
    """``1 job``, ``2 jobs``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def say(counts: Mapping[str, int]) -> str:
    """``2 failed, 57 passed``: the outcomes there are, worst first; empty if there are none."""
    return ", ".join(f"{counts[outcome]:,} {label(outcome)}" for outcome in ORDER if counts.get(outcome))


def span(seconds: float | None) -> str:
    """A duration for people: ``0.42 s``, ``12.3 s``, ``2 min 05 s``, ``1 h 02 min``; a dash for None."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    seconds = max(seconds, 0.0)
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def _moment(epoch: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(epoch, UTC)
    except (ValueError, OverflowError, OSError):
        return None  # a worker with a broken clock must not cost us the page


def iso(epoch: float) -> str:
    """For ``<time datetime>``: ``2026-01-31T08:15:00Z``; empty for times no calendar has."""
    moment = _moment(epoch)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


def utc(epoch: float) -> str:
    """For people without JavaScript: ``2026-01-31 08:15:00 UTC``."""
    moment = _moment(epoch)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC") if moment else "unknown time"
