"""Pages as they were written, and what is in their files."""

import json
import re
from html.parser import HTMLParser
from typing import Any

from tests.support.samples import (
    NOW,
    MemoryPlace,
)
from uitest.model import JobRow, Run
from uitest.reporting.site import Site

VOID = {"meta", "link", "img", "input", "rect"}


class Page(HTMLParser):
    """A page's elements and text; complains about tags that are not closed in order."""

    def __init__(self, source: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(source.decode())
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every element of that name."""
        return [attributes for name, attributes in self.tags if name == tag]


def written(run: Run, rows: list[JobRow], now: float = NOW) -> MemoryPlace:
    """A place with the site of one run."""
    place = MemoryPlace()
    site = Site(place, "../artifacts/")
    site.run(run, rows, now)
    site.home(now)
    return place


def pages(place: MemoryPlace) -> dict[str, Page]:
    """Every page of a site, parsed."""
    return {name: Page(data) for name, data in place.files.items() if name.endswith(".html")}


def data(source: bytes) -> dict[str, Any]:
    """What a page was drawn from."""
    result = re.search(rb'<script type="application/json" id="data">(.*?)</script>', source, re.DOTALL)
    assert result
    view: dict[str, Any] = json.loads(result[1])
    return view
