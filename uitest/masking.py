"""Secrets do not leave a worker: what is written down is searched for them first.

A secret is the value of a variable that ``--mask`` names (the value itself never is a word of a command line, a setting
or an event), or the password in an address. Given up: pictures, which may show what a page shows, and values of less
than four characters, which would take half of every text with them.
"""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

HIDDEN = "***"
SHORTEST = 4
"""Characters a value must have to be looked for."""

_CREDENTIALS = re.compile(r"(?<=://)([^\s/?#@:]*):[^\s/?#@]+(?=@)")


def secrets_of(environ: Mapping[str, str], names: Iterable[str]) -> tuple[str, ...]:
    """The values of these variables, the longest first: one may hold another."""
    values = {environ.get(name, "") for name in names}
    return tuple(sorted((value for value in values if len(value) >= SHORTEST), key=len, reverse=True))


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """``text`` with ``***`` for each secret, as it is or as an address writes it, and for passwords in addresses."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN).replace(quote(secret, safe=""), HIDDEN)
    return _CREDENTIALS.sub(rf"\1:{HIDDEN}", text)
