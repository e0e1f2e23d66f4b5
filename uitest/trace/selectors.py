"""Describes searches for elements in short.

A module without Selenium, because the pytest plugin needs it in sessions that never use a browser.
"""

import re

SHORT = re.compile(r'\[id="([A-Za-z][\w-]*)"\]')
"""The CSS selector that Selenium sends for an id."""

LINKS = {"link text": "link “{}”", "partial link text": "link with “{}”"}

BY_ATTRIBUTE = {"id": "#{}", "name": '[name="{}"]', "class name": ".{}"}
"""Strategies of ``By`` that Selenium sends as CSS selectors."""


def selector(using: str, value: str) -> str:
    """A search in short: ``#buy``, ``link “Buy”``, ``//button``; the same for ``By.ID`` as for its CSS selector."""
    if using in LINKS:
        return LINKS[using].format(value)
    return SHORT.sub(r"#\1", BY_ATTRIBUTE.get(using, "{}").format(value))
