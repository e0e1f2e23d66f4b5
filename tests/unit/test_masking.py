"""Secrets in texts."""

import html
import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest

from uitest.masking import HIDDEN, address_secrets, masked, secrets_of

SECRET = "a\"b'c <d> & é/+ü?=ß"
SPELLINGS = {
    "itself": SECRET,
    "HTML": html.escape(SECRET),
    "HTML text": html.escape(SECRET, quote=False),
    "markupsafe": html.escape(SECRET).replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
    "address": quote(SECRET, safe=""),
    "path": quote(SECRET),
    "form": quote_plus(SECRET),
    "encodeURIComponent": quote(SECRET, safe="!'()*"),
    "lower-case address": quote(SECRET, safe="").replace("%C3%A9", "%c3%a9"),
    "JSON": json.dumps(SECRET)[1:-1],
    "JSON as it is": json.dumps(SECRET, ensure_ascii=False)[1:-1],
    "JSON in a page": json.dumps(SECRET)[1:-1].replace("<", "\\u003c").replace(">", "\\u003E").replace("/", "\\/"),
    "repr": repr(SECRET)[1:-1],
    "ascii": ascii(SECRET)[1:-1],
    "JSON in HTML": html.escape(json.dumps(SECRET)[1:-1]),
    "HTML in JSON": json.dumps(html.escape(SECRET))[1:-1],
    "address in an address": quote(quote(SECRET, safe=""), safe=""),
    "repr of JSON": repr(json.dumps(SECRET))[2:-2],
}


def test_values_of_named_variables() -> None:
    """The longest first, so that no half of one is left; unknown, empty and tiny ones are none."""
    environ = {"A": "hunter", "B": "hunter22", "EMPTY": "", "TINY": "abc"}
    assert secrets_of(environ, ["A", "B", "EMPTY", "TINY", "NONE"]) == ("hunter22", "hunter")


def test_each_line_of_a_long_value_is_a_secret() -> None:
    """A traceback writes something before each line of a key; short lines are plain words."""
    secrets = secrets_of({"KEY": "-----BEGIN KEY-----\nMIIEowIBAAKC\nend\n"}, ["KEY"])
    assert masked("E   -----BEGIN KEY-----\nE   MIIEowIBAAKC\nE   end", secrets) == "E   ***\nE   ***\nE   end"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("typed p@ss word into #pw", "typed *** into #pw"),
        ("https://x/?q=p%40ss%20word&b", "https://x/?q=***&b"),
        ("https://x/?q=p%40ss+word&b", "https://x/?q=***&b"),
        ("at https://me:s3cret@shop.example:8443/a?b#c", "at https://me:***@shop.example:8443/a?b#c"),
        ("https://me@shop.example/ http://[::1]:80/@x", "https://me@shop.example/ http://[::1]:80/@x"),
        ("http://a:b@c http://d:e@f", "http://a:***@c http://d:***@f"),
        ("http://a:b@c@host/", "http://a:***@host/"),
        ("http://:token@host/", "http://:***@host/"),
        ("postgres://u:pw@db", "postgres://u:***@db"),
    ],
)
def test_secrets_are_masked_plain_and_in_urls(text: str, shown: str) -> None:
    """Secrets are masked plain and percent-encoded, and so are passwords in addresses."""
    assert masked(text, ["p@ss word"]) == shown


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_secret_is_hidden_in_every_encoding(spelling: str) -> None:
    """Formats, and formats inside formats."""
    assert masked(f"before {SPELLINGS[spelling]} after", [SECRET]) == f"before {HIDDEN} after"


@pytest.mark.parametrize("before", ["", "m", "me", "me:", "user:"])
@pytest.mark.parametrize("after", ["", "\n", "ab"])
@pytest.mark.parametrize("secret", ["pass", "hunter2", "hunter22", "hunter2-\xff\xfe?>", "ÿþýÿþý"])
def test_secret_inside_base64_is_hidden(before: str, after: str, secret: str) -> None:
    """As basic authentication sends it; no character with bits of the secret is left."""
    for encode in (b64encode, urlsafe_b64encode):
        whole = encode(f"{before}{secret}{after}".encode()).decode()
        output = masked(f"Basic {whole} x", [secret])
        left, _, right = output.removeprefix("Basic ").removesuffix(" x").partition(HIDDEN)
        assert HIDDEN in output, whole
        assert len(left) <= len(before.encode()) * 8 // 6
        assert len(right.rstrip("=")) <= -(-len(after.encode()) * 8 // 6)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x" * 20 + "hunt…", "x" * 20 + "***…"),
        ("assert 'aahunter...er2-bb' == 1", "assert 'aa***...er2-bb' == 1"),
        ("assert 'aahunter...ter2bb' == 1", "assert 'aa***...***bb' == 1"),
        ("hun... and ...er2", "hun... and ...er2"),
        ("hunter... is no news", "***... is no news"),
    ],
)
def test_cut_secret_is_hidden_from_four_characters_on(text: str, shown: str) -> None:
    """What is left of a secret beside the dots is hidden, from four characters on."""
    assert masked(text, ["hunter2"]) == shown


def test_short_passwords_are_masked_with_the_user_name() -> None:
    """A password is a secret; a short one only together with its user name."""
    result = address_secrets("http://me:s3cr%40t-long@shop/", "http://test:test@grid", "http://shop/", None)
    assert result == ("s3cr@t-long", "test:test")
    assert masked("Authorization: Basic dGVzdDp0ZXN0", result) == "Authorization: Basic ***"
    assert masked("def test_it", result) == "def test_it"


def test_secret_that_is_not_utf8_is_hidden() -> None:
    """An environment may hold any bytes."""
    assert masked("x\udcffyz!", ["x\udcffyz!"]) == HIDDEN
