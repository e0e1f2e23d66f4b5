"""Makes the requests of a trace from the page's own record of them, and from what is known of failed ones. Pure.

Texts are masked and then cut. Besides the masked values, what looks like a credential by its name is hidden: headers
such as ``Cookie``, and fields of bodies such as ``password``.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from uitest.browsers.failed_requests import FailedRequest, Headers
from uitest.trace.command_text import DOTS

ADDRESS_LIMIT = 2_000
"""Characters of an address that a trace keeps; ``look.js`` passes on more, which are masked as well."""
BODY_LIMIT = 4_000
"""Characters of a body that a trace keeps."""
MASKING_LIMIT = 100_000
"""Characters of a body that are masked before it is cut to ``BODY_LIMIT``."""
SAME_S = 0.5
"""Seconds between the times that the browser and the page give for one request, at most."""

Row: TypeAlias = list[Any]
"""A request in a trace: seconds after the beginning, duration, status, bytes, kind, address, and for a failed one what
``details`` returns."""

_CREDENTIAL = (
    r"(?:pass(?:word|wd|phrase)|pwd|secret|token|api[-_]?key|credential|authorization|session[-_]?id|csrf|cvv|cvc)"
)
_CREDENTIAL_HEADER = re.compile(rf"cookie|signature|{_CREDENTIAL}", re.IGNORECASE)
_JSON_FIELD = re.compile(rf'("[^"\\]*{_CREDENTIAL}[^"\\]*"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|[\w.+-]+)', re.IGNORECASE)
_FORM_FIELD = re.compile(rf"((?:^|[&?;\s])[\w.\[\]%-]*{_CREDENTIAL}[\w.\[\]%-]*=)[^&\s;]*", re.IGNORECASE)


def network(
    listed: Mapping[tuple[float, str, str], tuple[float, int, int]],
    failed: Sequence[FailedRequest],
    began: float,
    mask: Callable[[str], str],
) -> list[Row]:
    """The rows of a trace, in order of time.

    ``listed`` are those of the page's own record: time, kind and address; duration, status and bytes. A failed request
    that it lacks, as it was refused for example, becomes a row of its own. ``began`` is the time of the beginning.
    """
    rows: list[Row] = [
        [round(at, 3), round(took, 3), status, size, kind, url]
        for (at, kind, url), (took, status, size) in sorted(listed.items())
    ]
    own: list[Row] = []
    for request in failed:
        row = _row_of(request, rows, request.at - began)
        if row is None:
            row = [round(max(request.at - began, 0.0), 3), round(request.took, 3), 0, 0, request.kind, request.url]
            own.append(row)
        row[2] = request.status
        row.append(details(request, mask))
    for row in (*rows, *own):
        row[5] = _cut(mask(row[5]), ADDRESS_LIMIT)
    return sorted([*rows, *own], key=lambda row: float(row[0]))


def _row_of(request: FailedRequest, rows: Sequence[Row], at: float) -> Row | None:
    """The row of a request that began at about the same time and has no details yet."""
    same = [row for row in rows if row[5].partition("#")[0] == request.url and abs(row[0] - at) <= SAME_S]
    return min((row for row in same if len(row) == 6), key=lambda row: abs(float(row[0]) - at), default=None)


def details(request: FailedRequest, mask: Callable[[str], str]) -> Mapping[str, Any]:
    """Method, problem, headers and bodies, without what is empty."""
    fields = {
        "method": request.method,
        "problem": request.problem,
        "sent": _headers(request.sent_headers, mask),
        "sent_body": _body(request.sent_body, mask),
        "received": _headers(request.received_headers, mask),
        "received_body": _body(request.received_body, mask),
    }
    return {name: value for name, value in fields.items() if value}


def _headers(headers: Headers, mask: Callable[[str], str]) -> list[list[str]]:
    return [
        [name, DOTS if _CREDENTIAL_HEADER.search(name) else _cut(mask(value), BODY_LIMIT)] for name, value in headers
    ]


def _body(body: str | None, mask: Callable[[str], str]) -> str:
    if body is None:
        return ""
    masked = mask(body[:MASKING_LIMIT])
    return _cut(_FORM_FIELD.sub(rf"\1{DOTS}", _JSON_FIELD.sub(rf'\1"{DOTS}"', masked)), BODY_LIMIT)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}…"
