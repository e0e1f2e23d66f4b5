"""Masks secrets in everything that is stored or printed, before any text is cut.

A secret is the value of a variable in ``--mask`` (the value itself is never on a command line, in a setting or in an
event), or the password in the address of site or grid. It is found in any encoding: each character plain or as in HTML,
addresses, JSON or Python, also nested, and the whole inside Base64, as in basic authentication. Trade-off: screenshots
are not masked, and neither are values of less than four characters, which occur in too many texts.
"""

import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from urllib.parse import quote, unquote, urlsplit

HIDDEN = "***"
SHORTEST = 4
"""Minimum length of a masked value."""
DISTINCT = 8
"""Minimum length at which a line of a longer secret, or a password in an address, is masked on its own: shorter ones
are often plain words."""

_CREDENTIALS = re.compile(r"(?<=://)([^\s/?#@:]*):[^\s/?#\"<>]+(?=@)")
_ELLIPSES = ("...", "…")
_WORDS = re.compile("[A-Za-z0-9]+")

_SPELLINGS: tuple[Callable[[str], str], ...] = (
    html.escape,
    lambda char: f"&#{ord(char)};",
    lambda char: f"&#x{ord(char):x};",
    lambda char: {"'": "&apos;", "\xa0": "&nbsp;"}.get(char, char),
    lambda char: quote(char, safe="", errors="surrogateescape"),
    lambda char: quote(char, safe="", errors="surrogateescape").lower(),
    lambda char: "+" if char == " " else char,
    lambda char: json.dumps(char)[1:-1],
    lambda char: json.dumps(char, ensure_ascii=False)[1:-1],
    lambda char: f"\\u{ord(char):04x}" if ord(char) < 0x10000 else char,
    lambda char: f"\\u{ord(char):04X}" if ord(char) < 0x10000 else char,
    lambda char: f"\\{char}" if char in "/'\"" else char,
    lambda char: repr(char)[1:-1],
    lambda char: ascii(char)[1:-1],
)
"""Encodings of one character that is neither an ASCII letter nor a digit; those are the same in every format."""


def secrets_of(environ: Mapping[str, str], names: Iterable[str]) -> tuple[str, ...]:
    """The values of these variables and the lines of longer ones, longest first, as one may contain another."""
    values = {environ.get(name, "") for name in names}
    lines = {line.strip() for value in values for line in value.splitlines() if len(line.strip()) >= DISTINCT}
    secrets = {value for value in values if len(value) >= SHORTEST} | lines
    return tuple(sorted(secrets, key=lambda value: (-len(value), value)))


def address_secrets(*addresses: str | None) -> tuple[str, ...]:
    """The secrets in these addresses: each password, a short one together with its user name."""
    secrets: list[str] = []
    for address in filter(None, addresses):
        parts = urlsplit(address)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if password:
            secrets.append(password if len(password) >= DISTINCT else f"{user}:{password}")
    return tuple(secrets)


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """``text`` with ``***`` for each secret in any encoding, and for passwords in addresses.

    Where the text has been cut already, the part of a secret beside the ellipsis is masked as well.
    """
    for secret in secrets:
        for word, pattern in _patterns(secret):
            if word in text:
                text = pattern.sub(HIDDEN, text)
        text = _mask_cut_ends(text, secret)
    return _CREDENTIALS.sub(rf"\1:{HIDDEN}", text)


@lru_cache(maxsize=64)
def _patterns(secret: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Patterns that together match every encoding of a secret, each with a word that all its matches contain.

    Searching for the word first is a hundred times faster, as hardly any text contains it.
    """
    texts = {secret: _spelled(secret), **dict(_inside_base64(secret))}
    return tuple(
        (max(_WORDS.findall(text), key=len, default=""), re.compile(pattern)) for text, pattern in texts.items()
    )


def _spelled(text: str) -> str:
    """A pattern for a text with each of its characters in any encoding."""
    return "".join(map(_spelled_char, text))


@cache
def _spelled_char(char: str) -> str:
    once = _respelled({char})
    spellings = sorted(once | _respelled(once), key=lambda spelling: (-len(spelling), spelling))
    return f"(?:{'|'.join(map(re.escape, spellings))})" if len(spellings) > 1 else re.escape(char)


def _respelled(texts: set[str]) -> set[str]:
    return {
        "".join(char if _WORDS.match(char) else spell(char) for char in text) for text in texts for spell in _SPELLINGS
    }


def _inside_base64(secret: str) -> Iterator[tuple[str, str]]:
    """The three texts that a secret becomes within Base64, depending on its offset, and their patterns.

    Characters at both ends contain a few bits of the secret as well.
    """
    data = secret.encode(errors="surrogateescape")
    for before in range(3):
        first, last = -(-before * 8 // 6), (before + len(data)) * 8 // 6
        for encode in (b64encode, urlsafe_b64encode):
            text = encode(bytes(before) + data + bytes(3)).decode()[first:last]
            left = "[A-Za-z0-9+/_-]?" if before else ""
            yield text, f"{left}{_spelled(text)}[A-Za-z0-9+/_-]?"


def _mask_cut_ends(text: str, secret: str) -> str:
    """``text`` with the beginning of a secret before an ellipsis, and its end after one, masked."""
    for dots in _ELLIPSES:
        if dots not in text or not (secret[:SHORTEST] in text or secret[-SHORTEST:] in text):
            continue
        parts = text.split(dots)
        for place in range(len(parts) - 1):
            size = _overlap(parts[place], secret)
            if size:
                parts[place] = parts[place][:-size] + HIDDEN
            size = _overlap(parts[place + 1][::-1], secret[::-1])
            if size:
                parts[place + 1] = HIDDEN + parts[place + 1][size:]
        text = dots.join(parts)
    return text


def _overlap(text: str, secret: str) -> int:
    """Number of characters at the end of ``text`` that begin the secret, if ``SHORTEST`` or more, else 0."""
    end = text[-len(secret) :]
    return next((n for n in range(len(end), SHORTEST - 1, -1) if secret.startswith(end[-n:])), 0)
