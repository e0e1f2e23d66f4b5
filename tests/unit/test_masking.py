"""Secrets in texts."""

import pytest

from uitest.masking import masked, secrets_of


def test_values_of_named_variables() -> None:
    """The longest first, so that no half of one is left; unknown, empty and tiny ones are none."""
    environ = {"A": "hunter", "B": "hunter22", "EMPTY": "", "TINY": "abc"}
    assert secrets_of(environ, ["A", "B", "EMPTY", "TINY", "NONE"]) == ("hunter22", "hunter")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("typed p@ss word into #pw", "typed *** into #pw"),
        ("https://x/?q=p%40ss%20word&b", "https://x/?q=***&b"),
        ("at https://me:s3cret@shop.example:8443/a?b#c", "at https://me:***@shop.example:8443/a?b#c"),
        ("https://me@shop.example/ http://[::1]:80/@x", "https://me@shop.example/ http://[::1]:80/@x"),
        ("http://a:b@c http://d:e@f", "http://a:***@c http://d:***@f"),
        ("http://:token@host/", "http://:***@host/"),
        ("postgres://u:pw@db", "postgres://u:***@db"),
    ],
)
def test_masked(text: str, shown: str) -> None:
    """As they are, as an address writes them, and passwords in addresses."""
    assert masked(text, ["p@ss word"]) == shown
