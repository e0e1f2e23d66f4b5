"""The settings of a browser: a frozen value for a suite, which a case's marker can change."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

from uitest.errors import UsageError

HEADLESS = ("shell", "new", "headed")

SHAPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "arguments": ((list, tuple), "a list of strings"),
    "preferences": ((Mapping,), "a mapping"),
    "capabilities": ((Mapping,), "a mapping"),
    "locale": ((str, type(None)), "a language tag such as de-DE"),
    "mobile": ((str, Mapping, type(None)), "a device's name or its description"),
}
"""Types of a marker's values, and their description for error messages."""


@dataclass(frozen=True)
class Settings:
    """The settings of a browser; the defaults suit a machine without a screen."""

    headless: str = "shell"
    """``shell`` (small headless Chrome where installed), ``new`` (full browser, no window) or ``headed``."""
    window_size: tuple[int, int] = (1366, 768)
    arguments: tuple[str, ...] = ()
    preferences: Mapping[str, Any] = field(default_factory=dict)
    """Chrome profile preferences, Firefox about:config preferences, WebKit: none."""
    capabilities: Mapping[str, Any] = field(default_factory=dict)
    locale: str | None = None
    """Language tag such as ``de-DE``: what the page sees in navigator.language and Accept-Language."""
    mobile: str | Mapping[str, Any] | None = None
    """Chrome: a device name or a ``mobileEmulation`` value; Firefox and WebKit: a mapping with
    ``deviceMetrics`` (width, height) and ``userAgent``."""
    grid: str | None = None
    """URL of a remote Selenium Grid; None runs the browser here."""
    insecure: bool = False
    """Whether any certificate of a site is accepted."""
    direct: bool = True
    """Whether Chrome's plain commands are answered without chromedriver (see ``cdp.commands``)."""

    @property
    def viewport(self) -> tuple[int, int]:
        """Size of the window: that of the mobile device where one is described, else ``window_size``."""
        metrics = {} if self.mobile is None or isinstance(self.mobile, str) else self.mobile.get("deviceMetrics", {})
        width, height = self.window_size
        return int(metrics.get("width", width)), int(metrics.get("height", height))

    def narrowed(self, changes: Mapping[str, Any]) -> Self:
        """These settings with a marker's changes: lists and mappings are added to, the rest is replaced.

        Raises UsageError for a name that is no setting or a value of the wrong shape.
        """
        known = {f.name for f in fields(self)} - {"grid", "direct", "insecure"}
        unknown = sorted(set(changes) - known)
        if unknown:
            raise UsageError(f"browser_options has no {', '.join(unknown)}; it takes {', '.join(sorted(known))}")
        values = dict(changes)
        for name, (kinds, expected) in SHAPES.items():
            if name in values and not isinstance(values[name], kinds):
                raise UsageError(f"browser_options({name}={values[name]!r}): {name} takes {expected}")
        if "arguments" in values:
            values["arguments"] = (*self.arguments, *map(str, values["arguments"]))
        for name in ("preferences", "capabilities"):
            if name in values:
                values[name] = {**getattr(self, name), **values[name]}
        if "window_size" in values:
            values["window_size"] = parse_size(values["window_size"])
        if values.get("headless", "shell") not in HEADLESS:
            raise UsageError(f"headless={values['headless']!r} is none of {', '.join(HEADLESS)}")
        settings = replace(self, **values)
        try:
            settings.viewport  # noqa: B018  reading it checks what a mobile device is described with
        except (TypeError, ValueError, AttributeError) as exc:
            raise UsageError(
                f"browser_options(mobile={values.get('mobile')!r}): deviceMetrics takes width and height in pixels"
            ) from exc
        return settings


def parse_size(value: Any) -> tuple[int, int]:
    """``"1280x720"`` or a pair as (width, height) in CSS pixels. Raises UsageError."""
    parts = value.lower().split("x") if isinstance(value, str) else value
    try:
        width, height = (int(part) for part in parts)
    except (TypeError, ValueError):
        raise UsageError(f"window size {value!r} is not WIDTHxHEIGHT, such as 1280x720") from None
    if not (50 <= width <= 10_000 and 50 <= height <= 10_000):
        raise UsageError(f"window size {width}x{height} is outside 50x50 to 10000x10000")
    return width, height


def explicit(name: str) -> str | None:
    """The path set by ``UITEST_<NAME>``, for binaries and drivers (CHROME, CHROMEDRIVER, FIREFOX, ...)."""
    return os.environ.get(f"UITEST_{name.upper()}") or None
