"""Checks before a run is created: places, addresses, variables, browsers. Each takes at most seconds."""

import http.client
import ssl
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from uitest import extensions
from uitest.browsers.process import discovery
from uitest.config import EXECUTORS, RunSettings
from uitest.errors import BrowserError, PlaceError, UsageError
from uitest.masking import masked
from uitest.storage.files import open_place
from uitest.templates import SAMPLE_URL

TIMEOUT_S = 10.0

URL_SAFE = "%/:=&?~#+!$,;'@()*[]"
"""Characters of an address that are not percent-encoded, as in browsers."""

LOCAL_NAME = ".localhost"
"""End of the names that browsers take for this machine without asking the system, which may not know them.

https://www.rfc-editor.org/rfc/rfc6761#section-6.3
"""


def check_places(settings: RunSettings) -> None:
    """Check that site, artifacts and JUnit file can be written. Raises PlaceError, UsageError."""
    for option, spec in (("--site", settings.site), ("--artifacts", settings.artifacts)):
        try:
            open_place(spec).check()
        except PlaceError as exc:
            raise PlaceError(f"{option}: {exc}") from exc
    if settings.base_site:
        try:
            open_place(settings.base_site)
        except PlaceError as exc:
            raise PlaceError(f"--base-site: {exc}") from exc
    if settings.junit:
        check_file("--junit", settings.junit)


def check_extensions(settings: RunSettings) -> None:
    """Prove that packages bring the executor and the reporters that are not uitest's own. Raises UsageError."""
    if settings.executor not in EXECUTORS:
        extensions.check(extensions.EXECUTORS, settings.executor)
    for name in filter(None, (settings.reporter or "").split(",")):
        extensions.check(extensions.REPORTERS, name)


def check_reach(settings: RunSettings, url: str) -> None:
    """Check that the site under test responds, if cases run on this machine. Raises UsageError.

    Functions in Lambda may use another network, so it is not checked for them.
    """
    if settings.executor == "local" and not settings.no_url_check:
        reach(url, insecure=settings.insecure)


def check_file(option: str, path: str) -> None:
    """Check that a file can be written. Raises PlaceError."""
    if Path(path).is_dir():
        raise PlaceError(f"{option} {path!r} is a folder; name a file")
    try:
        open_place(str(Path(path).parent)).check()
    except PlaceError as exc:
        raise PlaceError(f"{option} {path!r} cannot be written: {exc}") from exc


def check_url(url: str | None) -> str:
    """The address of the site under test without its last slash. Raises UsageError."""
    if not url:
        raise UsageError(
            "the address of the site under test is missing; set --url https://... (or UITEST_URL, WebURL, or url in "
            "uitest.toml)"
        )
    shown = masked(url)
    if any(char.isspace() or not char.isprintable() for char in url):
        raise UsageError(f"{shown!r} is not the address of a site; it contains a space or a control character")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  reading it checks it
    except ValueError as exc:
        raise UsageError(f"{shown!r} is not the address of a site: {exc}") from exc
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{shown!r} is not the address of a site; it must start with http:// or https://")
    return url.rstrip("/")


def reach(url: str, *, insecure: bool = False) -> None:
    """Send one request to the site. Raises UsageError without a response; any response counts, also a redirect.

    With ``insecure`` any certificate is accepted.
    """
    try:
        with _opener(url, insecure=insecure).open(_request(url), timeout=TIMEOUT_S):
            return
    except urllib.error.HTTPError:
        return
    except (OSError, ValueError, http.client.HTTPException) as exc:
        if isinstance(exc, http.client.HTTPException) and not isinstance(exc, http.client.BadStatusLine):
            return  # a response that is too long for http.client, but not for browsers
        reason = getattr(exc, "reason", None) or exc
        advice = "serve it with: uitest serve --sample" if url == SAMPLE_URL else _advice(reason)
        raise UsageError(masked(f"{url} does not answer ({_reason(reason)}); {advice}")) from exc


def _reason(reason: object) -> str:
    if isinstance(reason, http.client.BadStatusLine) and not isinstance(reason, ConnectionError):
        return f"the server there does not speak HTTP: {str(reason).strip()[:60]}"
    return str(reason)


def _advice(reason: object) -> str:
    if isinstance(reason, ssl.SSLCertVerificationError):
        return "accept its certificate with --insecure (browsers will as well), or skip this check with --no-url-check"
    return "is the site running and the address right? (--no-url-check skips this check)"


def _opener(url: str, *, insecure: bool) -> urllib.request.OpenerDirector:
    """An opener that uses the same proxy as browsers and does not follow redirects."""
    host = urlsplit(url).hostname or ""
    context = ssl.create_default_context()
    if insecure:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    elif host.endswith(LOCAL_NAME):
        context.check_hostname = False  # the connection is to localhost, its certificate is for the name
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler({} if _is_this_machine(host) else None),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=context),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _is_this_machine(host: str) -> bool:
    """Whether browsers use no proxy for a host, because it is an address or a name of this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return f".{host}".endswith(LOCAL_NAME)


def _request(url: str) -> urllib.request.Request:
    """A request for the address, encoded in ASCII and with name and password in a header."""
    parts = urlsplit(url)
    name = parts.hostname or ""
    host = name.encode("idna").decode() if ":" not in name else f"[{name}]"
    port = "" if parts.port is None else f":{parts.port}"
    netloc = ("localhost" if name.endswith(LOCAL_NAME) else host) + port
    ascii_url = urlunsplit((parts.scheme, netloc, quote(parts.path, URL_SAFE) or "/", quote(parts.query, URL_SAFE), ""))
    request = urllib.request.Request(ascii_url, headers={"User-Agent": "uitest"})  # noqa: S310  checked by check_url
    request.add_header("Host", host + port)
    if parts.username is not None:
        credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        request.add_header("Authorization", f"Basic {b64encode(credentials.encode()).decode()}")
    return request


def check_mask(settings: RunSettings, environ: Mapping[str, str]) -> None:
    """Check that ``--mask`` names variables that are set, if cases run on this machine. Raises UsageError.

    The message does not repeat the names, because a user may have given a secret value by mistake.
    """
    for number, name in enumerate(filter(None, (settings.mask or "").split(",")), 1):
        if settings.executor == "local" and name not in environ:
            raise UsageError(
                f"name {number} of --mask is not an environment variable that is set; --mask takes the name of a "
                "variable, never its value"
            )


def check_machine(settings: RunSettings, engines: tuple[str, ...]) -> None:
    """Check that browsers and drivers, or the grid, are available, if cases run here. Raises UsageError."""
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
