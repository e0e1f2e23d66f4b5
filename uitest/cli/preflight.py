"""What is checked before a run is written down: every mistake that can be told in seconds is told here."""

import http.client
import ssl
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from uitest.browsers.process import discovery
from uitest.config import RunSettings
from uitest.errors import BrowserError, PlaceError, UsageError
from uitest.masking import masked
from uitest.storage.files import open_place

REACH_S = 10.0

URL_SAFE = "%/:=&?~#+!$,;'@()*[]"
"""Characters of an address that stay as they are; browsers encode the others as well."""

LOCAL = ("127.", "localhost", "::1")
"""How hosts begin that are this machine: browsers never ask a proxy for them."""


def check_places(settings: RunSettings) -> None:
    """Prove that site, artifacts and JUnit file can be written. Raises PlaceError, UsageError."""
    for option, spec in (("--site", settings.site), ("--artifacts", settings.artifacts)):
        try:
            open_place(spec).check()
        except PlaceError as exc:
            raise PlaceError(f"{option}: {exc}") from exc
    if settings.junit:
        check_file("--junit", settings.junit)


def check_reach(settings: RunSettings, url: str) -> None:
    """Prove that the site under test answers, where cases run on this machine. Raises UsageError.

    A function may be in a network of its own.
    """
    if settings.executor == "local" and not settings.no_url_check:
        reach(url, insecure=settings.insecure)


def check_file(option: str, path: str) -> None:
    """Prove that a file can be written. Raises PlaceError."""
    if Path(path).is_dir():
        raise PlaceError(f"{option} {path!r} is a folder; name a file")
    try:
        open_place(str(Path(path).parent)).check()
    except PlaceError as exc:
        raise PlaceError(f"{option} {path!r} cannot be written: {exc}") from exc


def check_url(url: str | None) -> str:
    """The address of the site under test without its last slash. Raises UsageError."""
    if not url:
        raise UsageError("say where the site under test is: --url https://... (or UITEST_URL, WebURL)")
    shown = masked(url)
    if any(char.isspace() or not char.isprintable() for char in url):
        raise UsageError(f"{shown!r} is no address of a site; it holds a space or a control character")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  reading it checks it
    except ValueError as exc:
        raise UsageError(f"{shown!r} is no address of a site: {exc}") from exc
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{shown!r} is no address of a site; it must start with http:// or https://")
    return url.rstrip("/")


def reach(url: str, *, insecure: bool = False) -> None:
    """Ask the site once. Raises UsageError if nobody answers; any answer will do, a redirect too.

    With ``insecure`` any certificate is accepted, as browsers do then.
    """
    try:
        with _opener(url, insecure=insecure).open(_request(url), timeout=REACH_S):
            return
    except urllib.error.HTTPError:
        return
    except (OSError, ValueError, http.client.HTTPException) as exc:
        if isinstance(exc, http.client.HTTPException) and not isinstance(exc, http.client.BadStatusLine):
            return  # an answer that is too long for us, which a browser takes
        reason = getattr(exc, "reason", None) or exc
        raise UsageError(masked(f"{url} does not answer ({_told(reason)}); {_advice(reason)}")) from exc


def _told(reason: object) -> str:
    if isinstance(reason, http.client.BadStatusLine) and not isinstance(reason, ConnectionError):
        return f"what listens there does not speak HTTP: {str(reason).strip()[:60]}"
    return str(reason)


def _advice(reason: object) -> str:
    if isinstance(reason, ssl.SSLCertVerificationError):
        return "accept its certificate with --insecure, in browsers too, or leave out this check with --no-url-check"
    return "is the site running and the address right? (--no-url-check leaves out this check)"


def _opener(url: str, *, insecure: bool) -> urllib.request.OpenerDirector:
    """Asks once, by the proxy that browsers would use; follows no redirect, which is a browser's business."""
    context = ssl.create_default_context()
    if insecure:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    here = (urlsplit(url).hostname or "").startswith(LOCAL)
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler({} if here else None),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=context),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _request(url: str) -> urllib.request.Request:
    """The address as HTTP has it: ASCII, and name and password in a header."""
    parts = urlsplit(url)
    host = (
        (parts.hostname or "").encode("idna").decode() if ":" not in (parts.hostname or "") else f"[{parts.hostname}]"
    )
    place = host if parts.port is None else f"{host}:{parts.port}"
    plain = urlunsplit((parts.scheme, place, quote(parts.path, URL_SAFE) or "/", quote(parts.query, URL_SAFE), ""))
    request = urllib.request.Request(plain, headers={"User-Agent": "uitest"})  # noqa: S310  checked by check_url
    if parts.username is not None:
        words = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        request.add_header("Authorization", f"Basic {b64encode(words.encode()).decode()}")
    return request


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
        reach(f"{check_url(settings.grid)}/status", insecure=settings.insecure)
        return
    for engine in engines:
        try:
            discovery.check(engine, "headed" if settings.headed else settings.headless or "shell")
        except BrowserError as exc:
            raise UsageError(str(exc)) from exc
