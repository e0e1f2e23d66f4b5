"""What is checked before a run is written down: every mistake that can be told in seconds is told here."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from urllib.parse import urlsplit

from uitest.browsers import locate
from uitest.config import RunSettings
from uitest.errors import BrowserError, UsageError
from uitest.places import open_place

REACH_S = 10.0


def check_surroundings(settings: RunSettings, url: str) -> None:
    """Prove that site and artifacts can be written, and that somebody answers where the site under test is.

    The last only where cases run on this machine: a function may be in a network of its own. Raises PlaceError,
    UsageError.
    """
    for spec in (settings.site, settings.artifacts):
        open_place(spec).check()
    if settings.executor == "local":
        reach(url)


def check_url(url: str | None) -> str:
    """The address of the site under test without its last slash. Raises UsageError."""
    if not url:
        raise UsageError("say where the site under test is: --url https://... (or UITEST_URL, WebURL)")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{url!r} is no address of a site; it must start with http:// or https://")
    return url.rstrip("/")


def reach(url: str) -> None:
    """Ask the site once. Raises UsageError if nobody answers; any answer will do."""
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "uitest"})  # noqa: S310  checked by check_url
        with urllib.request.urlopen(request, timeout=REACH_S):  # noqa: S310
            return
    except urllib.error.HTTPError:
        return
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "reason", None) or exc
        raise UsageError(f"{url} does not answer ({reason}); is the site running and the address right?") from exc


def check_mask(settings: RunSettings, environ: Mapping[str, str]) -> None:
    """Prove that ``--mask`` names variables, where cases run on this machine. Raises UsageError without the words.

    Who gives the value itself by mistake must not find it in a log.
    """
    for number, name in enumerate(filter(None, (settings.mask or "").split(",")), 1):
        if settings.executor == "local" and name not in environ:
            raise UsageError(
                f"name {number} of --mask is no variable that is set here; --mask takes the name of an environment "
                "variable, never its value"
            )


def check_machine(settings: RunSettings, engines: tuple[str, ...]) -> None:
    """Prove that browsers and drivers, or the grid, are there, if cases run on this machine. Raises UsageError."""
    if settings.executor != "local":
        return
    if settings.grid is not None:
        reach(f"{settings.grid.rstrip('/')}/status")
        return
    for engine in engines:
        try:
            locate.check(engine, "headed" if settings.headed else settings.headless or "shell")
        except BrowserError as exc:
            raise UsageError(str(exc)) from exc
